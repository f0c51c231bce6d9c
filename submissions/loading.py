"""Loading: rows that stand become pseudonymous records, by COPY, inside the verdict's transaction.

Every value is judged and written once for each distinct text of a column and then spread, so that
the text handed to COPY never meets an unescaped value and the work does not grow with the rows.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from queue import Queue
from typing import Self

import numpy as np
import numpy.typing as npt
from django.db import connection

from submissions import pseudonyms
from submissions.models import LocalKey
from submissions.models.records import RECORDS
from validation import values
from validation.columns import JudgedColumn
from validation.rows import Rows

NULL = r"\N"
ROWS_IN_A_BLOCK = 20_000
_NEEDS_ESCAPE = re.compile(r"[\\\t\n\r]")
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})

Texts = npt.NDArray[np.object_]
Progress = Callable[[int], None]


def copy_text(value: str | None) -> str:
    """A value as PostgreSQL's COPY text format wants it."""
    return NULL if value is None else value.translate(_ESCAPES)


def copy_texts(values: list[str | None]) -> list[str]:
    """The same for many values: most columns hold nothing that needs an escape."""
    if _NEEDS_ESCAPE.search("".join(filter(None, values))):
        return [copy_text(value) for value in values]
    return [NULL if value is None else value for value in values]


@dataclass
class Sheet:
    """Columns on their way into one table: name and one COPY text for each row. `is_told` is
    whether its rows are records, which the progress tells of."""

    table: str
    columns: dict[str, Texts] = field(default_factory=dict)
    is_told: bool = True

    def blocks(self) -> Iterator[tuple[int, str]]:
        """The COPY text in blocks of rows, each with its number of rows."""
        lists = [column.tolist() for column in self.columns.values()]
        for start in range(0, len(lists[0]), ROWS_IN_A_BLOCK):
            block = [values[start : start + ROWS_IN_A_BLOCK] for values in lists]
            yield len(block[0]), "\n".join(map("\t".join, zip(*block, strict=True))) + "\n"

    @property
    def statement(self) -> str:
        names = ", ".join(f'"{name}"' for name in self.columns)
        return f'COPY "{self.table}" ({names}) FROM STDIN'


class Sending:
    """Copies sheets to the database in a thread of its own, while the next one is made.

    It writes on the caller's connection, in the caller's transaction; the caller keeps its hands
    off the connection until the end, where a fault of the thread is raised.
    """

    def __init__(self, progress: Progress):
        self._progress = progress
        self._sheets: Queue[Sheet | None] = Queue(maxsize=1)
        self._error: Exception | None = None
        connection.ensure_connection()
        self._connection = connection.connection
        self._thread = threading.Thread(target=self._work, daemon=True)

    def send(self, sheet: Sheet) -> None:
        self._sheets.put(sheet)

    def _work(self) -> None:
        while sheet := self._sheets.get():
            if self._error is None:
                try:
                    self._copy(sheet)
                except Exception as error:  # noqa: BLE001 (raised in the caller's thread)
                    self._error = error

    def _copy(self, sheet: Sheet) -> None:
        with self._connection.cursor() as cursor, cursor.copy(sheet.statement) as copy:
            for rows, block in sheet.blocks():
                copy.write(block)
                if sheet.is_told:
                    self._progress(rows)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._sheets.put(None)
        self._thread.join()
        if self._error is not None and error is None:
            raise self._error


def _spread(column: JudgedColumn, texts: Iterable[str | None], stands: npt.NDArray) -> Texts:
    """One COPY text for each distinct value becomes one for each row that stands."""
    return np.array(copy_texts(list(texts)), dtype=object)[column.codes[stands]]


def _whole(number: npt.NDArray) -> Texts:
    """Whole numbers as COPY text; negative means NULL."""
    distinct, places = np.unique(number, return_inverse=True)
    texts = [NULL if value < 0 else str(value) for value in distinct.tolist()]
    return np.array(texts, dtype=object)[places]


def age(born: npt.NDArray, at: npt.NDArray | np.datetime64) -> npt.NDArray[np.int64]:
    """Completed years; -1 where a date is missing, birth is later, or the age is not credible.

    Somebody born on 29 February is a year older on 1 March.
    """
    at = np.broadcast_to(at, born.shape)
    years = (_as_number(at) - _as_number(born)) // 10_000
    unknown = np.isnat(born) | np.isnat(at) | (born > at) | (years > OLDEST)
    return np.where(unknown, -1, years)


OLDEST = 120


def _as_number(days: npt.NDArray) -> npt.NDArray[np.int64]:
    """Dates as the numbers YYYYMMDD."""
    filled = np.where(np.isnat(days), np.datetime64("1970-01-01"), days)
    months = filled.astype("datetime64[M]")
    year = filled.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (filled - months).astype(np.int64) + 1
    return year * 10_000 + month * 100 + day


def ethnicity_cleansed(text: str, canonical: str | None) -> str:
    """IC_ETHNICITY: the code; -1 missing; -3 anything else."""
    return canonical or ("-3" if text else "-1")


