"""Rules on trial: asked of every file, told to staff alone, who see what they would have done."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.doors import SignedInRequest
from submissions.models import Submission, TrialCount
from validation.rule import RULEBOOK, Rule


@dataclass(frozen=True)
class Month:
    """A period: the files accepted for it, in how many of them the rule would have been broken, and
    how often."""

    period: date
    accepted: int
    broken: int
    times: int


@dataclass(frozen=True)
class Trial:
    """A rule on trial and what it would have done, the newest period first."""

    rule: Rule
    months: list[Month]


def on_trial() -> list[Trial]:
    """Every rule on trial, by code."""
    rules = [RULEBOOK[code] for code in sorted(RULEBOOK) if RULEBOOK[code].shadow]
    return [Trial(rule, _months(rule.code)) for rule in rules]


def _months(code: str) -> list[Month]:
    accepted = Submission.objects.accepted()
    found = (
        TrialCount.objects.filter(rule=code, submission__in=accepted)
        .order_by("-submission__period")
        .values_list("submission__period")
        .annotate(Count("submission", distinct=True), Sum("count"))
    )
    files = dict(accepted.order_by().values_list("period").annotate(Count("id")))
    return [Month(period, files[period], broken, times) for period, broken, times in found]


@require_safe
def trials(request: SignedInRequest) -> HttpResponse:
    """What the rules on trial would have done."""
    return render(request, "submissions/trials.html", {"trials": on_trial()})
