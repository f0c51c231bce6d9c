"""Notices on every page: put up and taken down by staff."""

from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.clock import now
from accounts.models import Notice, User
from accounts.refusals import Refusal


@transaction.atomic
def put_up(
    *,
    text: str,
    kind: str,
    for_everybody: bool,
    starts_at: datetime,
    ends_at: datetime,
    by: User,
) -> Notice:
    """Show `text` on every page from one moment to another. Raises Refusal when it would be over
    before it begins, or is over already."""
    if ends_at <= max(starts_at, now()):
        raise Refusal("A notice ends after it begins, and later than now.")
    notice = Notice.objects.create(
        text=text,
        kind=kind,
        for_everybody=for_everybody,
        starts_at=starts_at,
        ends_at=ends_at,
        put_up_by=by,
    )
    audit.record("notice put up", by=by, notice=notice.id, kind=kind)
    return notice


@transaction.atomic
def take_down(*, notice: Notice, by: User) -> None:
    """Show it no longer. Raises Refusal when somebody has taken it down, or it is over."""
    locked = Notice.objects.select_for_update(of=("self",)).select_related("taken_down_by")
    notice = locked.get(id=notice.id)
    if notice.taken_down_at:
        raise Refusal(f"{notice.taken_down_by} has taken this notice down already.")
    if notice.ends_at <= now():
        raise Refusal("This notice is over already.")
    notice.taken_down_by, notice.taken_down_at = by, now()
    notice.save(update_fields=["taken_down_by", "taken_down_at"])
    audit.record("notice taken down", by=by, notice=notice.id)
