"""Loading: rows that stand become pseudonymous records, by COPY, in the verdict's transaction."""

from collections.abc import Iterable
from typing import Self

import numpy as np
import numpy.typing as npt

from submissions import pseudonyms
from submissions.copying import (
    Cells,
    Hexadecimal,
    Numbers,
    Progress,
    Sending,
    Sheet,
    Spread,
    constant,
)
from submissions.models import LocalKey, Submission
from submissions.models.records import RECORDS
from validation import values
from validation.columns import JudgedColumn
from validation.rows import Rows
from validation.rules.attended import treatment
from validation.rules.person import OLDEST_AGE

Columns = dict[str, Cells]


def age(born: npt.NDArray, at: npt.NDArray | np.datetime64) -> npt.NDArray[np.int64]:
    """Completed years; -1 where a date is missing, birth is later, or the age is not credible.

    Somebody born on 29 February is a year older on 1 March.
    """
    at = np.broadcast_to(at, born.shape)
    years = (_as_number(at) - _as_number(born)) // 10_000
    unknown = np.isnat(born) | np.isnat(at) | (born > at) | (years > OLDEST_AGE)
    return np.where(unknown, -1, years)


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


def spread(column: JudgedColumn, distinct: Iterable[str | None], rows: Rows) -> Spread:
    """A stored text for each distinct text of a column, over the rows that stand."""
    return Spread(distinct, column.codes[rows.stands])


def own_rows(rows: Rows) -> npt.NDArray[np.int64]:
    """The sender's own numbers of the rows that stand."""
    return np.flatnonzero(rows.stands) + 1


# The provider's own key of a record, by table; with a person's NHS number it is what is hashed.
LOCAL_KEYS = {"Person": "LPTID", "Referral": "ServiceID"}
HASHED = {"Person": (LOCAL_KEYS["Person"], "NHSNumber"), "Referral": (LOCAL_KEYS["Referral"],)}


class Hashes:
    """The pseudonyms for the distinct values of identifying columns; made once.

    `provider` is whose file it is, `master` the pseudonym master key.
    """

    def __init__(self, provider: str, master: str):
        self.provider, self.keyed = provider, pseudonyms.national(master)
        self._made: dict[str, pseudonyms.Pseudonyms] = {}

    def prepare(self, rows: Rows) -> None:
        """Make those of a table now, while the next one is still being read."""
        for name in HASHED.get(rows.table.name, ()):
            self.of(rows.columns[name])

    def of(self, column: JudgedColumn) -> pseudonyms.Pseudonyms:
        """For each distinct text of such a column."""
        name = column.column.name
        if name not in self._made:
            self._made[name] = self._make(name, column)
        return self._made[name]

    def _make(self, name: str, column: JudgedColumn) -> pseudonyms.Pseudonyms:
        if name == "NHSNumber":
            return pseudonyms.of_nhs_numbers(self.keyed, column.canonical)
        make = pseudonyms.of_services if name == "ServiceID" else pseudonyms.of_local_patients
        return make(self.keyed, self.provider, column.texts)


