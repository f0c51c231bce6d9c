"""A verdict in words and as data: the same for the desk and for the portal."""

from collections.abc import Iterator
from typing import Any

from validation.engine import ACCEPTED, REJECTED, Verdict, severity
from validation.finding import COSTS, NOTES, Found, Severity, cost_of
from validation.rule import RULEBOOK
from validation.sent import Sent

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
