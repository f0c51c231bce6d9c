"""What weighs most needs a second person: one member of staff asks, another confirms, and only then
it is done. Each such deed registers itself here by name."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import audit, outbox
from accounts.clock import now
from accounts.models import AskedDeed, User
from accounts.refusals import Refusal

# What was asked for longer ago is asked for anew: the world has moved on.
GOOD_FOR = timedelta(days=2)

Do = Callable[..., Any]
DEEDS: dict[str, Do] = {}
# Where a deed is looked at before it is confirmed: the name of the address, and of the fact that is
# its argument.
PAGES: dict[str, tuple[str, str]] = {}


def needs_second_person(what: str, *, page: str = "", of: str = "") -> Callable[[Do], Do]:
    """Enter the decorated function, which takes `by`, `asked_by` and the facts as keyword
    arguments, does the deed in the caller's transaction and raises Refusal when it cannot. With a
    `page`, that page of the fact `of` has the button that confirms."""

    def enter(do: Do) -> Do:
        DEEDS[what] = do
        if page:
            PAGES[what] = page, of
        return do

    return enter


def ask(*, what: str, subject: str, words: str, by: User, **facts: Any) -> AskedDeed:
    """Ask for a deed; the other staff are told. `words` say what will happen ("Publish the extracts
    of …"), `facts` are what the deed is given.

    Raises KeyError for a deed that nobody entered, Refusal when the same is asked for already.
    """
    DEEDS[what]
    lapse()
    try:
        with transaction.atomic():
            asked = AskedDeed.objects.create(
                what=what, subject=subject, words=words, facts=facts, asked_by=by
            )
            audit.record("second person asked", by=by, deed=what, subject=subject, asked=asked.id)
            _tell_the_others(asked)
    except IntegrityError:
        earlier = AskedDeed.objects.get(what=what, subject=subject, decided_at=None)
        words = f"{earlier.asked_by} has asked for this already: it waits for a second person."
        raise Refusal(words) from None
    return asked


def _tell_the_others(asked: AskedDeed) -> None:
    others = User.objects.staff().exclude(id=asked.asked_by_id)
    outbox.write(
        others,
        f"Waits for a second person: {asked.what} ({asked.subject})",
        f"{asked.asked_by} asks for this:\n\n{asked.words}\n\n"
        f"It is done once another member of staff confirms it:\n"
        f"{settings.SITE_ADDRESS}/desk/second-person/\n",
    )


@transaction.atomic
def lapse() -> None:
    """Whatever was asked for too long ago is taken back."""
    open_ones = AskedDeed.objects.select_for_update(skip_locked=True).filter(decided_at=None)
    for asked in open_ones.filter(asked_at__lt=now() - GOOD_FOR):
        asked.decided_at, asked.outcome = now(), AskedDeed.Outcome.TAKEN_BACK
        asked.save(update_fields=["decided_at", "outcome"])
        audit.record("second person lapsed", by=None, deed=asked.what, asked=asked.id)


def waiting() -> Any:
    """What waits for a second person, the oldest first."""
    lapse()
    return AskedDeed.objects.filter(decided_at=None).select_related("asked_by").order_by("id")


def page(asked: AskedDeed) -> str:
    """The address at which it is looked at before it is confirmed; blank where there is none."""
    name, fact = PAGES.get(asked.what, ("", ""))
    return reverse(name, args=[asked.facts[fact]]) if name else ""


@transaction.atomic
def confirm(*, asked: AskedDeed, by: User) -> None:
    """Do what was asked for. Raises Refusal when it is decided already, when `by` asked for it
    themselves, or when the deed cannot be done any more."""
    asked = _open(asked)
    if asked.asked_by_id == by.id:
        raise Refusal("You asked for this yourself: somebody else has to confirm it.")
    if not asked.asked_by.is_active or not asked.asked_by.is_staff:
        raise Refusal("Who asked for this is not staff any more. Ask for it yourself.")
    DEEDS[asked.what](by=by, asked_by=asked.asked_by, **asked.facts)
    _decide(asked, by, AskedDeed.Outcome.DONE)
    audit.record("second person confirmed", by=by, deed=asked.what, asked=asked.id)


@transaction.atomic
def decline(*, asked: AskedDeed, by: User) -> None:
    """Decline it or, whoever asked for it, take it back. Raises Refusal when it is decided."""
    asked = _open(asked)
    own = asked.asked_by_id == by.id
    outcome = AskedDeed.Outcome.TAKEN_BACK if own else AskedDeed.Outcome.DECLINED
    _decide(asked, by, outcome)
    what = "second person not needed" if own else "second person declined"
    audit.record(what, by=by, deed=asked.what, asked=asked.id)
    if not own:
        words = f"{by} declined what you asked for:\n\n{asked.words}\n"
        outbox.write([asked.asked_by], "Declined by the second person", words)


def _open(asked: AskedDeed) -> AskedDeed:
    """The request under its row's lock, while nobody has decided on it."""
    # Nothing joined: of who waited for the lock it would be as it was before.
    asked = AskedDeed.objects.select_for_update().get(id=asked.id)
    if asked.decided_at:
        whose = f" by {asked.decided_by}" if asked.decided_by else ""
        at = timezone.localtime(asked.decided_at)
        raise Refusal(f"This is {asked.outcome} already{whose}, on {at:%-d %B %Y at %H:%M}.")
    return asked


def _decide(asked: AskedDeed, by: User, outcome: AskedDeed.Outcome) -> None:
    asked.decided_by, asked.decided_at, asked.outcome = by, now(), outcome
    asked.save(update_fields=["decided_by", "decided_at", "outcome"])
