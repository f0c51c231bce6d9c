"""What everybody with an account is told when statistics are released or withdrawn: one letter
each, of pages that are there for them."""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.urls import reverse

from accounts import outbox, permissions
from accounts.models import User
from extracts.models import Release
from extracts.releases import in_order, page, title


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
    """Inside the deed's transaction; `others` are hidden with it."""
    more = "".join(f", with it release {one.id}, which shows the same" for one in others)
    told = [
        f"Release {release.id}, of {release.run.window}, is withdrawn{more}:",
        _parts(release),
        f"The reason: {why}",
    ]
    if hidden:
        told.append(
            "These figures must not be seen. If you have copies of them, delete these, and ask "
            "whomever you gave some to do the same."
        )
    else:
        told.append(
            "Do not use its figures any more. They stay to be read where they were, marked as "
            "withdrawn."
        )
    if stands := Release.objects.standing().filter(run__window=release.run.window).first():
        told.append(f"Release {stands.id}, which took its place, stands.")
    _tell(release, f"Statistics withdrawn: {release.run.window}", told)


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