def diagnosis_cleansed(text: str, canonical: str | None) -> str:
    """IC_PROVDIAG: without dots, cut to four; -1 missing; -3 not valid."""
    return values.diagnosis_cleansed(canonical)[:4] if canonical else ethnicity_cleansed(text, None)


class Loading:
    """Loads one submission's checked tables. `master` is the pseudonym master key."""

    def __init__(self, submission_id: int, rows: dict[str, Rows], master: str, progress: Progress):
        self.submission_id, self.rows, self.progress = submission_id, rows, progress
        self.provider = rows["Person"].header.provider
        self.keyed = pseudonyms.national(master)

    def load(self) -> None:
        """Writes records and local keys; to be called inside the verdict's transaction."""
        with Sending(self.progress) as sending:
            for sheet in self.sheets():
                sending.send(sheet)

    def sheets(self) -> Iterator[Sheet]:
        """One sheet for each table that has rows standing, and one for each table's local keys.

        Those that need no pseudonyms come first: they travel while pseudonyms are made.
        """
        for table, name in (("Person", "LPTID"), ("Referral", "ServiceID")):
            if self.rows[table].stands.any():
                yield self._local_keys(table, name)
        for table, derive in (
            ("Appointment", self._parent("referral_row")),
            ("Disability", self._parent("person_row")),
            ("Person", self._person),
            ("Referral", self._referral),
        ):
            rows = self.rows[table]
            if rows.stands.any():
                sheet = self._sheet(table)
                sheet.columns |= derive(rows)
                yield sheet

    def _sheet(self, table: str) -> Sheet:
        """The columns that the data set declares, and the record's own key."""
        rows, model = self.rows[table], RECORDS[table]
        sheet = Sheet(model._meta.db_table)
        sheet.columns["submission_id"] = self._constant(str(self.submission_id), rows)
        sheet.columns["row"] = self._own_row(rows)
        for column in rows.columns.values():
            if column.column.is_recorded:
                texts = _spread(column, column.stored(), rows.stands)
                sheet.columns[column.column.record] = texts
        return sheet

    @staticmethod
    def _constant(text: str, rows: Rows) -> Texts:
        return np.full(int(rows.stands.sum()), text, dtype=object)

    @staticmethod
    def _own_row(rows: Rows) -> Texts:
        return np.array(list(map(str, (np.flatnonzero(rows.stands) + 1).tolist())), dtype=object)

    @staticmethod
    def _parent(name: str) -> Callable[[Rows], dict[str, Texts]]:
        def derive(rows: Rows) -> dict[str, Texts]:
            return {name: _whole(rows.parent_places[rows.stands] + 1)}

        return derive

    def _person(self, person: Rows) -> dict[str, Texts]:
        stands, header = person.stands, person.header
        born = person.BirthDate.dates[stands]
        known = person.NHSNumber.is_valid[stands]
        by_local_id = self._by_local_id(person)
        return {
            "person": np.where(known, self._by_number(person), by_local_id),
            "local": by_local_id,
            "has_nhs_number": np.where(known, "t", "f").astype(object),
            "age_start": _whole(age(born, header.start)),
            "age_end": _whole(age(born, header.end)),
            "postcode_district": _spread(
                person.Postcode,
                (code and code.split(" ")[0] for code in person.Postcode.canonical),
                stands,
            ),
            "ic_ethnicity": _spread(
                person.Ethnicity,
                map(ethnicity_cleansed, person.Ethnicity.texts, person.Ethnicity.canonical),
                stands,
            ),
        }

    def _by_number(self, person: Rows) -> Texts:
        """Pseudonyms from NHS numbers, one HMAC for each distinct number."""
        hashed = pseudonyms.of_nhs_numbers(self.keyed, person.NHSNumber.canonical)
        return _spread(person.NHSNumber, hashed, person.stands)

    def _by_local_id(self, person: Rows) -> Texts:
        """Pseudonyms from the provider's own identifiers: the person's where there is no number."""
        hashed = pseudonyms.of_local_patients(self.keyed, self.provider, person.LPTID.texts)
        return _spread(person.LPTID, hashed, person.stands)

    def _referral(self, referral: Rows) -> dict[str, Texts]:
        stands = referral.stands
        born = referral.parent.dates("BirthDate")[stands]
        texts = referral.ServiceID.texts
        services = pseudonyms.of_services(self.keyed, self.provider, texts)
        diagnosis = referral.ProvDiag
        return {
            "person_row": _whole(referral.parent_places[stands] + 1),
            "service": _spread(referral.ServiceID, services, stands),
            "age_received": _whole(age(born, referral.RefRecDate.dates[stands])),
            "age_ended": _whole(age(born, referral.EndDate.dates[stands])),
            "ic_provdiag": _spread(
                diagnosis, map(diagnosis_cleansed, diagnosis.texts, diagnosis.canonical), stands
            ),
        }

    def _local_keys(self, table: str, name: str) -> Sheet:
        rows = self.rows[table]
        column = rows.columns[name]
        sheet = Sheet(LocalKey._meta.db_table, is_told=False)
        sheet.columns = {
            "submission_id": self._constant(str(self.submission_id), rows),
            "table": self._constant(table, rows),
            "row": self._own_row(rows),
            "value": _spread(column, column.texts, rows.stands),
        }
        return sheet
