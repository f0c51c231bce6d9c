"""The page on which a data manager works through what was found: by rule or by record."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from django import forms
from django.core.paginator import Paginator
from django.http import QueryDict

from submissions.finding_lists import NOT_KEPT, FindingList, KeptRecords, Listed, Numbers
from submissions.models import Submission
from validation import dataset, dictionary, report
from validation.finding import COSTS, Cost, cost_of
from validation.rule import RULEBOOK

ON_A_PAGE = 50
BY_RULE, BY_RECORD = "rule", "record"
SHOWN = "shown"
ROW = re.compile(r"[1-9][0-9]{0,8}")
# How each of the two may be sorted; the first is meant where nothing is said.
SORTS = {
    BY_RULE: [("", "What costs most first"), ("often", "Most often first"), ("code", "By code")],
    BY_RECORD: [("", "By table and row"), ("most", "Most findings first")],
}


@dataclass(frozen=True)
class Told:
    """A rule broken in one column, as the pages tell it. `entry` is the column in the dictionary,
    where the data set knows it."""

    listed: Listed
    entry: dictionary.Entry | None

    @property
    def code(self) -> str:
        return self.listed.rule

    @property
    def anchor(self) -> str:
        """What its place on a page is called."""
        return f"found-{self.listed.number}"

    @property
    def cost(self) -> Cost:
        return cost_of(self.listed.rule, self.listed.severity)

    @property
    def sentence(self) -> str:
        return self.listed.words or RULEBOOK[self.code].say(self.listed.column)

    @property
    def advice(self) -> str:
        return RULEBOOK[self.code].advice

    @property
    def order(self) -> tuple[int, bool, int, str]:
        return report.order_of(self.code, self.listed.severity, self.listed.count)


def told(found: FindingList, version: str) -> list[Told]:
    """Every finding of a list, what costs most first; columns are those of the file's version."""
    tables = dataset.dataset(version).tables if version in dataset.VERSIONS else {}
    each = [Told(listed, _entry(tables, listed)) for listed in found.findings]
    return sorted(each, key=lambda one: one.order)


def _entry(tables: dict[str, dataset.Table], listed: Listed) -> dictionary.Entry | None:
    table = tables.get(listed.table)
    column = table.columns.get(listed.column) if table else None
    return dictionary.Entry(column) if column else None


class FindingFilter(forms.Form):
    """What a page of findings shows. Only what is there can be chosen."""

    by = forms.CharField(required=False, widget=forms.HiddenInput)
    records = forms.CharField(required=False, widget=forms.HiddenInput)
    severity = forms.ChoiceField(label="What it costs", required=False)
    rule = forms.ChoiceField(label="Rule", required=False)
    table = forms.ChoiceField(label="Table", required=False)
    column = forms.ChoiceField(label="Column", required=False)
    sort = forms.ChoiceField(label="In what order", required=False)

    def __init__(self, asked: QueryDict, every: list[Told]):
        super().__init__(asked)
        self.view = BY_RECORD if asked.get("by") == BY_RECORD else BY_RULE
        listed = [one.listed for one in every]
        costs = {one.cost.name: one.cost.tag for one in every}
        self._offer("severity", [(name, COSTS[name].tag) for name in COSTS if name in costs])
        self._offer("rule", [(code, code) for code in sorted({one.rule for one in listed})])
        tables = {one.table for one in listed}
        self._offer("table", [(name, name) for name in dataset.TABLES if name in tables])
        columns = dict.fromkeys(f"{one.table}.{one.column}" for one in listed if one.column)
        self._offer("column", [(place, place) for place in sorted(columns)])
        self.fields["sort"].choices = SORTS[self.view]  # type: ignore[attr-defined]
        self.is_valid()

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = [("", "All"), *choices]  # type: ignore[attr-defined]

    def asked(self, name: str) -> str:
        """What was chosen; nothing where nothing was, or what is not there."""
        return str(self.cleaned_data.get(name) or "")

    @property
    def sought(self) -> dict[str, str]:
        """What narrows the page."""
        names = ("severity", "rule", "table", "column")
        return {name: self.asked(name) for name in names if self.asked(name)}

    def admits(self, one: Told) -> bool:
        has = {
            "severity": one.cost.name,
            "rule": one.code,
            "table": one.listed.table,
            "column": f"{one.listed.table}.{one.listed.column}",
        }
        return all(has[name] == wanted for name, wanted in self.sought.items())

    def address(self, **changes: str) -> str:
        """The same page but for some of what was asked; an empty value is left out."""
        kept = {"by": self.view, **self.sought, "sort": self.asked("sort")}
        kept["records"] = SHOWN if self.asked("records") == SHOWN else ""
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in (kept | changes).items() if value})
        return query.urlencode()


