"""Thin doors: a provider's main figures while there is still time."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.doors import SignedInRequest
from extracts import figures, previewing
from extracts.models import Extract
from submissions.models import Submission
from submissions.models.calendar import Kind
from submissions.periods import month_before


@require_safe
def submission_if_final(request: SignedInRequest, number: int) -> HttpResponse:
    """The month's figures if the file were the last one, beside those of the month before and, for
    a Refresh, the Primary's."""
    own = Submission.objects.filter(provider__in=request.user.providers)
    submission = get_object_or_404(own.select_related("provider", "window"), id=number)
    run = previewing.of(submission)
    extract = run.extracts.select_related("run").first() if run else None
    context: dict[str, Any] = {
        "submission": submission,
        "is_wanted": previewing.wanted().filter(id=submission.id).exists(),
        "run": run,
        "extract": extract,
    }
    if extract:
        columns = [("This file", extract), *_beside(submission)]
        context["columns"] = columns
        context["lines"] = figures.beside([one.figures if one else {} for _, one in columns])
    return render(request, "extracts/submission_if_final.html", context)


def _beside(submission: Submission) -> list[tuple[str, Extract | None]]:
    """What its figures are compared with, and what that is called."""
    before = month_before(submission.period)
    found = previewing.newest(submission.provider, before)
    words = f"{before:%B %Y}, {found.stage_words}" if found else f"{before:%B %Y}"
    columns = [(words, found)]
    if submission.kind == Kind.REFRESH:
        primary = previewing.newest(submission.provider, submission.period, stage=Kind.PRIMARY)
        columns.insert(0, ("The Primary", primary))
    return columns
