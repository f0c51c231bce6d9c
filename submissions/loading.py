"""Loading: rows that stand become pseudonymous records, by COPY, inside the verdict's transaction.

Every value is judged and written once for each distinct text of a column and then spread, so that
the text handed to COPY never meets an unescaped value and the work does not grow with the rows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

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
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})

Texts = npt.NDArray[np.object_]
Progress = Callable[[int], None]


def copy_text(value: str | None) -> str:
    """A value as PostgreSQL's COPY text format wants it."""
    return NULL if value is None else value.translate(_ESCAPES)


@dataclass
class Sheet:
    """Columns on their way into one table: name and one COPY text for each row."""

    table: str
    columns: dict[str, Texts] = field(default_factory=dict)

    def copy(self, progress: Progress) -> None:
        names = ", ".join(f'"{name}"' for name in self.columns)
        lists = [column.tolist() for column in self.columns.values()]
        count = len(lists[0])
        statement = f'COPY "{self.table}" ({names}) FROM STDIN'
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for start in range(0, count, ROWS_IN_A_BLOCK):
                block = [values[start : start + ROWS_IN_A_BLOCK] for values in lists]
                copy.write("\n".join(map("\t".join, zip(*block, strict=True))) + "\n")
                progress(len(block[0]))


def _spread(column: JudgedColumn, texts: Iterable[str | None], stands: npt.NDArray) -> Texts:
    """One COPY text for each distinct value becomes one for each row that stands."""
    distinct = np.array([copy_text(text) for text in texts], dtype=object)
    return distinct[column.codes[stands]]


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
        for table, derive in (
            ("Person", self._person),
            ("Disability", self._parent("person_row")),
            ("Referral", self._referral),
            ("Appointment", self._parent("referral_row")),
        ):
            rows = self.rows[table]
            if rows.stands.any():
                sheet = self._sheet(table)
                sheet.columns |= derive(rows)
                sheet.copy(self.progress)
        self._local_keys("Person", "LPTID")
        self._local_keys("Referral", "ServiceID")

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
        hashed = (
            number and pseudonyms.of_nhs_number(self.keyed, number).hex()
            for number in person.NHSNumber.canonical
        )
        return _spread(person.NHSNumber, hashed, person.stands)

    def _by_local_id(self, person: Rows) -> Texts:
        """Pseudonyms from the provider's own identifiers: the person's where there is no number."""
        hashed = (
            pseudonyms.of_local_patient(self.keyed, self.provider, text).hex()
            for text in person.LPTID.texts
        )
        return _spread(person.LPTID, hashed, person.stands)

    def _referral(self, referral: Rows) -> dict[str, Texts]:
        stands = referral.stands
        born = referral.parent.dates("BirthDate")[stands]
        services = (
            pseudonyms.of_service(self.keyed, self.provider, text).hex()
            for text in referral.ServiceID.texts
        )
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

    def _local_keys(self, table: str, name: str) -> None:
        rows = self.rows[table]
        if not rows.stands.any():
            return
        column = rows.columns[name]
        sheet = Sheet(LocalKey._meta.db_table)
        sheet.columns = {
            "submission_id": self._constant(str(self.submission_id), rows),
            "table": self._constant(table, rows),
            "row": self._own_row(rows),
            "value": _spread(column, column.texts, rows.stands),
        }
        sheet.copy(lambda rows: None)