@dataclass(frozen=True)
class Place:
    """Where a rule was broken; the sender's own `key` and `value` where they were asked for."""

    row: int | None
    line: int | None
    other_row: int | None = None
    key: str = ""
    value: str = ""


@dataclass(frozen=True)
class Broken:
    """One rule in one column with the places that a page shows, from which on of how many."""

    told: Told
    first: int
    places: list[Place]
    # Whether they are of records that are not in the file.
    are_missing: bool = False

    @property
    def last(self) -> int:
        return self.first + len(self.places) - 1

    @property
    def has_lines(self) -> bool:
        return any(place.line for place in self.places)

    @property
    def has_others(self) -> bool:
        return any(place.other_row for place in self.places)


class ByRule:
    """Findings one after the other, rule by rule: as long as there are findings."""

    def __init__(self, found: FindingList, chosen: list[Told], *, with_records: bool):
        self._found, self._chosen, self._with_records = found, chosen, with_records

    def __len__(self) -> int:
        return sum(one.listed.count for one in self._chosen)

    def __getitem__(self, part: slice) -> list[Broken]:
        return list(self._between(part.start, part.stop))

    def _between(self, start: int, stop: int) -> Iterator[Broken]:
        at = 0
        for one in self._chosen:
            first, last = max(start - at, 0), min(stop - at, one.listed.count)
            if first < last:
                are_missing = bool(self._found.keys(one.listed))
                yield Broken(one, first + 1, self.places(one, first, last), are_missing)
            at += one.listed.count

    def places(self, one: Told, first: int, last: int) -> list[Place]:
        """The places of one rule in one column from the first to before the last."""
        listed = one.listed
        if keys := self._found.keys(listed)[first:last]:
            return [Place(None, None, key=key if self._with_records else "") for key in keys]
        if not self._found.has_rows(listed):
            return [Place(None, listed.line)]
        rows = self._found.rows(listed)[first:last]
        records = self._found.records(listed.table)
        others = [other or None for other in self._found.others(listed)[first:last].tolist()]
        keys, values = self._records(records, listed, rows)
        facts = zip(rows.tolist(), records.lines(rows), others, keys, values, strict=True)
        return [Place(*each) for each in facts]

    def _records(
        self, records: KeptRecords, listed: Listed, rows: Numbers
    ) -> tuple[list[str], list[str]]:
        if not self._with_records:
            return [""] * len(rows), [""] * len(rows)
        values = records.texts(listed.column, rows) if listed.column else [""] * len(rows)
        return records.keys(rows), [in_words(value) for value in values]


def in_words(value: str) -> str:
    """A value as the sender may see it again."""
    return "valid, and not kept" if value == NOT_KEPT else value


@dataclass(frozen=True)
class Record:
    """A record with everything that was found of it."""

    table: str
    row: int
    line: int | None
    key: str
    found: list[tuple[Told, Place]] = field(default_factory=list)


class ByRecord:
    """Records of which something was found, each once."""

    def __init__(
        self,
        found: FindingList,
        every: list[Told],
        chosen: list[Told],
        *,
        most_first: bool,
        with_records: bool,
    ):
        self._found, self._every, self._with_records = found, every, with_records
        self._chosen = [one for one in chosen if found.has_rows(one.listed)]
        self._most_first = most_first

    def __len__(self) -> int:
        return len(self._order[0])

    @cached_property
    def _order(self) -> tuple[Numbers, Numbers]:
        """Of each record its table's place in the data set and its row, in the order asked for."""
        counted = [self._counted(table) for table in dataset.TABLES]
        sizes = [len(rows) for rows, _ in counted]
        tables = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        rows = np.concatenate([rows for rows, _ in counted])
        if not self._most_first:
            return tables, rows
        order = np.argsort(-np.concatenate([counts for _, counts in counted]), kind="stable")
        return tables[order], rows[order]

    def _counted(self, table: str) -> tuple[Numbers, npt.NDArray[np.int64]]:
        """The rows of a table of which something was found, and how much of each."""
        of_table = [one.listed for one in self._chosen if one.listed.table == table]
        broken = [self._found.rows(listed) for listed in of_table]
        nothing = np.zeros(0, dtype=np.int32)
        rows, counts = np.unique(np.concatenate([nothing, *broken]), return_counts=True)
        return rows, counts.astype(np.int64)

    def __getitem__(self, part: slice) -> list[Record]:
        tables, rows = (each[part] for each in self._order)
        shown: dict[tuple[str, int], Record] = {}
        for number in dict.fromkeys(tables.tolist()):
            table = dataset.TABLES[number]
            for record in self.records(table, np.sort(rows[tables == number])):
                shown[table, record.row] = record
        pairs = zip(tables.tolist(), rows.tolist(), strict=True)
        return [shown[dataset.TABLES[number], row] for number, row in pairs]

    def records(self, table: str, rows: Numbers) -> list[Record]:
        """Those records of a table, each with everything that was found of it."""
        kept = self._found.records(table)
        keys = kept.keys(rows) if self._with_records else [""] * len(rows)
        facts = zip(rows.tolist(), kept.lines(rows), keys, strict=True)
        made = {row: Record(table, row, line, key) for row, line, key in facts}
        for one in self._every:
            if one.listed.table == table and self._found.has_rows(one.listed):
                self._add(made, one, rows)
        return list(made.values())

    def _add(self, made: dict[int, Record], one: Told, rows: Numbers) -> None:
        """What one rule found of those records."""
        broken = self._found.rows(one.listed)
        at = np.searchsorted(broken, rows)
        at = at[(at < len(broken)) & (broken[np.minimum(at, len(broken) - 1)] == rows)]
        by_rule = ByRule(self._found, [one], with_records=self._with_records)
        for number in at.tolist():
            [place] = by_rule.places(one, number, number + 1)
            assert place.row is not None
            made[place.row].found.append((one, place))


