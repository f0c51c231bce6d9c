"""What the page of a submission says: the verdict, what to do next, findings by rule."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Prefetch

from submissions.lifecycle import Status
from submissions.models import FindingCount, FindingPlace, Submission
from submissions.models.calendar import State, Window
from validation.finding import Severity
from validation.rule import RULEBOOK

EXAMPLES = 5
COSTS = {
    Severity.REJECT_FILE: "The file is rejected",
    Severity.REJECT_ROW: "Rows are rejected",
    Severity.WARN: "Warnings: the rows are kept",
}
NEXT = {
    Status.RECEIVED: "It waits to be checked. You may leave this page: the receipt is yours.",
    Status.CHECKING: "It is being checked. You may leave this page: the receipt is yours.",
    Status.REJECTED: "Mend what is listed below and send the file again while the window is open. "
    "If an earlier file was accepted, that one still stands.",
    Status.FAILED: "There is nothing for you to do.",
    Status.WITHDRAWN: "It does not count any more.",
}


@dataclass(frozen=True)
class RuleFindings:
    """A rule that was broken: what it says, what to do, how often and where first."""

    code: str
    severity: str
    sentence: str
    advice: str
    counts: list[FindingCount]

    @property
    def count(self) -> int:
        return sum(found.count for found in self.counts)


def page(submission: Submission) -> dict[str, Any]:
    """Everything the page shows of one submission, from stored counts and samples."""
    window = Window.objects.with_clock().get(id=submission.window_id)
    accepted = submission.status == Status.ACCEPTED
    stands = submission.stands
    return {
        "submission": submission,
        "window": window,
        "window_is_open": window.state == State.OPEN,
        "stands": stands,
        "can_withdraw": accepted and window.state == State.OPEN,
        "next_step": _next_accepted(stands) if accepted else NEXT[Status(submission.status)],
        "tables": submission.tables.all(),
        "groups": groups(submission),
        "changes": submission.changes.select_related("by"),
        "status_words": submission.get_status_display(),
    }


def _next_accepted(stands: bool) -> str:
    if stands:
        return (
            "This file stands: it is what will be processed when the window closes. You may send "
            "a better one until then; the last accepted file counts."
        )
    return "A later file was accepted and stands in its place."


def groups(submission: Submission) -> list[dict[str, Any]]:
    """Findings by what they cost, then by rule, the most frequent first."""
    first = FindingPlace.objects.order_by("id")
    found = submission.finding_counts.prefetch_related(
        Prefetch("places", queryset=first[:EXAMPLES], to_attr="examples")
    )
    by_rule = [
        _rule(code, list(counts))
        for code, counts in groupby(sorted(found, key=lambda one: one.rule), lambda one: one.rule)
    ]
    return [
        {"cost": words, "severity": str(severity), "rules": rules}
        for severity, words in COSTS.items()
        if (rules := _of_severity(by_rule, severity))
    ]


def _of_severity(rules: list[RuleFindings], severity: Severity) -> list[RuleFindings]:
    chosen = [rule for rule in rules if rule.severity == severity]
    return sorted(chosen, key=lambda rule: (-rule.count, rule.code))


def _rule(code: str, counts: list[FindingCount]) -> RuleFindings:
    rule = RULEBOOK[code]
    words = counts[0].words if len(counts) == 1 else ""
    column = counts[0].column if len(counts) == 1 else "Item"
    return RuleFindings(code, counts[0].severity, words or rule.say(column), rule.advice, counts)
