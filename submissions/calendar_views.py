"""Thin doors of the calendar: what is open, the years, the feed, and staff's changes."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import permissions
from accounts.doors import SignedInRequest, answer, only_posted
from accounts.refusals import Refusal
from submissions import calendar, financial_years, proposing
from submissions.calendar_feed import feed
from submissions.forms import DaysForm, DaysFormSet, OpenWindowForm
from submissions.models import Window

FEED = f"{settings.SITE_ADDRESS}/windows/calendar.ics"


@require_safe
def windows(request: SignedInRequest) -> HttpResponse:
    """What is open, what comes next, and this financial year."""
    open_now = Window.objects.open().first()
    upcoming = Window.objects.upcoming().first()
    shown = open_now or upcoming or Window.objects.past().first()
    first_year = financial_years.of(shown.primary_period) if shown else None
    return _windows_page(request, first_year, open_now=open_now, upcoming=upcoming, is_now=True)


@require_safe
def windows_year(request: SignedInRequest, first_year: int) -> HttpResponse:
    """One financial year; 404 for one without a window."""
    return _windows_page(request, first_year)


def _windows_page(request: SignedInRequest, first_year: int | None, **context: Any) -> HttpResponse:
    years = financial_years.all_with_windows()
    if first_year is not None and first_year not in years:
        raise Http404
    context |= {
        "years": [(one, financial_years.words(one)) for one in years],
        "shown": first_year,
        "year_words": financial_years.words(first_year) if first_year is not None else "",
        "windows": financial_years.windows(first_year) if first_year is not None else [],
        "may_change": permissions.may(request.user, "windows_propose"),
        "feed_address": FEED,
        # What calendar programs subscribe to by themselves.
        "feed_subscribe": f"webcal:{FEED.partition(':')[2]}",
    }
    context["drawing"] = financial_years.drawing(context["windows"])
    if context["may_change"]:
        warned = calendar.warnings([calendar.days_of(window) for window in context["windows"]])
        context["slips"] = [
            (window, words)
            for window in context["windows"]
            for words in warned[window.primary_period]
        ]
    return render(request, "submissions/windows.html", context)


@require_safe
def windows_feed(request: HttpRequest) -> HttpResponse:
    """The calendar for calendar programs."""
    content = feed(Window.objects.with_clock(), f"{settings.SITE_ADDRESS}{reverse('windows')}")
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="iapt-windows.ics"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def windows_propose(request: SignedInRequest) -> HttpResponse:
    """A further year by the rules, to be changed and kept; beside it how the rules fit what was
    published."""
    if request.method == "POST":
        forms = DaysFormSet(request.POST)
        if forms.is_valid():
            proposed = [form.days for form in forms]
            try:
                calendar.keep(proposed=proposed, by=request.user)
            except Refusal as refusal:
                return _propose_page(request, forms, refusal=refusal.words, status=422)
            messages.success(request, f"{len(proposed)} windows are in the calendar.")
            return redirect("windows_year", financial_years.of(proposed[0].primary_period))
        return _propose_page(request, forms, status=422)
    first = calendar.first_period_without_window()
    proposed = proposing.propose_year(first, 12)
    return _propose_page(request, DaysFormSet(initial=[one._asdict() for one in proposed]))


def _propose_page(
    request: SignedInRequest, forms: Any, refusal: str = "", status: int = 200
) -> HttpResponse:
    errors = [
        {
            "text": f"{form.period:%B %Y}: {words}" if form.period else words,
            "href": "" if form[name].is_hidden else f"#{form[name].auto_id}",
        }
        for form in forms
        for name, said in form.errors.items()
        for words in said
    ]
    errors += [{"text": words, "href": ""} for words in forms.non_form_errors()]
    if refusal:
        errors.insert(0, {"text": refusal})
    warned = calendar.warnings([form.shown for form in forms if form.shown])
    context = {
        "forms": [(form, warned.get(form.period, [])) for form in forms],
        "management_form": forms.management_form,
        "errors": errors,
        "labels": [label for label, _ in proposing.LABELS.values()],
        "proof": [
            (days.primary_period, _compared(days, proposing.propose(days.primary_period)))
            for days in calendar.published()
        ],
    }
    return render(request, "submissions/windows_propose.html", context, status=status)


def _compared(
    published: proposing.Days, proposed: proposing.Days
) -> list[tuple[str, date, date | None]]:
    """For each day what was published and, where it differs, what the rules propose."""
    return [
        (label, getattr(published, name), _other(getattr(published, name), getattr(proposed, name)))
        for name, (label, _) in proposing.LABELS.items()
    ]


def _other(published: date, proposed: date) -> date | None:
    return proposed if proposed != published else None


@require_http_methods(["GET", "HEAD", "POST"])
def window_edit(request: SignedInRequest, key: int) -> HttpResponse:
    """Other days for an upcoming window. Slips are told beside what is kept all the same."""
    window = get_object_or_404(Window.objects.with_clock(), id=key)
    if request.method != "POST":
        form = DaysForm(initial=calendar.days_of(window)._asdict())
        return _edit_page(request, window, form)
    form = DaysForm(request.POST)
    if not form.is_valid():
        return _edit_page(request, window, form, status=422)
    try:
        calendar.edit(window=window, days=form.days, by=request.user)
    except Refusal as refusal:
        return _edit_page(request, window, form, refusal=refusal.words, status=422)
    messages.success(request, "The window has the days that you gave it.")
    for words in calendar.warnings([form.days])[form.days.primary_period]:
        messages.warning(request, words)
    return redirect("window", key)


def _edit_page(
    request: SignedInRequest, window: Window, form: DaysForm, refusal: str = "", status: int = 200
) -> HttpResponse:
    context = {"window": window, "form": form, "refusal": refusal}
    return render(request, "submissions/window_edit.html", context, status=status)


def _until(request: SignedInRequest) -> date | None:
    """The day that the form names; None, with words on the next page, where it names none."""
    form = OpenWindowForm(request.POST)
    if form.is_valid():
        return form.cleaned_data["until"]
    messages.error(request, " ".join(map(str, form.errors["until"])))
    return None


@only_posted("window")
def window_open(request: SignedInRequest, key: int) -> HttpResponse:
    window = get_object_or_404(Window, id=key)
    if until := _until(request):
        answer(
            request,
            lambda: calendar.open_until(window=window, until=until, by=request.user),
            f"The window is open until the end of {until:%-d %B %Y}. Users of providers are told.",
        )
        if until >= window.processing_week:
            messages.warning(
                request,
                f"That is not before the processing week, of {window.processing_week:%-d %B %Y}, "
                "which the public calendar goes on naming: put up a notice that says when the data "
                "will be there.",
            )
    return redirect("window", key)


@only_posted("window", confirmed=True)
def window_reopen(request: SignedInRequest, key: int) -> HttpResponse:
    window = get_object_or_404(Window, id=key)
    if until := _until(request):
        answer(
            request,
            lambda: calendar.ask_to_reopen(window=window, until=until, by=request.user),
            "You have asked for the window to be opened again. It is done once another member of "
            "staff confirms it.",
        )
    return redirect("window", key)


@only_posted("window", confirmed=True)
def window_close(request: SignedInRequest, key: int) -> HttpResponse:
    window = get_object_or_404(Window, id=key)
    answer(
        request,
        lambda: calendar.close(window=window, by=request.user),
        "The window is closed.",
    )
    return redirect("window", key)