@dataclass(frozen=True)
class Around:
    """The record around its findings: each column and what stands in it, and its parent."""

    values: list[tuple[dictionary.Entry, str]]
    parent: str
    parent_key: str
    parent_row: int | None


def around(found: FindingList, version: str, record: Record) -> Around:
    """All of a record that is kept, whatever was found of it."""
    kept = found.records(record.table)
    spec = dataset.dataset(version).tables[record.table]
    row = np.array([record.row], dtype=np.int32)
    values = [
        (dictionary.Entry(column), in_words(kept.texts(name, row)[0]))
        for name, column in spec.columns.items()
    ]
    if not spec.parent:
        return Around(values, "", "", None)
    [key] = kept.texts(spec.link, row)
    parents: list[int] = []
    if key and spec.parent in found.tables:
        parents = found.records(spec.parent).with_text(spec.link, key).tolist()
    return Around(values, spec.parent, key, parents[0] if parents else None)


def page(
    submission: Submission, found: FindingList, asked: QueryDict, *, with_records: bool
) -> dict[str, Any]:
    """What the page shows: the findings or records that were asked for, a page of them."""
    every = told(found, submission.dataset_version)
    form = FindingFilter(asked, every)
    chosen = [one for one in every if form.admits(one)]
    if form.view == BY_RULE:
        shown: Any = ByRule(found, _sorted(chosen, form.asked("sort")), with_records=with_records)
    else:
        most_first = form.asked("sort") == "most"
        shown = ByRecord(found, every, chosen, most_first=most_first, with_records=with_records)
    return {
        "form": form,
        "by": form.view,
        "page": Paginator(shown, ON_A_PAGE).get_page(asked.get("page")),
        "count": sum(one.listed.count for one in every),
        "chosen_count": sum(one.listed.count for one in chosen),
        "query": f"{form.address()}&",
        **_addresses(form),
    }


def _addresses(form: FindingFilter, **record: str) -> dict[str, str]:
    """Where one goes from here; `record` names the one that is shown."""
    nothing = dict.fromkeys(form.sought, "")
    return {
        "by_rule": form.address(by=BY_RULE, sort=""),
        "by_record": form.address(by=BY_RECORD, sort=""),
        "to_record": form.address(by=BY_RECORD, sort="", **nothing),
        "with_them": form.address(records=SHOWN, **record),
        "without_them": form.address(records="", **record),
    }


def _sorted(chosen: list[Told], sort: str) -> list[Told]:
    if sort == "often":
        return sorted(chosen, key=lambda one: -one.listed.count)
    if sort == "code":
        return sorted(chosen, key=lambda one: one.code)
    return chosen


def record_page(
    submission: Submission, found: FindingList, asked: QueryDict, *, with_records: bool
) -> dict[str, Any] | None:
    """What the page of one record (`table`, `row`) shows; None where nothing names it."""
    table, number = asked.get("table", ""), asked.get("row", "")
    if table not in found.tables or not ROW.fullmatch(number):
        return None
    row = np.array([number], dtype=np.int32)
    if not np.isin(row, found.records(table).rows):
        return None
    every = told(found, submission.dataset_version)
    by_record = ByRecord(found, every, every, most_first=False, with_records=with_records)
    [record] = by_record.records(table, row)
    return {
        "record": record,
        "around": around(found, submission.dataset_version, record) if with_records else None,
        **_addresses(FindingFilter(asked, every), row=number),
    }
