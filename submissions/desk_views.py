"""Thin doors of the staff's desk: who has sent what, reminders, letters."""

import uuid
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.doors import SignedInRequest, answer, only_posted
from accounts.models import Organisation, User
from submissions import letters as writing
from submissions import reminding, tracking
from submissions.models import Submission, Window
from submissions.models.calendar import Kind, State
from submissions.tracking import Answer, Group

MONTHS = ("6", "12")
# What the tracker can be narrowed to: a word of `Position.group` or `Position.answer`.
NARROWED = [
    Group.SENT,
    Group.NOT_SENT,
    Group.TROUBLE,
    Answer.CHECKING,
    Answer.REJECTED,
    Answer.FAILED,
]


class TrackerForm(forms.Form):
    """What the tracker shows."""

    q = forms.CharField(label="Provider", help_text="Code or part of the name", required=False)
    state = forms.ChoiceField(
        label="Only those that are",
        choices=[("", "All"), *((word.value, word.value.capitalize()) for word in NARROWED)],
        required=False,
    )
    kind = forms.ChoiceField(label="With their", choices=Kind.choices, required=False)
    months = forms.ChoiceField(
        label="Months shown", choices=[(number, number) for number in MONTHS], required=False
    )


def _shown_window() -> Window | None:
    """The one that is open, else the one that closed last."""
    return Window.objects.open().first() or Window.objects.past().first()


@require_safe
def tracker(request: SignedInRequest) -> HttpResponse:
    """All providers by period and kind."""
    asked = {"kind": Kind.PRIMARY.value, "months": MONTHS[0]} | request.GET.dict()
    form = TrackerForm(asked)
    chosen = form.cleaned_data if form.is_valid() else {}
    periods = tracking.newest_periods(int(chosen.get("months") or MONTHS[0]))
    window = _shown_window()
    rows = tracking.rows(periods)
    context: dict[str, Any] = {
        "form": form,
        "window": window,
        "periods": periods,
        "expected": len(rows),
    }
    if window and window.state == State.OPEN:
        context |= reminding.of_window(window, tracking.of_window(window))
    if window:
        kind = chosen.get("kind") or Kind.PRIMARY
        context["narrowed"] = f"{Kind(kind).label} for {window.period(kind):%B %Y}"
        rows = tracking.narrowed(
            rows, chosen.get("q", ""), chosen.get("state", ""), window.period(kind), kind
        )
    context["rows"] = [(row.provider, tracking.cells(row, periods)) for row in rows]
    return render(request, "submissions/tracker.html", context)


@require_safe
def tracker_provider(request: SignedInRequest, code: str) -> HttpResponse:
    """All that one provider sent, whom to call, and the reminders it got."""
    provider = get_object_or_404(Organisation, code=code, role=Organisation.Role.PROVIDER)
    periods = tracking.newest_periods(int(MONTHS[-1]))
    providers = Organisation.objects.filter(id=provider.id)
    [row] = tracking.rows(periods, providers)
    window = Window.objects.open().first()
    lacking = reminding.lacking_of(window, tracking.of_window(window)) if window else []
    attempts = Submission.objects.filter(provider=provider).with_rows().with_standing()
    context = {
        "provider": provider,
        "cells": tracking.cells(row, periods),
        "window": window if any(each.provider == provider for each in lacking) else None,
        "attempts": attempts.select_related("sent_by")[:100],
        "users": User.objects.acting_for(provider).order_by("first_name", "last_name"),
        "reminders": reminding.reminders_of(provider)[:20],
    }
    return render(request, "submissions/tracker_provider.html", context)


@only_posted("window")
def window_nudge(request: SignedInRequest, key: int) -> HttpResponse:
    """Remind one provider (`provider`, its code), or all whose Primary is missing."""
    window = get_object_or_404(Window, id=key)
    code = request.POST.get("provider", "")
    if code and not code.isalnum():
        raise Http404
    providers = Organisation.objects.filter(role=Organisation.Role.PROVIDER)
    provider = get_object_or_404(providers, code=code) if code else None
    answer(
        request,
        lambda: reminding.nudge(window=window, provider=provider, by=request.user),
        f"The users of {provider} are reminded."
        if provider
        else "The users of those whose Primary is missing are reminded.",
    )
    return redirect("tracker_provider", code) if provider else redirect("window", key)


class LetterForm(forms.Form):
    """A letter to users, and the form's own key."""

    once = forms.UUIDField(widget=forms.HiddenInput)
    audience = forms.ChoiceField(
        label="To",
        choices=[(name, each.words) for name, each in writing.AUDIENCES.items()],
        widget=forms.RadioSelect,
    )
    subject = forms.CharField(label="Subject", max_length=150)
    text = forms.CharField(
        label="Text",
        max_length=5000,
        help_text="Never write anything of patients: letters travel over ordinary e-mail.",
        widget=forms.Textarea(attrs={"rows": 10}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def letters(request: SignedInRequest) -> HttpResponse:
    """Write, look at it once more and at how many get it, then send."""
    if request.method != "POST":
        return _letter_page(request, LetterForm(initial={"once": uuid.uuid4()}))
    form = LetterForm(request.POST)
    if not form.is_valid():
        return _letter_page(request, form, status=422)
    if "send" not in request.POST:
        chosen = writing.AUDIENCES[form.cleaned_data["audience"]]
        preview = {"audience": chosen.words, "people": chosen.users().count()}
        # One who only wants to change a word goes on with the same form.
        return _letter_page(request, form, preview if "change" not in request.POST else None)
    answer(
        request,
        lambda: writing.send(**form.cleaned_data, by=request.user),
        "The letter is on its way.",
    )
    return redirect("letters")


def _letter_page(
    request: SignedInRequest,
    form: LetterForm,
    preview: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "preview": preview}
    return render(request, "submissions/letters.html", context, status=status)
