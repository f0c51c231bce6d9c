"""Thin doors: downloads for recipients, processing and publishing for staff."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_safe

from accounts import second_person, visitors
from accounts.doors import SignedInRequest, answer, only_posted
from accounts.forms import WhyForm
from extracts import commissioning, differing, downloading, previewing, processing, publishing
from extracts.models import Extract, Release, Run
from submissions import reminding, tracking
from submissions.forms import OpenWindowForm
from submissions.lifecycle import Status
from submissions.models import Submission, Window
from submissions.models.calendar import Kind, State

ON_A_PAGE = 25


@require_safe
def downloads(request: SignedInRequest) -> HttpResponse:
    listed = Extract.objects.seen_by(request.user).with_others()
    page = Paginator(listed, ON_A_PAGE)
    context = {
        "page": page.get_page(request.GET.get("page")),
        "previews": previewing.seen_by(request.user),
    }
    return render(request, "extracts/downloads.html", context)


def takeable(request: SignedInRequest, key: int) -> Extract:
    """An extract that the user may take: published, or a preview; 404 for everything else."""
    published = Extract.objects.seen_by(request.user).kept()
    previews = previewing.seen_by(request.user)
    return published.filter(id=key).first() or get_object_or_404(previews, id=key)


@require_GET
def download(request: SignedInRequest, key: int) -> HttpResponse:
    return as_file(request, takeable(request, key))


def as_file(request: SignedInRequest, extract: Extract) -> HttpResponse:
    """An extract that the user may take."""
    content = downloading.download(
        extract=extract, by=request.user, address=str(visitors.address(request) or "")
    )
    response = HttpResponse(content, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{extract.file_name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@require_safe
def services(request: SignedInRequest) -> HttpResponse:
    """Who of a commissioner's providers has sent what, when, and how good it is: the newest window
    or that of the period asked for, and the months before."""
    windows = commissioning.windows()
    asked = [one for one in windows if f"{one.primary_period:%Y-%m}" == request.GET.get("period")]
    shown = next(iter(asked or windows), None)
    context = {
        "window": shown,
        "windows": windows,
        "positions": [
            commissioning.position(one, windows, shown) for one in request.user.commissioners
        ],
    }
    return render(request, "extracts/services.html", context)


@require_safe
def window(request: SignedInRequest, key: int) -> HttpResponse:
    """The staff's page of a window: who has sent, and the steps from opening to publishing."""
    found = get_object_or_404(Window.objects.with_clock(), id=key)
    context = window_page(found)
    response = render(request, "extracts/window.html", context)
    run = context["run"]
    if request.headers.get("HX-Request") and not (run and run.is_in_hand):
        # It is over: what can be done next stands elsewhere on the page.
        response.headers["HX-Refresh"] = "true"
    return response


def window_page(window: Window) -> dict[str, Any]:
    run = window.runs.select_related("asked_by", "publication__by").first()
    failed = Submission.objects.filter(window=window, status=Status.FAILED)
    is_open, is_closed = window.state == State.OPEN, window.state == State.CLOSED
    is_over = is_closed or window.state == State.PUBLISHED
    asked = list(second_person.waiting().filter(subject=f"window {window.id}"))
    asked_for = {one.what for one in asked}
    context = {
        "window": window,
        "is_open": is_open,
        "is_closed": is_closed,
        "can_open": window.state != State.PUBLISHED and "reopen" not in asked_for,
        "open_form": OpenWindowForm(),
        "asked": asked,
        "senders": senders(window),
        "in_hand": processing.in_hand(window).select_related("provider"),
        "failed": failed.select_related("provider"),
        "run": run,
        "can_process": is_over and not (run and run.is_in_hand),
        "difference": differing.from_the_run_before(run) if run else None,
        "needs_processing_again": run is not None
        and run.stamp is not None
        and processing.needs_processing_again(run),
        "can_publish": is_over
        and "publish" not in asked_for
        and run
        and run.status == Run.Status.DONE
        and not run.is_published,
        "extracts_made": run.extracts.count() if run else 0,
        "national": run.extracts.national() if run and run.is_published else [],
        "releases": Release.objects.filter(run__window=window),
        "can_release": run
        and run.is_published
        and not run.releases.filter(withdrawn_at=None).exists(),
    }
    if is_open:
        rows = tracking.of_window(window)
        context["if_closed"] = tracking.if_closed(window, rows)
        context |= reminding.of_window(window, rows)
    return context


def senders(window: Window) -> list[dict[str, Any]]:
    """Each provider expected, with what stands of it in the window's two periods."""
    primary = {s.provider_id: s for s in processing.standing(window, "P")}
    refresh = {s.provider_id: s for s in processing.standing(window, "R")}
    expected = [
        row.provider
        for row in tracking.of_window(window)
        if any(row.of(window.period(kind), kind).was_here for kind in Kind)
    ]
    return [
        {"provider": p, "primary": primary.get(p.id), "refresh": refresh.get(p.id)}
        for p in expected
    ]


@only_posted("window")
def window_process(request: SignedInRequest, key: int) -> HttpResponse:
    found, form = get_object_or_404(Window, id=key), WhyForm(request.POST)
    # Only a window that was published needs one, and then the deed asks for it.
    why = form.cleaned_data["why"] if form.is_valid() else ""
    answer(
        request,
        lambda: processing.ask(window=found, by=request.user, why=why),
        "Processing has been asked for.",
    )
    return redirect("window", key)


@only_posted("window", confirmed=True)
def window_publish(request: SignedInRequest, key: int) -> HttpResponse:
    found = get_object_or_404(Window, id=key)
    answer(
        request,
        lambda: publishing.ask(window=found, by=request.user),
        "You have asked for the extracts to be published. It is done once another member of staff "
        "confirms it.",
    )
    return redirect("window", key)
