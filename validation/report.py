"""A verdict in words and as data: the same for the desk and for the portal."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from validation import dataset
from validation.engine import ACCEPTED, REJECTED, Counts, Verdict, severity
from validation.finding import COSTS, NOTES, Found, Severity, cost_of
from validation.rule import RULEBOOK, Rule
from validation.sent import Sent, SentTable

KEPT_PER_RULE = 1000


def sentence(found: Found) -> str:
    """What the sender reads of one finding: what exactly is wrong, else the rule's own words."""
    return found.words or RULEBOOK[found.rule].say(found.column)


def order(found: Found) -> tuple[int, bool, int, str]:
    """What costs most first, causes before their consequences, then by rule."""
    return order_of(found.rule, severity(found))


def order_of(rule: str, cost: str, count: int = 0) -> tuple[int, bool, int, str]:
    """The same of what was counted already, the most frequent before the rule's code."""
    place = list(COSTS).index(cost_of(rule, cost).name)
    return place, RULEBOOK[rule].is_consequence, -count, rule


def message(verdict: Verdict) -> str:
    """The verdict in a few plain words."""
    if verdict.outcome == REJECTED:
        reasons = [f for f in verdict.findings if severity(f) == Severity.REJECT_FILE]
        said = list(dict.fromkeys(sentence(found) for found in reasons))
        more = f" And {len(said) - 5} more." if len(said) > 5 else ""
        return "The file is rejected. " + " ".join(said[:5]) + more
    rejected = sum(counts.rejected for counts in verdict.tables.values())
    warnings = [f for f in verdict.findings if severity(f) == Severity.WARN]
    warned = sum(found.count for found in warnings if found.rule not in NOTES)
    if verdict.outcome == ACCEPTED:
        return "The file is accepted. Every row stands and nothing was found."
    rows = f"{rejected:,} {'row is' if rejected == 1 else 'rows are'} rejected"
    notes = f"{warned:,} {'warning' if warned == 1 else 'warnings'}"
    rows = rows if rejected else "every row stands"
    return f"The file is accepted with findings: {rows}, {notes if warned else 'no warning'}."


def places(found: Found, sent: Sent | None, most: int | None) -> Iterator[dict[str, Any]]:
    """Each place of a finding: row, line (CSV only) and other row."""
    if not len(found.rows):
        yield {"row": None, "line": found.line, "other_row": None}
        return
    lines = sent.tables[found.table].lines if sent and found.table in sent.tables else None
    for place, row in enumerate(found.rows[:most].tolist()):
        other = int(found.other_rows[place]) if found.other_rows is not None else 0
        line = int(lines[row - 1]) if lines is not None else None
        yield {"row": row, "line": line, "other_row": other or None}


def as_data(verdict: Verdict, sent: Sent | None, every_finding: bool = False) -> dict[str, Any]:
    """The object that `check --json` prints."""
    header = verdict.header
    return {
        "outcome": verdict.outcome,
        "message": message(verdict),
        "dataset_version": header.version if header else None,
        "provider": header.provider if header else None,
        "period": header.period if header else None,
        "tables": {
            name: {
                "received": counts.received,
                "standing": counts.standing,
                "rejected": counts.rejected,
            }
            for name, counts in verdict.tables.items()
        },
        "counts": verdict.counts,
        "findings": _findings(verdict, sent, None if every_finding else KEPT_PER_RULE),
        "not_asked": verdict.not_asked,
    }


def _findings(verdict: Verdict, sent: Sent | None, most: int | None) -> list[dict[str, Any]]:
    """Single findings, at most `most` of each rule."""
    listed: list[dict[str, Any]] = []
    taken: dict[str, int] = {}
    for found in verdict.findings:
        left = None if most is None else most - taken.get(found.rule, 0)
        if left is not None and left <= 0:
            continue
        for place in places(found, sent, left):
            taken[found.rule] = taken.get(found.rule, 0) + 1
            listed.append(
                {
                    "rule": found.rule,
                    "severity": str(severity(found)),
                    "table": found.table,
                    "row": place["row"],
                    "line": place["line"],
                    "column": found.column,
                    "other_row": place["other_row"],
                }
            )
    return listed


# To be taken away -----------------------------------------------------------------------------


class Place(NamedTuple):
    """Where a rule was broken: data row, line of the CSV file, the other row it speaks of, the
    sender's own key of the record, and the value there."""

    row: int | None
    line: int | None
    other_row: int | None = None
    key: str = ""
    value: str = ""


