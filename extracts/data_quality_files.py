"""The data quality report to take away: a tidy CSV, a workbook, and what the columns mean; made of
what was released alone, so that they stay as they were."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings

from extracts import data_quality, released_quality
from extracts.data_quality import Figures
from extracts.disclosure import STAR, TOGETHER, Shown, titled
from extracts.releases import Released
from extracts.specification.breakdowns import NATIONAL, PROVIDER
from extracts.specification.words import said
from extracts.statistics_files import (
    AT_LEAST,
    COUNT,
    EXCEL,
    LICENCE,
    PERCENT,
    TITLE,
    Form,
    policy_words,
    providers,
    resource,
    withdrawn,
    written,
)
from validation import quality, quality_rules
from validation.quality import CATEGORIES
from validation.workbook import Book, Cell

VALID, ALL = "valid", "all"
# The columns of the CSV, and what each means.
COLUMNS = {
    "period": "The month, as YYYY-MM",
    "stage": "provisional or final",
    "level": f"{NATIONAL}, or of a {PROVIDER}",
    "organisation": (
        "Which provider (ODS code); blank of the nation. Codes joined by + stand as one row, "
        "because one of them cannot stand alone"
    ),
    "item": "The name of the item, as in the data quality report rules",
    "category": f"{ALL}: all records of the item; else {', '.join(CATEGORIES)}",
    "statistic": (
        f"{COUNT}: a number of records; {PERCENT}: the rate; {AT_LEAST}: the rate is left out, but "
        "is at least so many percent"
    ),
    "value": f"The figure; {STAR} where it is left out",
}


def rows(stage: Released) -> Iterator[tuple[Figures, str, str, Shown]]:
    """Item by item its figures, the level, the organisation, and what is shown of it."""
    for figures in data_quality.figures(stage.content).values():
        yield figures, NATIONAL, "", figures.table.national
        for code, row in figures.table.rows.items():
            joined = "+".join(figures.table.together)
            yield figures, PROVIDER, joined if code == TOGETHER else code, row


# -- CSV ------------------------------------------------------------------------------------------


def as_csv(of: Sequence[Released]) -> bytes:
    """One figure a line."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for stage in of:
        for figures, level, who, row in rows(stage):
            before = (f"{stage.period:%Y-%m}", stage.words, level, who, figures.item.name)
            lines.writerows((*before, *line) for line in _lines(figures, row))
    return text.getvalue().encode()


def _lines(figures: Figures, row: Shown) -> Iterator[tuple[Any, ...]]:
    """Category, statistic and value of each figure of a row."""
    told = {ALL: row.whole, **figures.by_category(row.parts)}
    for category, number in told.items():
        yield category, COUNT, STAR if number is None else number
    yield VALID, PERCENT, STAR if row.rate is None else row.rate
    if row.at_least is not None:
        yield VALID, AT_LEAST, row.at_least


# -- Excel ----------------------------------------------------------------------------------------

RULES = ("Item", "Table", "Column", "Counted over", "Measured since", "Note", "Name")
HEAD = (
    *("Period", "Stage", "Organisation", "Item", "Records"),
    *(one.capitalize() for one in CATEGORIES),
    *("Percent valid", "Percent valid at least", "Name"),
)


def as_workbook(of: Sequence[Released]) -> bytes:
    """A sheet of notes, one of the rules, one of the nation and one of the providers. The same
    figures make the same file."""
    book = Book(made_at=of[0].release.at)
    _notes(book, of)
    for level in (NATIONAL, PROVIDER):
        sheet = book.sheet(level.capitalize())
        sheet.head(HEAD)
        for stage in of:
            for figures, one, who, row in rows(stage):
                if one == level:
                    sheet.row(_cells(stage, figures, who, row))
        sheet.done(len(HEAD))
    return book.content()


def _cells(stage: Released, figures: Figures, who: str, row: Shown) -> list[Cell]:
    """A category that none of the item's values can fall into is blank."""
    parts = figures.by_category(row.parts)
    counts = [_cell(parts[one]) if one in parts else None for one in CATEGORIES]
    return [
        f"{stage.period:%Y-%m}",
        stage.words,
        who,
        figures.item.title,
        _cell(row.whole),
        *counts,
        STAR if row.rate is None else row.rate,
        row.at_least,
        figures.item.name,
    ]


def _cell(number: int | None) -> Cell:
    return STAR if number is None else number


def _notes(book: Book, of: Sequence[Released]) -> None:
    notes = book.sheet("Notes")
    notes.say(f"{TITLE}: data quality", "title")
    for stage in of:
        made = stage.release
        notes.say(f"{stage.title}. Release {made.id}, {made.at:%d %B %Y}.")
    for words in (
        quality_rules.INTRODUCTION,
        *(f"{one.capitalize()}: {words}." for one, words in quality_rules.WORDS.items()),
        said("stages"),
        said("stars_of_quality"),
        *policy_words(_policies(of)),
        f"Licence: {LICENCE['title']}.",
    ):
        notes.say(words)
    notes.done()
    sheet = book.sheet("Rules")
    sheet.head(RULES)
    for one in quality.items():
        over = quality_rules.POPULATIONS[one.population]
        since = quality_rules.measured_since(one)
        sheet.row([one.title, one.table, one.column, over, since, one.note, one.name], "wrapped")
    sheet.done(len(RULES))


def _policies(of: Sequence[Released]) -> list[str]:
    return sorted({one.content["policy"] for one in of})


# -- what the columns mean ------------------------------------------------------------------------


def as_metadata(of: Sequence[Released]) -> bytes:
    """A data package (as frictionlessdata.io describes it) for the CSV, with the rules of every
    item."""
    period = f"{of[0].period:%Y-%m}"
    return written(
        {
            "name": f"data-quality-{period}",
            "title": f"{TITLE}: {', '.join(one.title for one in of)}",
            "homepage": f"{settings.SITE_ADDRESS}/quality/",
            "licenses": [LICENCE],
            "sources": [{"title": "IAPT data set, as sent by the providers"}],
            "releases": [_released(one) for one in of],
            "counted": quality_rules.INTRODUCTION,
            "categories": quality_rules.WORDS,
            "disclosure": {
                "star": said("stars_of_quality"),
                "policies": policy_words(_policies(of)),
            },
            "items": [_item(one) for one in quality.items()],
            "resources": [resource(f"data-quality-{period}", f"data_quality_{period}", COLUMNS)],
        }
    )


def _released(stage: Released) -> dict[str, Any]:
    """What a stage is of, and whose data it rests on."""
    return {
        "period": f"{stage.period:%Y-%m}",
        "title": stage.title,
        "stage": stage.words,
        "release": stage.release.id,
        "released": stage.release.at.isoformat(),
        "withdrawn": withdrawn(stage.release),
        "policy": titled(stage.content["policy"]),
        "providers": providers(released_quality.beside([stage])),
    }


def _item(item: quality.Item) -> dict[str, Any]:
    return {
        "name": item.name,
        "title": item.title,
        "table": item.table,
        "column": item.column,
        "over": quality_rules.POPULATIONS[item.population],
        "since": quality_rules.measured_since(item),
        "note": item.note or None,
        "categories": quality_rules.meanings(item),
    }


FORMS: dict[str, Form[Released]] = {
    "csv": Form("CSV, one figure a line", "text/csv; charset=utf-8", as_csv),
    "xlsx": Form("Excel", EXCEL, as_workbook),
    "json": Form("What the columns mean (JSON)", "application/json", as_metadata),
}
