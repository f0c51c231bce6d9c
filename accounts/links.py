"""Links in letters that prove who follows them: of 256 random bits, good once and for a while.

Reading the page behind a link uses nothing up, as programs that look at letters do so too; the deed
does.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from accounts.clock import clock, now
from accounts.models import Link
from accounts.refusals import Refusal

GOOD_FOR = {
    Link.Purpose.APPROVAL: timedelta(days=14),
    Link.Purpose.INVITATION: timedelta(hours=72),
    Link.Purpose.STAFF: timedelta(hours=72),
}
# The same, as letters and pages say it.
WORDS = {
    Link.Purpose.APPROVAL: f"{GOOD_FOR[Link.Purpose.APPROVAL].days} days",
    Link.Purpose.INVITATION: f"{GOOD_FOR[Link.Purpose.INVITATION] // timedelta(hours=1)} hours",
    Link.Purpose.STAFF: f"{GOOD_FOR[Link.Purpose.STAFF] // timedelta(hours=1)} hours",
}
USED = "This link was used already. Each link works once."
TOO_OLD = "This link is too old."


def make(purpose: Link.Purpose, *, address: str, name: str, **about: Any) -> str:
    """A new link for the letter to `address`, inside the deed's transaction; links made before for
    the same purpose, address and thing stop working. Returns the whole address of its page."""
    earlier = Link.objects.filter(purpose=purpose, address=address, used_at=None, **about)
    earlier.update(expires_at=clock())
    secret = secrets.token_urlsafe(32)
    Link.objects.create(
        purpose=purpose,
        digest=_digest(secret),
        address=address,
        name=name,
        expires_at=clock() + GOOD_FOR[purpose],
        **about,
    )
    page = "approval" if purpose == Link.Purpose.APPROVAL else "invitation"
    return f"{settings.SITE_ADDRESS}{reverse(page, args=[secret])}"


def find(secret: str) -> Link | None:
    """The link of that secret, used or not, too old or not."""
    about = ("certificate__organisation", "guardian", "membership__certificate__organisation")
    return Link.objects.select_related(*about).filter(digest=_digest(secret)).first()


def hindrance(link: Link) -> str:
    """Why the link does not work any more, in words; blank while it works."""
    if link.used_at:
        return USED
    return TOO_OLD if link.expires_at <= now() else ""


def use(link: Link) -> None:
    """Use the link up, inside the deed's transaction. Raises Refusal when it works no more."""
    with transaction.atomic():
        fresh = Link.objects.filter(id=link.id, used_at=None, expires_at__gt=clock())
        if not fresh.update(used_at=clock()):
            link.refresh_from_db()
            raise Refusal(hindrance(link) or TOO_OLD)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
