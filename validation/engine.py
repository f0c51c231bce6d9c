"""Asks the rulebook: a submission as sent becomes a verdict, its findings and the rows that stand.

Parents are asked before their children; rows that were rejected are no parents.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from validation import dataset, rules
from validation.columns import JudgedColumn, Mask
from validation.dataset import DATA_TABLES, DataSet
from validation.finding import Found, Severity
from validation.rows import Header, Rows
from validation.rule import RULEBOOK, Question
from validation.rules import file as file_rules
from validation.rules.file import Context
from validation.rules.table import PROVIDER, PROVIDER_DIFFERS
from validation.sent import Sent, SentTable

OtherRows = npt.NDArray[np.int32] | None
Answer = tuple[Mask, OtherRows]
# When a rule is asked: as what it costs, or apart from all others.
Stage = Severity | Literal["shadow"]
SHADOW: Literal["shadow"] = "shadow"
ACCEPTED, WITH_WARNINGS, REJECTED = "accepted", "accepted_with_warnings", "rejected"


@dataclass(frozen=True)
class Counts:
    """Rows of a table."""

    received: int
    standing: int

    @property
    def rejected(self) -> int:
        return self.received - self.standing


@dataclass
class Verdict:
    """The answer to a submission.

    `rows` are the checked tables, for loading; empty when the file as a whole is rejected.
    `named_provider` is what a rejected file's header names, even where the header is not in order.
    `shadow` is what rules on trial would have found in an accepted file; nothing follows from it.
    """

    outcome: str
    header: Header | None
    tables: dict[str, Counts]
    findings: list[Found]
    not_asked: list[str]
    rows: dict[str, Rows] = field(default_factory=dict)
    named_provider: str | None = None
    shadow: list[Found] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How often each rule was broken."""
        counts: dict[str, int] = {}
        for found in self.findings:
            counts[found.rule] = counts.get(found.rule, 0) + found.count
        return dict(sorted(counts.items()))


def severity(found: Found) -> Severity:
    return RULEBOOK[found.rule].severity


def check(sent: Sent, context: Context | None = None) -> Verdict:
    """Ask every rule that `context` allows."""
    return Checking(context).verdict(sent)


class Checking:
    """One submission under check.

    Its tables may be shown one by one as they arrive, so that it is known which rows stand while
    others are still being read. The verdict is the same.
    """

    def __init__(self, context: Context | None = None):
        assert rules.__all__
        self.context = context or Context()
        self.rows: dict[str, Rows] = {}
        self._rejections: dict[str, list[Found]] = {}
        self._known: tuple[Header, DataSet] | None = None

    def arrived(self, table: SentTable) -> Rows | None:
        """The table's rows, where it can be said already which of them stand: not of the header,
        nor in a file that is refused for what has arrived so far."""
        if table.name == "Header":
            self._look_at_header(table)
            return None
        return self._take(table) if self._is_in_order(table) else None

    def _is_in_order(self, table: SentTable) -> bool:
        """Header and parents are there, and so are the table's columns."""
        if self._known is None or table.name in self.rows:
            return False
        spec = self._known[1].tables[table.name]
        has_parents = not spec.parent or spec.parent in self.rows
        return has_parents and table.columns.keys() >= spec.columns.keys()

    def verdict(self, sent: Sent) -> Verdict:
        """The answer, once everything is there."""
        findings = list(sent.findings)
        named = file_rules.named_provider(sent)
        findings += file_rules.another_provider(named, self.context)
        header, spec, found = _ask_file(sent, self.context)
        findings += found
        if header is None or spec is None or _refused(findings):
            return _rejected(sent, header, findings, self.context, named)
        self._known = header, spec
        for name in DATA_TABLES:
            if name not in self.rows:
                self._take(sent.tables[name])
        findings += self._findings()
        if not self.rows["Person"].stands.any():
            findings.append(self._nobody())
            return _rejected(sent, header, findings, self.context, named)
        counts = {
            name: Counts(table.count, int(table.stands.sum())) for name, table in self.rows.items()
        }
        return Verdict(
            WITH_WARNINGS if findings else ACCEPTED,
            header,
            counts,
            findings,
            _not_asked(self.context),
            self.rows,
            shadow=list(self._on_trial()),
        )

    def _look_at_header(self, table: SentTable) -> None:
        alone = Sent("", {"Header": table})
        named = file_rules.named_provider(alone)
        version = file_rules.version_of(alone)
        if isinstance(version, Found):
            return
        spec = dataset.dataset(version)
        header, findings = file_rules.header(alone, spec, self.context)
        findings += file_rules.another_provider(named, self.context)
        if header is not None and not _refused(findings):
            self._known = header, spec

    def _take(self, table: SentTable) -> Rows:
        """Ask which rows stand; parents come before their children."""
        assert self._known is not None
        header, data_set = self._known
        spec = data_set.tables[table.name]
        rows = self.rows[table.name] = Rows(spec, table, header, self.rows.get(spec.parent))
        rows.judge()
        asked = _ask_table(rows, self.rows, self.context, Severity.REJECT_ROW)
        for _, mask in asked:
            rows.stands &= ~mask
        self._rejections[table.name] = [found for found, _ in asked]
        return rows

    def _nobody(self) -> Found:
        """F11, with what rejected most of the persons."""
        rejected = self._rejections["Person"]
        if not rejected:
            return Found("F11", "Person", words="The Person table holds no rows.")
        most = max(rejected, key=lambda found: found.count)
        why = RULEBOOK[most.rule].say(most.column)
        words = f"No valid person records were found. What rejects most of the rows: {why}"
        return Found("F11", "Person", words=words)

    def _findings(self) -> Iterator[Found]:
        """Of each table first what rejects a row, then what warns."""
        for name in DATA_TABLES:
            yield from self._rejections[name]
            for found, _ in _ask_table(self.rows[name], self.rows, self.context, Severity.WARN):
                yield found

    def _on_trial(self) -> Iterator[Found]:
        if any(rule.shadow for rule in RULEBOOK.values()):
            for table in self.rows.values():
                for found, _ in _ask_table(table, self.rows, self.context, SHADOW):
                    yield found


