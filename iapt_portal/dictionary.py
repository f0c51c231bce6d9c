"""The pages of the data dictionary, and the same as a document."""

from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from extracts import specification
from validation import dataset, dictionary
from validation.dictionary import Entry

LONGEST_SEARCH = 60


def shown(entry: Entry) -> dict[str, Any]:
    """An entry with what other rooms know of it."""
    column = entry.column
    return {
        "entry": entry,
        "versions": ", ".join(column.versions),
        "rules": [(rule, words, rule.cost.words) for rule, words in entry.rules],
        "extracted": specification.made_from(column.table, column.name),
    }


def by_table(entries: list[Entry]) -> list[tuple[Any, list[dict[str, Any]]]]:
    """Tables of the data set with those of their columns that are among `entries`."""
    tables = dataset.widest().tables
    grouped = groupby(entries, key=lambda entry: entry.column.table)
    return [(tables[name], [shown(entry) for entry in some]) for name, some in grouped]


@require_safe
def dictionary_index(request: HttpRequest) -> HttpResponse:
    """All columns, or those that a search means."""
    words = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    found = dictionary.search(words)
    for_words = [(entry, entry.codes_like(words)) for entry in found] if words else []
    context = {
        "words": words,
        "count": len(found),
        "tables": by_table(found),
        "codes_found": [(entry, codes) for entry, codes in for_words if codes],
    }
    return render(request, "pages/dictionary.html", context)


@require_safe
def dictionary_column(request: HttpRequest, table: str, column: str) -> HttpResponse:
    """One column."""
    try:
        found = dictionary.entry(table, column)
    except KeyError:
        raise Http404 from None
    return render(request, "pages/dictionary_column.html", {"one": shown(found)})


@require_safe
def dictionary_whole(request: HttpRequest) -> HttpResponse:
    """Everything on one page, to print."""
    context = {"tables": by_table(dictionary.entries()), "versions": dataset.VERSIONS}
    return render(request, "pages/dictionary_whole.html", context)


def document() -> str:
    """The dictionary as Markdown."""
    lines: list[str] = []
    for table, entries in by_table(dictionary.entries()):
        lines += [f"## {table.name}", "", f"{table.meaning}.", ""]
        if table.key:
            lines += [f"Key: {', '.join(table.key)} (within the provider).", ""]
        for one in entries:
            lines += _column_lines(one)
    return "\n".join(lines)


def _column_lines(one: dict[str, Any]) -> list[str]:
    entry: Entry = one["entry"]
    lines = [
        f"### {entry.place}",
        "",
        f"{entry.column.meaning}",
        "",
        f"* Data dictionary name: {entry.column.title}",
        f"* Format: {entry.format}",
        f"* {entry.requirement}; versions {one['versions']}",
    ]
    if one["extracted"]:
        names = ", ".join(f"{column.table}.{column.name}" for column in one["extracted"])
        lines.append(f"* In the extract: {names}")
    if one["rules"]:
        lines += ["", "| Rule | Says | Costs |", "|--|--|--|"]
        lines += [f"| {rule.code} | {words} | {cost} |" for rule, words, cost in one["rules"]]
    if entry.codes:
        lines += ["", "| Code | Means |", "|--|--|"]
        lines += [f"| {code.code} | {_label(code)} |" for code in entry.codes]
    return [*lines, ""]


def _label(code: dataset.Code) -> str:
    return f"{code.label} (retired {code.retired})" if code.retired else code.label
