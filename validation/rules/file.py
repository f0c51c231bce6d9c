"""Questions about the file as a whole: its tables, its columns, its header.

What their rules say stands in `validation.rules.whole_file`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from validation import dataset, values
from validation.dataset import Column, DataSet
from validation.finding import Found
from validation.rows import Header
from validation.rule import ORGANISATIONS, PERIOD, RULEBOOK, SENDER
from validation.rules import whole_file
from validation.sent import Sent

assert whole_file.DECLARED


@dataclass(frozen=True)
class Context:
    """What the asker knows beyond the file; None where it is not known.

    `period` is `YYYY-MM`; `provider` an ODS code; `organisations` the codes known in the period;
    `pilot_site` whether the provider takes part in the pilot.
    """

    period: str | None = None
    provider: str | None = None
    organisations: frozenset[str] | None = None
    pilot_site: bool | None = None

    def knows(self, need: str) -> bool:
        known = {
            "": True,
            PERIOD: self.period is not None,
            SENDER: self.provider is not None,
            ORGANISATIONS: self.organisations is not None,
        }
        return known.get(need, False)


def structure(sent: Sent, spec: DataSet) -> Iterator[Found]:
    """F05, F06, F14: tables and columns against the version's."""
    for table in spec.tables.values():
        if table.name not in sent.tables:
            yield Found("F05", table.name, words=f"The table {table.name} is missing.")
            continue
        here = sent.tables[table.name]
        named = {found.column for found in sent.findings if found.table == table.name}
        if not here.columns:
            # Said once, and not again for each of its columns.
            if None not in named:
                words = f"{table.name} holds no names of columns: its first line has to."
                yield Found("F06", table.name, words=words)
            continue
        for name in table.columns:
            if name not in here.columns and name not in named:
                yield Found(
                    "F06", table.name, name, words=f"The column {table.name}.{name} is missing."
                )
        for name in [*here.unknown, *(name for name in here.columns if name not in table.columns)]:
            yield Found("F14", table.name, name, words=f"{table.name}.{name} was not read.")
    for name in sent.unknown:
        yield Found("F14", name, words=f"{name} was not read.")


def header_cells(sent: Sent) -> dict[str, str] | Found:
    """The texts of the one header row by column, or F07."""
    table = sent.tables["Header"]
    if table.rows != 1:
        return Found("F07", "Header", words=f"The Header table holds {table.rows} rows, not one.")
    return {name: column.distinct[column.codes[0]] for name, column in table.columns.items()}


def named_provider(sent: Sent) -> str | None:
    """The provider that the header names, wherever its cell can be read."""
    if "Header" not in sent.tables:
        return None
    cells = header_cells(sent)
    text = "" if isinstance(cells, Found) else cells.get("OrgCodeProvider", "")
    return text.upper() or None


def another_provider(named: str | None, context: Context) -> Iterator[Found]:
    """F10: asked whatever else is wrong with the header."""
    if context.provider is not None and named is not None and named != context.provider:
        words = f"The file is of provider {named[:6]}; {context.provider} was chosen."
        yield Found("F10", "Header", "OrgCodeProvider", words=words)


def version_of(sent: Sent) -> str | Found:
    """The data set version that the header names, or the finding that stops the question."""
    if "Header" not in sent.tables:
        return Found("F05", "Header", words="The table Header is missing.")
    cells = header_cells(sent)
    if isinstance(cells, Found):
        return cells
    if "DataSetVersion" not in cells:
        return Found("F06", "Header", "DataSetVersion", words="Header.DataSetVersion is missing.")
    version = cells["DataSetVersion"].upper()
    if version not in dataset.VERSIONS:
        accepted = " and ".join(dataset.VERSIONS)
        said = "blank" if not version else "not known"
        words = f"Header.DataSetVersion is {said}; versions {accepted} are accepted."
        return Found("F06", "Header", "DataSetVersion", words=words)
    return version


def _header_columns(
    cells: dict[str, str], columns: dict[str, Column], context: Context
) -> Iterator[Found]:
    """F08, F09, F16: each header item by itself (one that is missing altogether is F06).

    Where the register is not known F09 is not asked; what cannot be a provider's code at all
    then counts as none.
    """
    for name, text in cells.items():
        column = columns.get(name)
        if column is None:
            continue
        if not text and column.missing_rule:
            yield Found(column.missing_rule, "Header", name, words=f"Header.{name} is blank.")
        elif text and values.canonical(text, column) is None:
            asked = context.knows(RULEBOOK[column.invalid_rule].needs)
            code = column.invalid_rule if asked else column.missing_rule
            yield Found(code, "Header", name, words=f"Header.{name} is not valid.")


def _month(start: date, end: date) -> Iterator[Found]:
    """F08: a period runs from the first to the last day of one month."""
    last = (start.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if start.day != 1:
        yield Found(
            "F08", "Header", "StartDate", words="Header.StartDate is not the first of a month."
        )
    elif end != last:
        words = "Header.EndDate is not the last day of StartDate's month."
        yield Found("F08", "Header", "EndDate", words=words)


def header(sent: Sent, spec: DataSet, context: Context) -> tuple[Header | None, list[Found]]:
    """The header row judged: None where provider or period are not known."""
    cells = header_cells(sent)
    assert isinstance(cells, dict)
    columns = spec.tables["Header"].columns
    found = list(_header_columns(cells, columns, context))
    known = {
        name: values.canonical(cells[name], column) if cells.get(name) else None
        for name, column in columns.items()
    }
    if not (known["OrgCodeProvider"] and known["StartDate"] and known["EndDate"]):
        return None, found
    start, end = date.fromisoformat(known["StartDate"]), date.fromisoformat(known["EndDate"])
    found += _month(start, end)
    made = Header(
        version=spec.version,
        provider=known["OrgCodeProvider"],
        submitter=known["OrgCodeSubmitter"] or "",
        start=np.datetime64(start),
        end=np.datetime64(end),
    )
    found += against(made, columns, context)
    return made, found


def _said(period: str) -> str:
    """`2013-04` as people say it."""
    return f"{date.fromisoformat(f'{period}-01'):%B %Y}"


def against(made: Header, columns: dict[str, Column], context: Context) -> Iterator[Found]:
    """F03, F06 (pilot), F09, F10: the header against what the asker knows."""
    if context.period is not None and made.period != context.period:
        words = f"The file is of {_said(made.period)}; {_said(context.period)} was expected."
        yield Found("F03", "Header", "StartDate", words=words)
    # Whether it is a pilot site is known of the provider that was chosen, of no other.
    is_chosen = context.provider in {None, made.provider}
    if made.version == "1.0P" and context.pilot_site is False and is_chosen:
        words = (
            f"Version 1.0P is for pilot sites only, and {made.provider} is not one. Send version "
            "1.0; if you are a pilot site, tell the helpdesk."
        )
        yield Found("F06", "Header", "DataSetVersion", words=words)
    defaults = {code.code for code in columns["OrgCodeProvider"].codes}
    known = context.organisations
    if known is not None and made.provider not in known | defaults:
        words = f"Header.OrgCodeProvider {made.provider} is not in the register."
        yield Found("F09", "Header", "OrgCodeProvider", words=words)
