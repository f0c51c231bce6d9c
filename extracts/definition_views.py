"""The definitions of the statistics: a page for each figure, all of them on one, and the same as a
document."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from extracts import released_statistics
from extracts.figures import Figure, figures, partitions
from extracts.specification import columns
from extracts.specification.breakdowns import UNKNOWN, breakdowns
from extracts.specification.counting import counting_rules
from extracts.specification.words import explained, said
from extracts.specification_views import markdown_table


def by_group() -> list[tuple[str, list[Figure]]]:
    """The headings, each with its figures."""
    return [(group, list(some)) for group, some in groupby(figures(), lambda one: one.group)]


@require_safe
def definitions(request: HttpRequest) -> HttpResponse:
    """All figures, what they are counted by, and the rules by which they are counted."""
    titles = {one.name: one.title for one in figures()}
    context = {
        "groups": [
            (group, [(one, titles.get(one.of)) for one in some]) for group, some in by_group()
        ],
        "breakdowns": breakdowns().values(),
        "unknown": UNKNOWN,
        "rules": counting_rules(),
    }
    return render(request, "extracts/definitions.html", context)


@require_safe
def definition(request: HttpRequest, figure: str) -> HttpResponse:
    """One figure."""
    named = {one.name: one for one in figures()}
    if figure not in named:
        raise Http404
    found = named[figure]
    context = {
        "figure": found,
        "is_released": any(
            found.name in kept
            for kept in released_statistics.national(released_statistics.last_months())
            if kept
        ),
        "of": named.get(found.of),
        "part_of": [named[name] for name in containing(found)],
        "parts": [
            (partition, [named[name] for name in parts])
            for (whole, partition), parts in partitions().items()
            if whole == found.name
        ],
        "columns": list(made_from(found)),
        "explained": explained(found.title, found.meaning),
    }
    return render(request, "extracts/definition.html", context)


def containing(figure: Figure) -> list[str]:
    """The names of the figures that it is directly a part of."""
    return [name for name in (figure.whole, *figure.also_in) if name]


def made_from(figure: Figure) -> Iterator[str]:
    """The columns of the extract's referrals that its formula names."""
    known = {one.name for one in columns() if one.table == "Referral"}
    yield from dict.fromkeys(name for name in re.findall(r"\w+", figure.formula) if name in known)


# -- the same as a document -----------------------------------------------------------------------


def document() -> str:
    """The definitions as Markdown."""
    lines = [said("counted"), ""]
    for group, some in by_group():
        lines += [f"## {group}", "", *markdown_table(HEAD, _rows(some)), ""]
    lines += ["## Counted by", "", *markdown_table(BY_HEAD, _breakdowns())]
    lines += ["", "## How they are counted", ""]
    lines += markdown_table(("Rule", "About", "Says"), counting_rules())
    return "\n".join(lines) + "\n"


HEAD = (
    *("Name", "Figure", "Means", "How it is counted"),
    *("Rate is of", "Part of", "Replaces", "Source"),
)
BY_HEAD = ("By", "How", "Categories", "Source")


def _rows(some: Iterable[Figure]) -> Iterator[tuple[str, ...]]:
    titles = {one.name: one.title for one in figures()}
    for one in some:
        inside = "; ".join(titles[name] for name in containing(one))
        of = titles.get(one.of, "")
        yield (one.name, one.title, one.meaning, one.formula, of, inside, one.former, one.source)


def _breakdowns() -> Iterator[tuple[str, ...]]:
    for one in breakdowns().values():
        categories = "; ".join([*one.categories, UNKNOWN]) if one.categories else ""
        yield (one.title, one.words, categories, one.source)
