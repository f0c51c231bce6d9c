"""What concerns an organisation: who did what for it, and who took its data."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.audit_views import DaysFilter, page_of
from accounts.doors import SignedInRequest
from accounts.models import AuditEvent, Organisation, User
from extracts.holding import downloads_holding
from extracts.models import Download

ON_A_PAGE = 25
# What staff alone are shown of an event.
OF_STAFF_ALONE = {"address", "account"}


@require_safe
def organisation_audit(request: SignedInRequest, code: str) -> HttpResponse:
    """Of an organisation of one's own; of any for staff."""
    user = request.user
    own = Organisation.objects.all() if user.is_staff else user.organisations
    organisation = get_object_or_404(own, code=code)
    form = DaysFilter(request.GET)
    context: dict[str, Any] = {"organisation": organisation, "form": form, "is_first": True}
    if form.is_valid():
        days = form.cleaned_data["first_day"], form.cleaned_data["last_day"]
        taken = Paginator(downloads_holding(organisation, *days), ON_A_PAGE)
        page = taken.get_page(request.GET.get("page"))
        # What is in the list of who took what need not be told twice.
        about = AuditEvent.objects.about(organisation).exclude(what="extract downloaded")
        told = page_of(form.of_these_days(about), request)
        context |= told | {
            "page": page,
            "query": _days_asked(request),
            "taken": [(one, who_took(one, organisation, user)) for one in page],
            "rows": [(event, who_did(event, user), facts(event, user)) for event in told["events"]],
        }
    return render(request, "extracts/organisation_audit.html", context)


def _days_asked(request: SignedInRequest) -> str:
    asked = request.GET.copy()
    for name in ("page", "before"):
        asked.pop(name, None)
    return f"{asked.urlencode()}&" if asked else ""


def who_took(download: Download, organisation: Organisation, viewer: User) -> str:
    """Own people by name; of another organisation, whose data user it was. Staff see all."""
    recipient = download.extract.recipient
    if viewer.is_staff or recipient == organisation:
        return named(download.by, viewer)
    return f"a data user of {recipient.code}" if recipient else "HSCIC staff"


def who_did(event: AuditEvent, viewer: User) -> str:
    if event.by is None:
        return audit.WITHOUT_ACCOUNT.get(event.what, "the portal")
    if event.by.is_staff and not viewer.is_staff:
        return "HSCIC staff"
    return named(event.by, viewer)


def named(user: User, viewer: User) -> str:
    return f"{user} ({user.email})" if viewer.is_staff else str(user)


def facts(event: AuditEvent, viewer: User) -> str:
    hidden = set() if viewer.is_staff else OF_STAFF_ALONE
    return audit.in_words({key: said for key, said in event.facts.items() if key not in hidden})
