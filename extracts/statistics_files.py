"""The statistics to take away: a tidy CSV, a workbook, and what the columns mean, of some stages
or of one release. They are made of what was released alone, so that they stay as they were."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

from django.conf import settings

from extracts import breakdown_parts, figures, released_statistics
from extracts.disclosure import STAR, TOGETHER, policies, titled
from extracts.models import Release
from extracts.released_statistics import Shown, Stage
from extracts.specification.breakdowns import NATIONAL, UNKNOWN, breakdowns
from extracts.specification.words import said
from validation.workbook import Book, Cell

COUNT, PERCENT, AT_LEAST = "count", "percent", "percent at least"
# The columns of the CSV, and what each means.
COLUMNS = {
    "period": "The month, or the last month of the quarter, as YYYY-MM",
    "stage": "provisional or final, of a month; quarterly",
    "release": "The number of the release that the figure was published with",
    "breakdown": f"What figures are told by: {', '.join(breakdowns())}",
    "category": (
        "Which provider, commissioner (ODS codes), age, …; blank of the nation; "
        f"{UNKNOWN.lower()}: where it is not known. Codes joined by + stand as one "
        "row, because one of them cannot stand alone"
    ),
    "figure": "The name of the figure, as in the definitions",
    "former": "Of a quarter: the former key performance indicator that the figure replaces",
    "statistic": (
        f"{COUNT}: a number of referrals; {PERCENT}: a rate; {AT_LEAST}: the rate is left out, but "
        "is at least so many percent"
    ),
    "value": f"The figure; {STAR} where it is left out",
}
WHAT_STARS_MEAN = (
    f"{STAR} stands where a figure is left out, because it is small or because another one that is "
    "left out could be reckoned back from it; it may hide any number, none too. A figure that is "
    "not there at all was not counted in that month, or has no rate."
)
WHAT_NULL_MEANS = (
    "null stands where there is nothing to say: a figure that has no rate or replaces none, a "
    "release that was not withdrawn or is the first, providers that a release did not name."
)
LICENCE = {
    "name": "OGL-UK-3.0",
    "title": "Open Government Licence v3.0",
    "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}
TITLE = "Psychological therapies, IAPT data set"
# What may not come first in a cell that a spreadsheet reads.
_FORMULA = re.compile(r"[^A-Za-z0-9]")


class Line(NamedTuple):
    """One figure of one stage, of the nation or of a part of it."""

    stage: Stage
    breakdown: str
    code: str
    figure: str
    shown: Shown


def lines(of: Sequence[Stage]) -> Iterator[Line]:
    """Every figure of some stages: of the nation first, then by each breakdown in order."""
    contents = released_statistics.contents(of)
    known = {one.name: one for one in figures.figures()}
    for stage in of:
        content = contents[stage.part]
        for breakdown in breakdowns():
            table = content["figures"].get(breakdown, {})
            joined = content["together"].get(breakdown, [])
            for part in breakdown_parts.in_order(breakdown, table):
                code = _code(breakdown, part, joined)
                # As they were released: also one that is no longer declared, at the end.
                for name in [*known, *sorted(set(table[part]) - set(known))]:
                    if name in table[part]:
                        has_rate = name in known and bool(known[name].of)
                        told = released_statistics.read(table[part][name], has_rate)
                        yield Line(stage, breakdown, code, name, told)


def _code(breakdown: str, part: str, joined: Sequence[str]) -> str:
    if part == TOGETHER:
        return "+".join(joined)
    return part if part or breakdown == NATIONAL else UNKNOWN.lower()


# -- CSV ------------------------------------------------------------------------------------------


def as_csv(of: Sequence[Stage]) -> bytes:
    """One figure a line."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    replaces = {one.name: one.former for one in figures.figures()}
    for line in lines(of):
        before = (
            f"{line.stage.period:%Y-%m}",
            line.stage.words,
            line.stage.release,
            line.breakdown,
            _inert(line.code),
            line.figure,
            replaces.get(line.figure, "") if line.stage.is_quarter else "",
        )
        writer.writerows((*before, *one) for one in _statistics(line.shown))
    return text.getvalue().encode()


def _inert(code: str) -> str:
    """Codes are as they were sent: none becomes a formula."""
    return f"'{code}" if code and _FORMULA.match(code) else code


def _statistics(told: Shown) -> Iterator[tuple[str, int | str | Decimal]]:
    yield COUNT, STAR if told.number is None else told.number
    if told.has_rate:
        yield PERCENT, STAR if told.rate is None else told.rate
    if told.at_least is not None:
        yield AT_LEAST, told.at_least


# -- Excel ----------------------------------------------------------------------------------------

DEFINITIONS = ("Figure", "Meaning", "Formula", "Rate is of", "Replaces", "Source", "Name")
HEAD = ("Period", "Stage", "Which", "Figure", "Number", "Percent", "Percent at least", "Name")


def as_workbook(of: Sequence[Stage]) -> bytes:
    """A sheet of notes, one of definitions, and one for each breakdown. The same figures make the
    same file."""
    book = Book(made_at=of[0].at)
    _notes(book, of)
    titles = {one.name: one.title for one in figures.figures()}
    by_breakdown: dict[str, list[Line]] = {}
    for line in lines(of):
        by_breakdown.setdefault(line.breakdown, []).append(line)
    for breakdown, several in by_breakdown.items():
        sheet = book.sheet(breakdowns()[breakdown].title)
        sheet.head(HEAD)
        for line in several:
            told = line.shown
            rate: Cell = (STAR if told.rate is None else told.rate) if told.has_rate else None
            sheet.row(
                [
                    f"{line.stage.period:%Y-%m}",
                    line.stage.words,
                    line.code,
                    titles.get(line.figure, line.figure),
                    STAR if told.number is None else told.number,
                    rate,
                    told.at_least,
                    line.figure,
                ]
            )
        sheet.done(len(HEAD))
    return book.content()


