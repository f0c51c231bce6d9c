"""What the page of a submission says: the verdict, what to do next, findings by rule."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from submissions.lifecycle import Status
from submissions.models import FindingCount, Submission
from submissions.models.calendar import State, Window
from validation import report
from validation.finding import Cost, Severity, cost_of
from validation.rule import ORGANISATIONS, RULEBOOK, Rule

# So many rules, columns of a rule and words about it are named before the rest is only counted.
MENDED_FIRST = 3
COLUMNS_NAMED = 2
WORDS_SAID = 5
NEXT = {
    Status.RECEIVED: "You may leave this page: the receipt is yours.",
    Status.CHECKING: "You may leave this page: the receipt is yours.",
    Status.FAILED: "There is nothing for you to do.",
    Status.WITHDRAWN: "It does not count any more.",
}
NOTHING_STANDS = "No file of yours stands for this period and kind yet."


@dataclass(frozen=True)
class RuleFindings:
    """A rule that was broken, in however many columns: what it says, costs and advises."""

    code: str
    cost: Cost
    counts: list[FindingCount]

    @property
    def rule(self) -> Rule:
        return RULEBOOK[self.code]

    @property
    def count(self) -> int:
        return sum(found.count for found in self.counts)

    @property
    def columns(self) -> list[str]:
        return list(dict.fromkeys(found.column for found in self.counts if found.column))

    @property
    def places(self) -> str:
        """Tables and columns, the first of them by name."""
        named = dict.fromkeys(".".join(filter(None, (c.table, c.column))) for c in self.counts)
        return _some([name for name in named if name])

    @property
    def sentence(self) -> str:
        """What exactly is wrong, where that is one thing; else the rule's sentence about its
        columns: "Gender is missing.", "Gender, Ethnicity and 3 more: missing." """
        if {found.words for found in self.counts} == set(self.words[:1]):
            return self.words[0]
        names = _some(self.columns)
        said = _say(self.rule, names)
        return said.replace(f"{names} is ", f"{names}: ") if len(self.columns) > 1 else said

    @property
    def words(self) -> list[str]:
        return list(dict.fromkeys(found.words for found in self.counts if found.words))

    @property
    def said(self) -> list[str]:
        """What exactly is wrong, of each, where that is more than the sentence says."""
        return [words for words in self.words[:WORDS_SAID] if words != self.sentence]

    @property
    def not_said(self) -> int:
        return max(0, len(self.words) - WORDS_SAID)

    @property
    def order(self) -> tuple[int, bool, int, str]:
        return report.order_of(self.code, self.counts[0].severity, self.count)


def _say(rule: Rule, names: str) -> str:
    """The rule's sentence about columns; about none where they are not known."""
    return " ".join(rule.say(names).split())


def _some(names: list[str]) -> str:
    """The first names, and how many more."""
    more = len(names) - COLUMNS_NAMED
    if more > 1:
        return f"{', '.join(names[:COLUMNS_NAMED])} and {more} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


@dataclass(frozen=True)
class NotAsked:
    """A rule that was not asked, and why."""

    code: str
    sentence: str
    reason: str


def page(submission: Submission, *, is_sender: bool = False) -> dict[str, Any]:
    """Everything the page shows of one submission, from stored counts."""
    window = Window.objects.with_clock().get(id=submission.window_id)
    is_open = window.state == State.OPEN
    accepted = submission.status == Status.ACCEPTED
    other = submission.other_standing
    tables = list(submission.tables.all())
    found = rules(submission)
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
        "rules": found,
        "mend_first": mend_first(found),
        "is_sender": is_sender,
        "not_asked": not_asked(submission),
        "can_send_again": is_sender and is_open and submission.status == Status.REJECTED,
        "changes": submission.changes.select_related("by"),
        "status_words": submission.get_status_display(),
    }


def rules(submission: Submission) -> list[RuleFindings]:
    """The rules that were broken, what costs most first."""
    counts = submission.finding_counts.order_by("rule", "id")
    found = [list(of_rule) for _, of_rule in groupby(counts, lambda one: one.rule)]
    told = [RuleFindings(of[0].rule, cost_of(of[0].rule, of[0].severity), of) for of in found]
    return sorted(told, key=lambda one: one.order)


def mend_first(found: list[RuleFindings]) -> list[RuleFindings]:
    """What to begin with: whatever rejects the file, else the rules that cost most rows (causes,
    not what only follows from them), else the most frequent warnings."""
    by_cost = {cost: [one for one in found if one.cost.name == cost] for cost in Severity}
    if whole := by_cost[Severity.REJECT_FILE]:
        return whole
    rows = by_cost[Severity.REJECT_ROW]
    causes = [one for one in rows if not one.rule.is_consequence]
    return (causes or rows or by_cost[Severity.WARN])[:MENDED_FIRST]


def not_asked(submission: Submission) -> list[NotAsked]:
    """The rules that were not asked of a file, each with the reason."""
    known = [RULEBOOK[code] for code in submission.not_asked if code in RULEBOOK]
    return [NotAsked(rule.code, _say(rule, ""), _why(submission, rule)) for rule in known]


def _why(submission: Submission, rule: Rule) -> str:
    if rule.needs == ORGANISATIONS and not submission.register_id:
        return "no register of organisations is loaded"
    if submission.status == Status.REJECTED:
        return "the file was rejected before"
    return "what it needs was not known"


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
