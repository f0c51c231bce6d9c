"""What everybody with an account is told when statistics are released or withdrawn: one letter
each, of pages that are there for them."""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts import outbox, permissions
from accounts.clock import london
from accounts.models import User
from extracts.models import Release
from extracts.releases import in_order, page, title

MUST_NOT_BE_SEEN = (
    "These figures must not be seen. Delete every copy that you have, files and printed ones, and "
    "ask everybody whom you gave one to do the same. Nobody but HSCIC staff can read them any more."
)
WRONG = (
    "Do not use its figures any more. If you have copies or have quoted them, mark these as "
    "withdrawn, and tell everybody whom you gave some. The figures can still be read in the "
    "release as it is kept, marked as withdrawn."
)
NOTHING_YET = (
    "Nothing has taken its place yet. You get a letter as soon as something does; it will stand "
    "here, and until then these pages say that it was withdrawn:"
)


def released(release: Release) -> None:
    """Inside the deed's transaction."""
    window = release.run.window
    told = [
        "The data quality report and the statistics are public now:",
        _pages(release),
    ]
    if release.why:
        told[0] = (
            "The data quality report and the statistics are released again. Use these in place of "
            "the earlier ones:"
        )
        told.append(f"What changed, and why: {release.why}")
    again = " again" if release.why else ""
    _tell(release, f"Statistics released{again}: {window}", told, _own_pages)


def withdrawn(release: Release, *, why: str, hidden: bool, others: Iterable[Release] = ()) -> None:
    """What was withdrawn, when and why, what to do with copies, and where the figures stand that
    took their place, or will. Inside the deed's transaction; `others` are hidden with it. It is
    not told who withdrew it: everybody gets this letter."""
    window = release.run.window
    when = london(_when(release, hidden))
    told = [
        f"HSCIC withdrew release {release.id}, of {window}, on {when}. It held:",
        _parts(release),
        f"Why: {why}",
    ]
    told += [f"Withdrawn with it, because it shows the same: release {one.id}." for one in others]
    told.append(MUST_NOT_BE_SEEN if hidden else WRONG)
    if stands := Release.objects.standing().filter(run__window=window).first():
        told += [f"Use release {stands.id} instead, which took its place:", _pages(stands)]
    else:
        told += [NOTHING_YET, _pages(release)]
    _tell(release, f"Statistics withdrawn: {window}", told)


def _when(release: Release, hidden: bool) -> datetime:
    """The moment of this withdrawal, which may be a second one that hides it."""
    kept = Release.objects.get(id=release.id)
    moment = kept.hidden_at if hidden else kept.withdrawn_at
    assert moment is not None
    return moment


def _parts(release: Release) -> str:
    return "\n".join(title(part) for part in in_order(release.parts.defer("content")))


def _pages(release: Release) -> str:
    """Each part, and where it is read."""
    parts = in_order(release.parts.defer("content"))
    return "\n".join(f"{title(part)}\n{settings.SITE_ADDRESS}{page(part)}" for part in parts)


def _tell(
    release: Release,
    subject: str,
    told: list[str],
    own_pages: Callable[[User], list[str]] = lambda user: [],
) -> None:
    whole = f"{settings.SITE_ADDRESS}{reverse('statistics_release', args=[release.id])}"
    window = f"{settings.SITE_ADDRESS}{reverse('window', args=[release.run.window_id])}"
    for user in outbox.registered():
        for_staff = [f"The window is here:\n{window}"] if user.is_staff else []
        body = "\n\n".join(
            [*told, f"The release as it is kept:\n{whole}", *own_pages(user), *for_staff]
        )
        outbox.write([user], subject, f"{body}\n")


def _own_pages(user: User) -> list[str]:
    """Where the exact figures are of what a provider sent, and a commissioner pays for."""
    pages = {
        "quality_mine": "The exact data quality of what you sent",
        "statistics_mine": "The exact figures of your organisations",
    }
    return [
        f"{words}:\n{settings.SITE_ADDRESS}{reverse(page)}"
        for page, words in pages.items()
        if permissions.may(user, page)
    ]
