"""Measures reading a file and asking every rule, as the desk checker does, without a database."""

import csv
import io
import time
import zipfile
from collections import Counter
from datetime import date

from bench.files import File
from bench.loading import Loading
from tests.validation import reference
from validation import dataset
from validation.desk import verdict_on
from validation.rules.file import Context

NOT_OF_ROWS = "F"


def validate(file: File) -> tuple[float, Counter[str]]:
    """Seconds from the file to the verdict, and what each rule of rows counts."""
    begun = time.perf_counter()
    verdict, _ = verdict_on(file.path, Context())
    taken = time.perf_counter() - begun
    counts = {rule: n for rule, n in verdict.counts.items() if not rule.startswith(NOT_OF_ROWS)}
    assert file.counts in (None, counts), (file.counts, counts)
    return taken, Counter(counts)


class Validating:
    """The floor is that of loading the same file."""

    def __init__(self, loading: Loading):
        self.loading = loading

    def ours(self) -> float:
        return validate(self.loading.file)[0]

    def floor(self) -> float:
        return self.loading.floor()


class BesideLoop:
    """The floor is a loop over dictionaries, row by row: the suite's plain reading of the rules."""

    def __init__(self, file: File):
        self.file = file
        self.counts: Counter[str] | None = None

    def ours(self) -> float:
        taken, self.counts = validate(self.file)
        return taken

    def floor(self) -> float:
        begun = time.perf_counter()
        checked = check_by_loop(tables(self.file))
        taken = time.perf_counter() - begun
        counts = Counter(rule for rule, *_ in checked.found)
        assert self.counts in (None, counts), (self.counts, counts)
        return taken


def check_by_loop(rows: dict[str, list[reference.Row]]) -> reference.Checked:
    """What the plain reading of the rules finds in a file whose header is in order."""
    (header,) = rows["Header"]
    return reference.check(
        rows,
        version=header["DataSetVersion"],
        provider=header["OrgCodeProvider"],
        start=date.fromisoformat(header["StartDate"]),
        end=date.fromisoformat(header["EndDate"]),
    )


def tables(file: File) -> dict[str, list[reference.Row]]:
    """Every row of a zip as a dictionary."""
    with zipfile.ZipFile(file.path) as archive:
        return {name: _rows(archive, name) for name in dataset.TABLES}


def _rows(archive: zipfile.ZipFile, table: str) -> list[reference.Row]:
    with archive.open(f"{table}.csv") as raw:
        return list(csv.DictReader(io.TextIOWrapper(raw, encoding="utf-8", newline="")))
