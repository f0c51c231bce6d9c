"""Thin door: coverage of a window, and what stands out in the figures that its run counted."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.doors import SignedInRequest
from extracts import outliers
from extracts.models import Run
from extracts.outliers import Compared
from submissions import tracking
from submissions.models import Window
from submissions.models.calendar import Kind

NOTHING = Decimal(0)


def _how_far(one: Compared) -> Decimal:
    return -abs(one.change) if one.change is not None else NOTHING


# By what the table can be sorted: words and order.
SORTS: dict[str, tuple[str, Callable[[Compared], Any]]] = {
    "provider": ("Provider", lambda one: one.provider),
    "figure": ("Figure", lambda one: one.asked.figure.title),
    "change": ("Change", _how_far),
}


@require_safe
def statistics_outliers(request: SignedInRequest, key: int) -> HttpResponse:
    """One stage of the newest run of a window, the provisional one where no other is asked for."""
    window = get_object_or_404(Window.objects.with_clock(), id=key)
    kind = Kind.REFRESH if request.GET.get("stage") == Kind.REFRESH else Kind.PRIMARY
    run = window.runs.filter(status=Run.Status.DONE).order_by("-id").first()
    every = outliers.of_run(run, kind) if run else []
    show_all = "all" in request.GET
    sort = request.GET.get("sort", "")
    sort = sort if sort in SORTS else "change"
    shown = [one for one in every if show_all or one.stands_out]
    context = {
        "window": window,
        "run": run,
        "kind": kind,
        "period": window.period(kind),
        "compared": len(every),
        "rows": sorted(shown, key=SORTS[sort][1]),
        "standing_out": sum(one.stands_out for one in every),
        "sort": sort,
        "sorts": [(name, words) for name, (words, _) in SORTS.items()],
        "show_all": show_all,
        "months": outliers.MONTHS,
        "months_needed": outliers.MONTHS_NEEDED,
        "providers_needed": outliers.PROVIDERS_NEEDED,
        "asked": outliers.asked(),
        "coverage": coverage(window, run, kind),
    }
    return render(request, "extracts/statistics_outliers.html", context)


def coverage(window: Window, run: Run | None, kind: Kind) -> dict[str, Any]:
    """Which of the providers that are expected are in a stage of a run, and which are not."""
    expected = list(tracking.expected([window.period(kind)]).order_by("code"))
    there = (
        set(run.frozen.filter(stage=kind).values_list("submission__provider", flat=True))
        if run
        else set()
    )
    return {
        "expected": len(expected),
        "there": sum(one.id in there for one in expected),
        "missing": [one for one in expected if one.id not in there],
    }