class Loading:
    """Loads one submission's checked tables, inside the verdict's transaction.

    While it is open the caller keeps its hands off the connection.
    """

    def __init__(self, submission: Submission, hashes: Hashes, progress: Progress):
        self.submission_id, self._hashes = submission.id, hashes
        self._sending = Sending(progress)

    def load(self, tables: dict[str, Rows]) -> None:
        """Write the records of what stands, parents first, and their local keys."""
        for rows in tables.values():
            if rows.stands.any():
                sheet = self._sheet(rows)
                sheet.columns |= self._derived(rows, tables)
                self._sending.send(sheet)
        for name, column in LOCAL_KEYS.items():
            if tables[name].stands.any():
                self._sending.send(self._local_keys(tables[name], column))

    def _derived(self, rows: Rows, tables: dict[str, Rows]) -> Columns:
        match rows.table.name:
            case "Person":
                return self._person(rows)
            case "Disability":
                return self._parent("person_row", rows)
            case "Referral":
                return self._referral(rows, tables["Appointment"])
            case _:
                return self._parent("referral_row", rows)

    def __enter__(self) -> Self:
        self._sending.__enter__()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._sending.__exit__(kind, error, trace)

    def _sheet(self, rows: Rows) -> Sheet:
        """The columns that the data set declares, and the record's own key."""
        own = own_rows(rows)
        sheet = Sheet(RECORDS[rows.table.name]._meta.db_table)
        sheet.columns["submission_id"] = constant(str(self.submission_id), len(own))
        sheet.columns["row"] = Numbers(own)
        for column in rows.columns.values():
            if column.column.is_recorded:
                spread_out = spread(column, column.stored(), rows)
                sheet.columns[column.column.record] = spread_out
        return sheet

    @staticmethod
    def _parent(name: str, rows: Rows) -> Columns:
        return {name: Numbers(rows.parent_places[rows.stands] + 1)}

    def _person(self, person: Rows) -> Columns:
        header = person.header
        born = person.BirthDate.dates[person.stands]
        outward = (code and code.split(" ")[0] for code in person.Postcode.canonical)
        ethnicity = person.Ethnicity
        cleansed = map(ethnicity_cleansed, ethnicity.texts, ethnicity.canonical)
        return {
            **self._pseudonyms(person),
            "age_start": Numbers(age(born, header.start)),
            "age_end": Numbers(age(born, header.end)),
            "postcode_district": spread(person.Postcode, outward, person),
            "ic_ethnicity": spread(ethnicity, cleansed, person),
        }

    def _pseudonyms(self, person: Rows) -> Columns:
        """The person's pseudonym: from the NHS number where it is valid, else from the provider's
        own identifier; one HMAC for each distinct value."""
        number, lptid = person.NHSNumber, person.LPTID
        known = number.is_valid[person.stands]
        by_number, by_local = self._hashes.of(number), self._hashes.of(lptid)
        local_places = lptid.codes[person.stands].astype(np.int32)
        number_places = number.codes[person.stands].astype(np.int32)
        places = np.where(known, number_places, local_places + len(by_number))
        return {
            "person": Hexadecimal(np.concatenate([by_number, by_local]), places),
            "local": Hexadecimal(by_local, local_places),
            "has_nhs_number": Spread(["f", "t"], known.astype(np.uint8)),
        }

    def _referral(self, referral: Rows, appointment: Rows) -> Columns:
        stands = referral.stands
        treated = np.zeros(referral.count, dtype=np.uint8)
        treated[appointment.parent_places[appointment.stands & treatment(appointment)]] = 1
        born = referral.parent.dates("BirthDate")[stands]
        services = self._hashes.of(referral.ServiceID)
        diagnosis = referral.ProvDiag
        cleansed = map(diagnosis_cleansed, diagnosis.texts, diagnosis.canonical)
        return {
            **self._parent("person_row", referral),
            "service": Hexadecimal(services, referral.ServiceID.codes[stands]),
            "age_received": Numbers(age(born, referral.RefRecDate.dates[stands])),
            "age_ended": Numbers(age(born, referral.EndDate.dates[stands])),
            "ic_provdiag": spread(diagnosis, cleansed, referral),
            "has_treatment": Spread(["f", "t"], treated[stands]),
        }

    def _local_keys(self, rows: Rows, name: str) -> Sheet:
        column = rows.columns[name]
        own = own_rows(rows)
        sheet = Sheet(LocalKey._meta.db_table, is_told=False)
        sheet.columns = {
            "submission_id": constant(str(self.submission_id), len(own)),
            "table": constant(rows.table.name, len(own)),
            "row": Numbers(own),
            "value": spread(column, column.texts, rows),
        }
        return sheet
