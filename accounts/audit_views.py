"""The staff's page of the audit: who did what, the newest first, by whatever is asked."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import audit
from accounts.doors import SignedInRequest
from accounts.forms import day
from accounts.models import AuditEvent, Organisation, User
from accounts.models.audit import AuditEvents, on_days

ON_A_PAGE = 50
LARGEST_NUMBER = 2**63 - 1


class DaysFilter(forms.Form):
    """From one day to another, in London; and the event behind which a page goes on."""

    first_day = day("From", required=False)
    last_day = day("To", required=False)
    before = forms.IntegerField(
        required=False, min_value=1, max_value=LARGEST_NUMBER, widget=forms.HiddenInput
    )

    def of_these_days(self, events: AuditEvents) -> AuditEvents:
        asked = self.cleaned_data
        chosen = events.filter(on_days(asked["first_day"], asked["last_day"]))
        return chosen.newest_first(before=asked["before"])


class AuditFilter(DaysFilter):
    """What staff ask the audit by; whatever is left out is not asked."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.all(),
        required=False,
        to_field_name="code",
        label="Organisation",
        empty_label="Any",
    )
    who = forms.CharField(
        required=False,
        label="Who: e-mail address",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    what = forms.ChoiceField(
        required=False,
        label="What",
        choices=[("", "Anything"), *((what, what.capitalize()) for what in sorted(audit.EVENTS))],
    )
    field_order = ("organisation", "who", "what", "first_day", "last_day")

    def clean_who(self) -> User | None:
        email = self.cleaned_data["who"].strip()
        if not email:
            return None
        found = User.objects.filter(email__iexact=email).first()
        if found is None:
            raise forms.ValidationError("Nobody here has this e-mail address")
        return found

    def events(self) -> AuditEvents:
        """Of a valid form."""
        asked = {name: self.cleaned_data[name] for name in ("organisation", "what")}
        chosen = {name: value for name, value in asked.items() if value}
        if who := self.cleaned_data["who"]:
            chosen["by"] = who
        return self.of_these_days(AuditEvent.objects.filter(**chosen))


def page_of(events: AuditEvents, request: HttpRequest) -> dict[str, Any]:
    """One page of events that stand in order, and the address of the next; nobody counts them."""
    found = list(events.select_related("by", "organisation")[: ON_A_PAGE + 1])
    shown, older = found[:ON_A_PAGE], ""
    if len(found) > ON_A_PAGE:
        address = request.GET.copy()
        address["before"] = str(shown[-1].id)
        older = address.urlencode()
    return {"events": shown, "older": older, "is_first": not request.GET.get("before")}


def with_accounts(events: Iterable[AuditEvent]) -> list[tuple[AuditEvent, str]]:
    """Each event with its facts in words; an account by whose it is."""
    events = list(events)
    users = User.objects.in_bulk({event.facts.get("account", 0) for event in events})
    rows = []
    for event in events:
        facts = dict(event.facts)
        if user := users.get(facts.get("account", 0)):
            facts["account"] = user.email
        rows.append((event, audit.in_words(facts)))
    return rows


@require_safe
def audit_events(request: SignedInRequest) -> HttpResponse:
    """Who did what, the newest first."""
    form = AuditFilter(request.GET)
    chosen = form.events() if form.is_valid() else AuditEvent.objects.none()
    page = page_of(chosen, request)
    context = {**page, "form": form, "rows": with_accounts(page["events"])}
    return render(request, "accounts/audit_events.html", context)
