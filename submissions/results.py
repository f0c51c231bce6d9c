"""What the page of a submission says: the verdict, what to do next, findings by rule."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import Prefetch

from submissions import reporting
from submissions.lifecycle import Status
from submissions.models import FindingCount, FindingPlace, Submission
from submissions.models.calendar import State, Window
from validation.finding import Severity
from validation.rule import RULEBOOK, Rule

EXAMPLES = 5
# Where the sender asks which records they are.
EXAMPLES_WITH_RECORDS = 100
COSTS = {
    Severity.REJECT_FILE: "The file is rejected",
    Severity.REJECT_ROW: "What rejects rows",
    Severity.WARN: "Warnings: the rows are kept",
}
NEXT = {
    Status.RECEIVED: "You may leave this page: the receipt is yours.",
    Status.CHECKING: "You may leave this page: the receipt is yours.",
    Status.FAILED: "There is nothing for you to do.",
    Status.WITHDRAWN: "It does not count any more.",
}
NOTHING_STANDS = "No file of yours stands for this period and kind yet."


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


def page(
    submission: Submission, *, may_see_records: bool = False, with_records: bool = False
) -> dict[str, Any]:
    """Everything the page shows of one submission, from stored counts and samples; with the
    sender's own identifiers of the records where they were asked for."""
    with_records = with_records and may_see_records
    window = Window.objects.with_clock().get(id=submission.window_id)
    is_open = window.state == State.OPEN
    accepted = submission.status == Status.ACCEPTED
    other = submission.other_standing
    tables = list(submission.tables.all())
    found = groups(submission, with_records=with_records)
    return {
        "submission": submission,
        "window": window,
        "stands": submission.stands,
        "other_standing": other,
        "can_withdraw": submission.stands and is_open,
        "next_step": next_step(submission, other, is_open=is_open),
        "tables": tables,
        "rows_received": sum(table.received for table in tables),
        "rows_rejected": sum(table.rejected for table in tables) if accepted else 0,
        "groups": found,
        "can_see_records": may_see_records and _names_records(found),
        "with_records": with_records,
        "can_send_again": may_see_records and is_open and submission.status == Status.REJECTED,
        "changes": submission.changes.select_related("by"),
        "status_words": submission.get_status_display(),
    }


def _names_records(found: list[dict[str, Any]]) -> bool:
    """Whether some finding is about a record, and not about the file as a whole."""
    counts = (count for group in found for rule in group["rules"] for count in rule.counts)
    return any(place.row and place.detail for count in counts for place in count.examples)


def next_step(submission: Submission, other: Submission | None, *, is_open: bool) -> str:
    """What the sender does now; `other` is the file that stands but for this one."""
    status = Status(submission.status)
    if status == Status.REJECTED:
        mend = "Mend what is listed below and send the file again while the window is open."
        if submission.erase_raw or not submission.stored_as:
            mend = "Send your own file while the window is open."
        kept = f"The earlier file {other.reference} still stands." if other else NOTHING_STANDS
        return f"{mend if is_open else 'The window is closed.'} {kept}"
    if status != Status.ACCEPTED:
        return NEXT[status]
    if not submission.stands:
        return "A later file was accepted and stands in its place."
    if is_open:
        return (
            "This file stands: it is what will be processed when the window closes. You may send "
            "a better one until then; the last accepted file counts."
        )
    return "This file stands. The window is closed, so there is nothing for you to do."


def groups(submission: Submission, *, with_records: bool = False) -> list[dict[str, Any]]:
    """Findings by what they cost, then by rule, the most frequent first."""
    first = FindingPlace.objects.order_by("id")
    most = EXAMPLES_WITH_RECORDS if with_records else EXAMPLES
    found = submission.finding_counts.prefetch_related(
        Prefetch("places", queryset=first[:most], to_attr="examples")
    )
    if with_records:
        for place in (place for count in found for place in count.examples):
            # Empty once the period is purged.
            place.shown = reporting.unseal(bytes(place.detail)) if place.detail else None
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
    return sorted(
        chosen, key=lambda rule: (RULEBOOK[rule.code].is_consequence, -rule.count, rule.code)
    )


def _rule(code: str, counts: list[FindingCount]) -> RuleFindings:
    rule = RULEBOOK[code]
    words = {count.words for count in counts}
    said = words.pop() if len(words) == 1 else ""
    sentence = said or _say(rule, [count.column for count in counts])
    return RuleFindings(code, counts[0].severity, sentence, rule.advice, counts)


def _say(rule: Rule, columns: list[str]) -> str:
    """The rule's sentence about its column; about several it names none, as each has a line."""
    if len(columns) == 1:
        return rule.say(columns[0])
    several = "An item" if rule.sentence.startswith("{column}") else ""
    return " ".join(rule.say(several).split())