@dataclass(frozen=True)
class Told:
    """One rule broken in one column, with the exact count and the first places."""

    rule: str
    severity: str
    table: str
    column: str
    words: str
    count: int
    places: list[Place]

    @property
    def sentence(self) -> str:
        return self.words or RULEBOOK[self.rule].say(self.column)

    @property
    def listed(self) -> list[Place]:
        """The places that are known; what is of the file, a table or a column has one, nowhere."""
        return self.places or ([Place(None, None)] if self.count == 1 else [])

    @property
    def where(self) -> str:
        """Table and column, as far as it has them."""
        return ".".join(part for part in (self.table, self.column) if part)


@dataclass(frozen=True)
class Broken:
    """A rule that was broken, in one column or in several."""

    code: str
    found: list[Told]

    @property
    def severity(self) -> Severity:
        return Severity(self.found[0].severity)

    @property
    def rule(self) -> Rule:
        return RULEBOOK[self.code]

    @property
    def count(self) -> int:
        return sum(one.count for one in self.found)

    @property
    def listed(self) -> int:
        """How many of its places are known."""
        return sum(len(one.listed) for one in self.found)

    @property
    def where(self) -> str:
        return ", ".join(dict.fromkeys(one.where for one in self.found if one.where))

    @property
    def cost(self) -> str:
        """What it costs, and whether that follows from a fault in another row."""
        follows = "; follows from a fault elsewhere" if self.rule.is_consequence else ""
        return f"{cost_of(self.code, self.severity).words}{follows}"

    @property
    def sentence(self) -> str:
        """What the sender reads; about several columns it names none."""
        said = {one.sentence for one in self.found}
        return said.pop() if len(said) == 1 else self.rule.say(None)


@dataclass(frozen=True)
class Report:
    """A verdict as its sender takes it away: in words, with counts, findings and their places."""

    outcome: str
    message: str
    dataset_version: str
    provider: str
    period: str
    tables: dict[str, Counts]
    found: list[Told]
    not_asked: list[str]

    @property
    def about(self) -> str:
        """Whose and which month's file it is, as far as that is known."""
        return ", ".join(part for part in (self.provider, self.period) if part)

    @property
    def has_rows(self) -> bool:
        return any(counts.received for counts in self.tables.values())

    def by_rule(self) -> list[Broken]:
        """What to do first comes first: what costs most, causes before consequences, the most
        frequent."""
        by_code = sorted(self.found, key=lambda one: one.rule)
        broken = [Broken(code, list(found)) for code, found in groupby(by_code, lambda x: x.rule)]
        return sorted(broken, key=lambda one: order_of(one.code, one.severity, one.count))

    def as_json(self) -> str:
        """For `from_json`."""
        tables = {name: vars(counts) for name, counts in self.tables.items()}
        return json.dumps(vars(self) | {"tables": tables, "found": [vars(x) for x in self.found]})


def from_json(text: str) -> Report:
    """The report that `as_json` wrote."""
    told = json.loads(text)
    tables = {name: Counts(**counts) for name, counts in told["tables"].items()}
    found = [
        Told(**one | {"places": [Place(*place) for place in one["places"]]})
        for one in told["found"]
    ]
    return Report(**told | {"tables": tables, "found": found})


def report(verdict: Verdict, sent: Sent | None, most: int | None = KEPT_PER_RULE) -> Report:
    """What the sender takes away of a verdict; of each rule the first `most` places."""
    header = verdict.header
    return Report(
        outcome=verdict.outcome,
        message=message(verdict),
        dataset_version=header.version if header else "",
        provider=header.provider if header else "",
        period=header.period if header else "",
        tables=verdict.tables,
        found=list(_told(verdict.findings, sent, most)),
        not_asked=verdict.not_asked,
    )


def _told(findings: Iterable[Found], sent: Sent | None, most: int | None) -> Iterator[Told]:
    taken: dict[str, int] = {}
    for found in findings:
        left = None if most is None else most - taken.get(found.rule, 0)
        listed = list(_places_told(found, sent, left)) if left is None or left > 0 else []
        taken[found.rule] = taken.get(found.rule, 0) + len(listed)
        yield Told(
            rule=found.rule,
            severity=str(severity(found)),
            table=found.table or "",
            column=found.column or "",
            words=found.words,
            count=found.count,
            places=listed,
        )


def _places_told(found: Found, sent: Sent | None, most: int | None) -> Iterator[Place]:
    table = sent.tables.get(found.table or "") if sent else None
    spec = dataset.widest().tables.get(found.table or "")
    for place in places(found, sent, most):
        if place["row"] is None or table is None or spec is None:
            yield Place(**place)
            continue
        key = " ".join(cell(table, name, place["row"]) for name in spec.key)
        value = cell(table, found.column, place["row"]) if found.column else ""
        yield Place(**place, key=key, value=value)


def cell(table: SentTable, column: str, row: int) -> str:
    """The text of one cell; blank where the table has no such column."""
    sent = table.columns.get(column)
    return sent.distinct[sent.codes[row - 1]] if sent else ""
