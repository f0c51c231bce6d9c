"""The pages of the rulebook, the published summary of validations, and the same as a document."""

from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from validation import dictionary, rulebook
from validation.example import BLANK, GIVEN, Drawing, DrawnRow
from validation.finding import Severity
from validation.rule import RULEBOOK_VERSION
from validation.rulebook import FILE, HOMES, Entry

LONGEST_SEARCH = 60
COSTS = [(str(severity), severity.cost) for severity in Severity]
ALWAYS = "always, since the data set began in April 2012"


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """All rules by table, or those that a search means."""
    words = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    table = _among(request.GET.get("table", ""), HOMES)
    severity = _among(request.GET.get("severity", ""), [name for name, _ in COSTS])
    found = rulebook.search(words, table, Severity(severity) if severity else None)
    everything = rulebook.entries()
    context = {
        "groups": by_home(found),
        "count": len(found),
        "is_search": bool(words or table or severity),
        "words": words,
        "table": table,
        "severity": severity,
        "tables": [home for home in HOMES if home != rulebook.EVERY_TABLE],
        "costs": COSTS,
        "version": RULEBOOK_VERSION,
        "came": [entry for entry in everything if entry.is_new],
        "changed": [entry for entry in everything if entry.is_changed],
        "all": len(everything),
    }
    return render(request, "pages/rules.html", context)


def _among(text: str, known: Any) -> str:
    """What was asked for where there is such a thing; else nothing, which means all."""
    return text if text in known else ""


@require_safe
def rule(request: HttpRequest, code: str) -> HttpResponse:
    """One rule."""
    try:
        entry = rulebook.entry(code)
    except KeyError:
        raise Http404 from None
    context = {
        "entry": entry,
        "in_force": in_force(entry),
        "permitted": permitted(entry),
        "given": given(entry),
        "drawings": [shown(entry, drawing) for drawing in entry.example.drawings],
        "has_spaces": "␣" in entry.rule.example,
    }
    return render(request, "pages/rule.html", context)


def by_home(entries: list[Entry]) -> list[tuple[str, list[Entry]]]:
    """The rules by the table whose rows they judge, in the order of the data set."""
    in_order = sorted(entries, key=lambda entry: HOMES.index(entry.home))
    return [(home, list(some)) for home, some in groupby(in_order, lambda entry: entry.home)]


def in_force(entry: Entry) -> str:
    """Of which periods it is asked."""
    begun, over = entry.rule.valid_from, entry.rule.valid_to
    said = [f"from {begun.day} {begun:%B %Y}"] if begun else []
    said += [f"until {over.day} {over:%B %Y}"] if over else []
    return f"of periods that begin {' '.join(said)}" if said else ALWAYS


def permitted(entry: Entry) -> list[dictionary.Entry]:
    """The columns whose own format, list or range the rule asks."""
    return [dictionary.Entry(column) for column in entry.judged]


def accepts(column: dictionary.Entry) -> str:
    """In words; what the codes are is in the dictionary."""
    return "a code of its list in the data dictionary" if column.codes else column.format


def given(entry: Entry) -> list[str]:
    """What the asker of its example knows."""
    return [GIVEN[what].format(value) for what, value in entry.example.given.items()]


def shown(entry: Entry, drawing: Drawing) -> dict[str, Any]:
    """A drawing as a table to show: each cell with its column and whether it is what fails."""
    is_own = entry.home in {drawing.table, FILE, rulebook.EVERY_TABLE}
    return {
        "table": drawing.table,
        "columns": drawing.columns,
        "is_own": is_own,
        "rows": [
            {
                "number": number,
                "cells": _cells(entry, drawing, row),
                "outcome": _outcome(entry, row) if is_own else "",
                "others": sorted({mark.code for mark in row.marks} - {entry.rule.code}),
            }
            for number, row in enumerate(drawing.rows, 1)
        ],
    }


def _cells(entry: Entry, drawing: Drawing, row: DrawnRow) -> list[tuple[str, str, bool]]:
    """Column, text and whether it fails; a blank has no text."""
    own = [mark for mark in row.marks if mark.code == entry.rule.code]
    columns = {place.partition(".")[2] for place in rulebook.shown(entry.rule)}
    failing = {mark.column for mark in own if mark.column}
    if own and not failing and len(columns) == 1:
        failing = columns
    return [
        (column, "" if text == BLANK else text, column in failing)
        for column, text in row.texts.items()
    ]


def _outcome(entry: Entry, row: DrawnRow) -> str:
    own = [mark for mark in row.marks if mark.code == entry.rule.code]
    if not own:
        return "passes"
    quoted = next((mark.other for mark in own if mark.other), None)
    return f"fails, see row {quoted}" if quoted else "fails"


# The document ---------------------------------------------------------------------------------


def document() -> str:
    """The rulebook as Markdown."""
    lines = [f"Version {RULEBOOK_VERSION}: {len(rulebook.entries())} rules.", ""]
    for home, entries in by_home(rulebook.entries()):
        lines += [f"## {home}", ""]
        for entry in entries:
            lines += _rule_lines(entry)
    return "\n".join(lines)


def _rule_lines(entry: Entry) -> list[str]:
    told = entry.rule
    columns = ", ".join(f"{column.table}.{column.name}" for column in entry.columns)
    lines = [
        f"### {told.code}: {entry.title}",
        "",
        told.advice,
        "",
        f"* Costs: {told.cost.words}",
        *([f"* Looks at: {columns}"] if columns else []),
        *(f"* Accepts in {one.place}: {accepts(one)}" for one in permitted(entry)),
        f"* Asked: {in_force(entry)}",
        *(f"* {words}" for words in entry.not_asked),
        f"* Source: {told.source}",
        f"* In the rulebook since {told.since}"
        + (f", changed {told.changed}" * bool(told.changed)),
        "",
    ]
    return lines + _example_lines(entry)


def _example_lines(entry: Entry) -> list[str]:
    example = entry.example
    if not example.drawings:
        return [f"Fails: {example.fails}", "", f"Passes: {example.passes}", ""]
    lines = [*(f"{words}" for words in given(entry)), ""] if example.given else []
    for table in (shown(entry, drawing) for drawing in example.drawings):
        heads = [*table["columns"], entry.rule.code if table["is_own"] else ""]
        lines += [f"{table['table']}:", ""]
        lines += [f"| {' | '.join(heads)} |", "|" + "--|" * len(heads)]
        lines += [_row_line(row) for row in table["rows"]]
        lines.append("")
    return lines


def _row_line(row: dict[str, Any]) -> str:
    cells = [f"**{text or 'blank'}**" if fails else text for _, text, fails in row["cells"]]
    said = [row["outcome"]] if row["outcome"] else []
    said += [f"fails {code}" for code in row["others"]]
    return f"| {' | '.join([*cells, ', '.join(said)])} |"