def _refused(findings: list[Found]) -> bool:
    return any(severity(found) == Severity.REJECT_FILE for found in findings)


def _rejected(
    sent: Sent,
    header: Header | None,
    findings: list[Found],
    context: Context,
    named: str | None,
) -> Verdict:
    counts = {
        name: Counts(sent.tables[name].rows if name in sent.tables else 0, 0)
        for name in DATA_TABLES
    }
    return Verdict(REJECTED, header, counts, findings, _not_asked(context), named_provider=named)


def unreadable(found: Found, context: Context | None = None) -> Verdict:
    """The verdict on a file that is not a submission at all."""
    counts = {name: Counts(0, 0) for name in DATA_TABLES}
    return Verdict(REJECTED, None, counts, [found], _not_asked(context or Context()))


def _not_asked(context: Context) -> list[str]:
    return sorted(
        code for code, rule in RULEBOOK.items() if not context.knows(rule.needs) and not rule.shadow
    )


def _ask_file(sent: Sent, context: Context) -> tuple[Header | None, DataSet | None, list[Found]]:
    version = file_rules.version_of(sent)
    spec = dataset.dataset(version if isinstance(version, str) else dataset.VERSIONS[0])
    findings = list(file_rules.structure(sent, spec))
    if isinstance(version, Found):
        already = {(found.rule, found.table, found.column) for found in findings + sent.findings}
        if (version.rule, version.table, version.column) not in already:
            findings.append(version)
        return None, None, findings
    header, found = file_rules.header(sent, spec, context)
    return header, spec, findings + found


def _ask_table(
    table: Rows, rows: dict[str, Rows], context: Context, stage: Stage
) -> list[tuple[Found, Mask]]:
    """Every rule of one stage that is asked of this table, one finding for rule and column."""
    answers: dict[tuple[str, str | None], Answer] = {}
    for code, column, mask, other in _answers(table, rows, context, stage):
        if mask.any():
            before = answers.get((code, column))
            answers[code, column] = (mask | before[0], other) if before else (mask, other)
    return [
        (_found(code, table.table.name, column, answer), answer[0])
        for (code, column), answer in answers.items()
    ]


def _found(code: str, table: str, column: str | None, answer: Answer) -> Found:
    mask, other = answer
    places = np.flatnonzero(mask)
    others = other[places] if other is not None else None
    return Found(code, table, column, (places + 1).astype(np.int32), others)


def _answers(
    table: Rows, rows: dict[str, Rows], context: Context, stage: Stage
) -> Iterator[tuple[str, str | None, Mask, OtherRows]]:
    asked = _asked(table.header, context, stage)
    if PROVIDER_DIFFERS.code in asked:
        yield PROVIDER_DIFFERS.code, PROVIDER, ~table.right_provider, None
    for column in table.columns.values():
        for code, mask in _column_answers(column, context, asked):
            yield code, column.column.name, mask, None
    for code, question in questions_of(table.table.name):
        if code in asked:
            answer = question.ask(*(rows[name] for name in question.tables))
            yield from ((code, *one) for one in _by_column(question, answer))


def _asked(header: Header, context: Context, stage: Stage) -> set[str]:
    """The rules of one stage that are asked of the header's period, as far as is known."""
    day = date.fromisoformat(str(header.start))
    return {
        code
        for code, rule in RULEBOOK.items()
        if stage == (SHADOW if rule.shadow else rule.severity)
        and rule.is_in_force(day)
        and context.knows(rule.needs)
    }


def _by_column(question: Question, answer: Any) -> Iterator[tuple[str | None, Mask, OtherRows]]:
    """What a question answered: a mask, a mask and the rows quoted, or a mask for each column."""
    if isinstance(answer, list):
        for column, mask in zip(question.columns, answer, strict=True):
            yield column, mask, None
        return
    mask, other = answer if isinstance(answer, tuple) else (answer, None)
    yield question.columns[0] if question.columns else None, mask, other


def _column_answers(
    column: JudgedColumn, context: Context, asked: set[str]
) -> Iterator[tuple[str, Mask]]:
    """What the data set declares: missing, format, list, range, known organisation."""
    spec = column.column
    if spec.missing_rule in asked:
        yield spec.missing_rule, column.is_blank
    code = spec.invalid_rule
    if code in asked:
        yield code, column.is_invalid
        if spec.kind == "organisation" and context.organisations is not None:
            known = context.organisations | spec.permitted
            strange = [bool(code) and code not in known for code in column.canonical]
            yield code, column.spread(np.array(strange, dtype=bool))


def questions_of(table: str) -> list[tuple[str, Question]]:
    """The questions with a function of their own that are asked of a table."""
    return [
        (code, question)
        for code, rule in RULEBOOK.items()
        for question in rule.questions
        if question.tables[0] == table
    ]
