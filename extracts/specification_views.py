"""The data extract specification and the data inclusion rules: public pages, and the same as
documents."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from extracts import specification
from extracts.specification import ExtractColumn
from extracts.specification.derivations import measures, problems, terms, therapies
from extracts.specification.inclusion import inclusion_rules

LONGEST_SEARCH = 60
TABLES = {
    "Header": "One row for each submission that the extract holds rows of",
    "Person": "One row for each person, provider and month",
    "Disability": "One row for each disability of a person",
    "Referral": "One row for each referral of a person, with all that is derived of its pathway",
    "Appointment": "One row for each appointment of a referral",
}


def by_table(columns: Iterable[ExtractColumn]) -> list[tuple[str, str, list[ExtractColumn]]]:
    """Tables of the extract with what they are, and those of their columns that are given."""
    grouped = groupby(columns, key=lambda column: column.table)
    return [(name, TABLES[name], list(some)) for name, some in grouped]


def _beside() -> dict[str, Any]:
    """What formulas refer to."""
    return {
        "terms": terms().values(),
        "measures": measures(),
        "therapies": therapies(),
        "problems": problems(),
        "left_out": specification.left_out(),
        "version": specification.SPECIFICATION_VERSION,
    }


@require_safe
def extract_specification(request: HttpRequest) -> HttpResponse:
    """All columns, or those that a search means."""
    words = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    found = specification.search(words)
    context = {"words": words, "count": len(found), "tables": by_table(found), **_beside()}
    return render(request, "extracts/specification.html", context)


@require_safe
def extract_column(request: HttpRequest, table: str, column: str) -> HttpResponse:
    """One column."""
    try:
        found = specification.column(table, column)
    except KeyError:
        raise Http404 from None
    sent = [tuple(place.split(".")) for place in found.sent]
    return render(request, "extracts/specification_column.html", {"column": found, "sent": sent})


@require_safe
def inclusion(request: HttpRequest) -> HttpResponse:
    """Which rows of what was sent count for which month."""
    return render(request, "extracts/inclusion.html", {"rules": inclusion_rules()})


# -- the same as documents ------------------------------------------------------------------------


def document() -> str:
    """The specification as Markdown."""
    lines = [f"Version {specification.SPECIFICATION_VERSION}.", ""]
    for name, meaning, columns in by_table(specification.columns()):
        rows = [
            (one.name, one.type_words, one.meaning, one.formula, one.source, one.recipient_words)
            for one in columns
        ]
        head = ("Column", "Type", "What it is", "How it is made", "Source", "Who gets it")
        lines += [f"## {name}", "", f"{meaning}.", "", *markdown_table(head, rows), ""]
    lines += ["## Words", "", *markdown_table(("Word", "Means", "Source"), _words()), ""]
    lines += ["## Measures", "", *markdown_table(MEASURE_HEAD, _measures()), ""]
    lines += [
        "## Therapies",
        "",
        *markdown_table(("Count", "Therapy types", "Therapy"), _therapies()),
        "",
    ]
    lines += ["## Problem descriptors", "", "The first pattern that fits; % stands for anything."]
    lines += ["", *markdown_table(("Column", "IC_PROVDIAG", "Label"), problems()), ""]
    lines += [
        "## Left out",
        "",
        *markdown_table(("Tables", "Columns", "Why"), specification.left_out()),
    ]
    return "\n".join(lines) + "\n"


MEASURE_HEAD = (
    *("Column sent", "First", "Last", "At caseness from", "Reliable change from"),
    *("IC_PROVDIAG", "IC_ADSM"),
)


def _words() -> list[tuple[str, ...]]:
    return [(term.name, term.words, term.source) for term in terms().values()]


def _therapies() -> list[tuple[str, ...]]:
    return [(one.column, " ".join(one.codes) or "none", one.title) for one in therapies()]


def _measures() -> list[tuple[str, ...]]:
    return [
        (
            *(one.column.name, one.first, one.last, one.caseness, one.reliable_change),
            *(one.diagnosis, one.adsm),
        )
        for one in measures()
    ]


def inclusion_document() -> str:
    """The inclusion rules as Markdown."""
    rows = [(rule.code, rule.title, rule.words, rule.how) for rule in inclusion_rules()]
    return "\n".join(markdown_table(("Rule", "About", "Says", "How"), rows)) + "\n"


def markdown_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    told = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in rows]
    return [f"| {' | '.join(head)} |", "|--" * len(head) + "|", *(f"| {row} |" for row in told)]
