"""Thin door: coverage of a window, and what stands out in the figures that its run counted."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.doors import SignedInRequest
from accounts.models import Organisation
from extracts import counting, outliers
from extracts.models import Run
from extracts.outliers import Compared
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
        "coverage": coverage(run, kind) if run else None,
    }
    return render(request, "extracts/statistics_outliers.html", context)


def coverage(run: Run, kind: Kind) -> dict[str, Any]:
    """Which of the providers that are expected are in a stage of a run, and which are not."""
    (expected,), (there,) = (
        told(run, kind).values() for told in (counting.expected, counting.coverage)
    )
    missing = Organisation.objects.filter(code__in=set(expected) - set(there))
    return {"expected": len(expected), "there": len(there), "missing": missing.order_by("code")}