def _notes(book: Book, of: Sequence[Stage]) -> None:
    notes = book.sheet("Notes")
    notes.say(TITLE, "title")
    for stage in of:
        notes.say(f"{stage.title}: {stage.words}. Release {stage.release}, {stage.at:%d %B %Y}.")
    for words in (
        said("counted"),
        said("stages"),
        WHAT_STARS_MEAN,
        *policy_words(released_statistics.policies(of)),
        f"Licence: {LICENCE['title']}.",
    ):
        notes.say(words)
    notes.done()
    sheet = book.sheet("Definitions")
    sheet.head(DEFINITIONS)
    titles = {one.name: one.title for one in figures.figures()}
    for one in figures.figures():
        rate_of = titles.get(one.of, "")
        sheet.row(
            [one.title, one.meaning, one.formula, rate_of, one.former, one.source, one.name],
            "wrapped",
        )
    sheet.done(len(DEFINITIONS))


def policy_words(names: Sequence[str]) -> list[str]:
    """What the policies of disclosure control say, and by which of them figures were released."""
    used = ", ".join(map(titled, names))
    told = [f"{one.title}: {one.words}" for one in policies().values()]
    return [f"Disclosure control: {used}.", *told]


# -- what the columns mean ------------------------------------------------------------------------


def file_name(of: Sequence[Stage]) -> str:
    """What a month or a quarter is called as a file, without the ending."""
    quarter = "quarter_" if of[0].is_quarter else ""
    return f"statistics_{quarter}{of[0].period:%Y-%m}"


def as_metadata(of: Sequence[Stage]) -> bytes:
    """A data package (as frictionlessdata.io describes it) for the CSV, with every definition."""
    file = file_name(of)
    kept = Release.objects.in_bulk({one.release for one in of})
    package: dict[str, Any] = {
        "name": file.replace("_", "-"),
        "title": f"{TITLE}: {', '.join(f'{one.title}, {one.words}' for one in of)}",
        "homepage": f"{settings.SITE_ADDRESS}/statistics/",
        "licenses": [LICENCE],
        "sources": [{"title": "IAPT data set, as sent by the providers"}],
        "releases": [_released(one, kept[one.release]) for one in of],
        "counted": said("counted"),
        "null": WHAT_NULL_MEANS,
        "disclosure": {
            "star": WHAT_STARS_MEAN,
            "policies": policy_words(released_statistics.policies(of)),
        },
        "figures": [_defined(one) for one in figures.figures()],
        "resources": [resource(file.replace("_", "-"), file, COLUMNS)],
    }
    return written(package)


def resource(name: str, file: str, columns: Mapping[str, str]) -> dict[str, Any]:
    """A CSV as a data package describes it: its name, its file, and what each column means."""
    fields = [
        {"name": column, "type": "string", "description": meaning}
        for column, meaning in columns.items()
    ]
    return {
        "name": name,
        "path": f"{file}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": {"fields": fields, "missingValues": []},
    }


def written(package: dict[str, Any]) -> bytes:
    return (json.dumps(package, indent=1, ensure_ascii=False) + "\n").encode()


def _released(one: Stage, release: Release) -> dict[str, Any]:
    """What a stage is of, and whose data it rests on."""
    return {
        "period": f"{one.period:%Y-%m}",
        "title": one.title,
        "stage": one.words,
        "release": one.release,
        "released": one.at.isoformat(),
        "released_again": one.why or None,
        "withdrawn": withdrawn(release),
        "policy": ", ".join(map(titled, released_statistics.policies([one]))),
        "exact": released_statistics.exact(one),
        "providers": providers([one]),
    }


def providers(of: Sequence[Stage]) -> dict[str, Any]:
    """By month whose data the figures of some stages come from."""
    return {
        f"{found.month:%Y-%m}": {"sent": found.sent, "expected": found.expected}
        for found in released_statistics.coverage(of)
    }


def _defined(figure: figures.Figure) -> dict[str, Any]:
    return {
        "name": figure.name,
        "title": figure.title,
        "meaning": figure.meaning,
        "formula": figure.formula,
        "rate_of": figure.of or None,
        "replaces": figure.former or None,
        "source": figure.source,
    }


def withdrawn(release: Release) -> dict[str, str] | None:
    """When and why; None while it stands."""
    if not release.withdrawn_at:
        return None
    return {"at": release.withdrawn_at.isoformat(), "why": release.why_withdrawn}


Of = TypeVar("Of")


class Form(NamedTuple, Generic[Of]):
    """What can be taken away: its words, its type, and how it is made of stages."""

    words: str
    content_type: str
    made: Callable[[Sequence[Of]], bytes]


EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMS: dict[str, Form[Stage]] = {
    "csv": Form("CSV, one figure a line", "text/csv; charset=utf-8", as_csv),
    "xlsx": Form("Excel", EXCEL, as_workbook),
    "json": Form("What the columns mean (JSON)", "application/json", as_metadata),
}
