"""Releasing: the data quality report and the statistics of a run become public together, after its
extracts were published; withdrawing them, when they turn out to be wrong or must not be seen."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import audit, second_person
from accounts.clock import now
from accounts.models import AskedDeed, User
from accounts.refusals import Refusal
from extracts import checklist, drafting, release_letters, releases
from extracts.models import Release, ReleasedPart, Run
from submissions.calendar import lock_for_change
from submissions.models import Window

CHECKLIST_IN_THE_WAY = "This stands in the way:"
SAY_WHY = "Something was released of this window before. Say what changed, and why."


class Incomplete(Exception):
    """A tick or a reason is missing: whoever asks can add it."""


def ask(*, window: Window, by: User, ticked: Collection[str] = (), why: str = "") -> AskedDeed:
    """Ask for a second person to release what the newest run counted. `ticked` are the items of the
    checklist that were looked at, `why` what changed since the release before, if there is one.

    Raises Refusal as `release` does and when somebody has asked already; Incomplete without a
    reason, and when an item is not ticked that says "look".
    """
    with transaction.atomic():
        window = lock_for_change(window)
        newest = _releasable(window)
        items = checklist.of(newest, drafting.parts(newest))
        _refuse_what_blocks(items)
        not_ticked = [one.title for one in checklist.to_look_at(items) if one.name not in ticked]
        if not_ticked:
            raise Incomplete(f"Tick that you have looked at: {', '.join(not_ticked)}.")
        if not why and _was_released(window):
            raise Incomplete(SAY_WHY)
    return second_person.ask(
        what="release",
        subject=f"window {window.id}",
        words=f"Release the data quality report and the statistics of {window} to the public.",
        by=by,
        window=window.id,
        run=newest.id,
        why=why,
        ticked=[one.name for one in checklist.to_look_at(items)],
        said=checklist.plain(items),
    )


@second_person.needs_second_person("release", page="window_release", of="window")
def release_as_asked(
    *,
    by: User,
    asked_by: User,
    window: int,
    run: int,
    why: str,
    ticked: Sequence[str],
    said: list[dict[str, Any]],
) -> None:
    """What `ask` asked for, once it is confirmed. Raises Refusal when the window was processed
    again meanwhile, or the checklist says something else by now: nobody has looked at that."""
    found = Window.objects.get(id=window)
    if found.runs.filter(id__gt=run).exists():
        raise Refusal("This window was processed again after that. Decline it and ask anew.")
    made = release(window=found, by=by, asked_by=asked_by, why=why, ticked=ticked)
    if checklist.comparable(made.checklist["said"]) != checklist.comparable(said):
        raise Refusal("The checklist says something else by now. Decline it and ask anew.")


@transaction.atomic
def release(
    *,
    window: Window,
    by: User,
    asked_by: User | None = None,
    why: str = "",
    ticked: Sequence[str] = (),
) -> Release:
    """Make public what the newest run counted: all parts of it or none, kept as they are shown;
    what stood of the window until now is withdrawn. `by` confirmed what `asked_by` asked for.

    Raises Refusal when it is released already, its extracts are not published, the checklist has
    something in the way, or there is no reason though something was released before.
    """
    window = lock_for_change(window)
    newest = _releasable(window)
    if not why and _was_released(window):
        raise Refusal(SAY_WHY)
    drafts = drafting.parts(newest)
    items = checklist.of(newest, drafts)
    _refuse_what_blocks(items)
    earlier = Release.objects.standing().filter(run__window=window).first()
    made = Release.objects.create(
        run=newest,
        by=by,
        asked_by=asked_by,
        why=why,
        checklist={"said": checklist.plain(items), "ticked": [*ticked]},
    )
    ReleasedPart.objects.bulk_create(
        ReleasedPart(release=made, **draft._asdict()) for draft in drafts
    )
    if earlier:
        _withdraw(earlier, by, f"Release {made.id} took its place. {why}", now())
    audit.record(
        "statistics released",
        by=by,
        run=newest.id,
        release=made.id,
        parts=len(drafts),
        checklist=", ".join(f"{item.name} {item.verdict}" for item in items),
        ticked=", ".join(ticked),
        **_more(asked_by, why, replaces=earlier.id if earlier else None),
    )
    release_letters.released(made)
    return made


def _releasable(window: Window) -> Run:
    """The run that can be released, of a window that is locked. Raises Refusal."""
    newest = window.runs.order_by("-id").first()
    if newest is None or not newest.is_published:
        raise Refusal("The extracts of this window are not published yet. They come first.")
    if newest.releases.filter(withdrawn_at=None).exists():
        raise Refusal("The statistics of this window are released already.")
    return newest


def _was_released(window: Window) -> bool:
    return Release.objects.filter(run__window=window).exists()


def _refuse_what_blocks(items: list[checklist.Item]) -> None:
    if blocks := checklist.blocking(items):
        told = " ".join(words for item in blocks for words in item.words)
        raise Refusal(f"{CHECKLIST_IN_THE_WAY} {told}")


def _more(asked_by: User | None, why: str, **more: Any) -> dict[str, Any]:
    """Facts of an event that are not always there."""
    facts = {"asked_by": asked_by.id if asked_by else None, "why": why, **more}
    return {name: value for name, value in facts.items() if value}


def _withdraw(release: Release, by: User, why: str, at: datetime) -> None:
    """Write down that a release is withdrawn, if it still stands: what was said of an earlier
    withdrawal stays."""
    standing = Release.objects.standing().filter(id=release.id)
    standing.update(withdrawn_at=at, withdrawn_by=by, why_withdrawn=why)


def _hide(release: Release, by: User, why: str, at: datetime) -> None:
    """Write down that a release that is withdrawn must not be seen."""
    Release.objects.filter(id=release.id).update(hidden_at=at, hidden_by=by, why_hidden=why)


# -- withdrawing ----------------------------------------------------------------------------------


def ask_to_withdraw(*, release: Release, by: User, why: str, hidden: bool) -> AskedDeed:
    """Ask for a second person to withdraw a release. Raises Refusal as `withdraw` does, and when
    somebody has asked already."""
    with transaction.atomic():
        release = _locked(release)
        _refuse_unless_withdrawable(release, why, hidden=hidden)
        others = releases.alike(release).whole if hidden else []
    how = "nobody but staff sees it any more" if hidden else "its figures stay readable"
    if others:
        how += f"; hidden with it, as they show the same: {_named(others)}"
    return second_person.ask(
        what="withdraw release",
        subject=f"release {release.id}",
        words=f"Withdraw release {release.id}, of {release.run.window} ({how}): {why}",
        by=by,
        release=release.id,
        why=why,
        hidden=hidden,
    )


@second_person.needs_second_person("withdraw release", page="statistics_release", of="release")
def withdraw_as_asked(*, by: User, asked_by: User, release: int, why: str, hidden: bool) -> None:
    """What `ask_to_withdraw` asked for, once it is confirmed."""
    found = Release.objects.get(id=release)
    withdraw(release=found, by=by, asked_by=asked_by, why=why, hidden=hidden)


@transaction.atomic
def withdraw(
    *, release: Release, by: User, why: str, hidden: bool, asked_by: User | None = None
) -> None:
    """Withdraw a release: it says so from now on, for the reason `why`, and stands nowhere. What it
    shows stays readable at its own address unless it is `hidden` from all but staff.

    Raises Refusal without a reason, and when it is withdrawn already; one that was not hidden can
    be withdrawn once more, to hide it. Whatever shows the same is hidden with it.
    """
    release = _locked(release)
    _refuse_unless_withdrawable(release, why, hidden=hidden)
    others = releases.alike(release).whole if hidden else []
    at = now()
    for one in [release, *others]:
        _withdraw(one, by, why, at)
        if hidden:
            _hide(one, by, why, at)
    audit.record(
        "statistics withdrawn",
        by=by,
        release=release.id,
        hidden=hidden,
        **_more(asked_by, why, hidden_with=_named(others)),
    )
    release_letters.withdrawn(release, why=why, hidden=hidden, others=others)


def _named(several: list[Release]) -> str:
    return ", ".join(f"release {one.id}" for one in several)


def _locked(release: Release) -> Release:
    """As it is now, while nothing is released or withdrawn of its window."""
    lock_for_change(release.run.window)
    return Release.objects.select_related("run__window").get(id=release.id)


def _refuse_unless_withdrawable(release: Release, why: str, *, hidden: bool) -> None:
    if not why:
        raise Refusal("Say why it is withdrawn: everybody can read it.")
    if release.hidden:
        raise Refusal("This release is withdrawn already, and nobody but staff sees it.")
    if release.withdrawn_at and not hidden:
        raise Refusal("This release is withdrawn already.")
