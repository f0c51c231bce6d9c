"""Thin doors of releasing, for staff: the checklist of a window, and asking for its release."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts import second_person
from accounts.doors import SignedInRequest, answer, only_posted
from accounts.models import AskedDeed
from extracts import checklist, drafting, releasing
from extracts.forms import ChangedForm, ReleaseForm
from extracts.models import Release, Run
from submissions.models import Window


@require_safe
def window_release(request: SignedInRequest, key: int) -> HttpResponse:
    """What is to be looked at before the newest run of a window is released."""
    return _page(request, get_object_or_404(Window, id=key))


def _page(
    request: HttpRequest, window: Window, posted: Any = None, status: int = 200
) -> HttpResponse:
    run = _newest(window)
    context: dict[str, Any] = {
        "window": window,
        "run": run,
        "standing": Release.objects.standing().filter(run=run).first() if run else None,
        "asked": second_person.waiting()
        .filter(what="release", subject=f"window {window.id}")
        .first(),
    }
    if run and not context["standing"]:
        context |= _to_release(run, posted, context["asked"])
    return render(request, "extracts/window_release.html", context, status=status)


def _newest(window: Window) -> Run | None:
    """The newest run, once it is done: before, there is nothing to look at."""
    newest = window.runs.order_by("-id").first()
    return newest if newest and newest.status == Run.Status.DONE else None


def _to_release(run: Run, posted: Any, asked: AskedDeed | None) -> dict[str, Any]:
    items = checklist.of(run, drafting.parts(run))
    form = _form(run, items, posted)
    said = checklist.comparable(checklist.plain(items))
    has_changed = asked is not None and checklist.comparable(asked.facts["said"]) != said
    blocks = checklist.blocking(items)
    return {
        "form": form,
        "items": [(one, form[one.name] if one.name in form.fields else None) for one in items],
        "blocks": blocks,
        "has_changed": has_changed,
        "cannot_confirm": blocks or has_changed,
    }


def _form(run: Run, items: list[checklist.Item], posted: Any) -> ReleaseForm:
    """What was said when it was processed again is a beginning of what changed."""
    return ReleaseForm(
        posted,
        items=checklist.to_look_at(items),
        again=Release.objects.filter(run__window=run.window).exists(),
        initial={"why": run.why},
    )


@only_posted("window_release", confirmed=True)
def window_release_ask(request: SignedInRequest, key: int) -> HttpResponse:
    """What is ticked and written stays in the form when something is missing."""
    window, changed = get_object_or_404(Window, id=key), ChangedForm(request.POST)
    if not changed.is_valid():
        return _page(request, window, request.POST, status=422)
    why = changed.cleaned_data["why"]
    try:
        answer(
            request,
            lambda: releasing.ask(
                window=window, by=request.user, ticked=set(request.POST), why=why
            ),
            "You have asked for the statistics to be released. It is done once another member of "
            "staff confirms it.",
        )
    except releasing.Incomplete:
        return _page(request, window, request.POST, status=422)
    return redirect("window_release", key)
