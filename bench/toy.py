"""What one would write first: DictReader, row by row, an HMAC from its key for each identifier, and
objects that Django creates 5,000 at a time."""

import hashlib
import hmac
import re
import time
import uuid
from collections.abc import Iterable, Iterator
from datetime import date

from django.db import transaction
from django.db.models import Model

from bench.loading import Loading
from bench.validating import check_by_loop, tables
from submissions.loading import LOCAL_KEYS, diagnosis_cleansed, ethnicity_cleansed
from submissions.models import LocalKey
from submissions.models.records import RECORDS
from tests.validation.reference import Row, age
from tests.validation.reference_values import as_date, key
from validation import dataset, values

AT_ONCE = 5_000
SUBMISSION = 1
SECRET = bytes(32)


class Toy:
    """The floor is the toy, on the same file."""

    def __init__(self, loading: Loading):
        self.loading = loading

    def ours(self) -> float:
        return self.loading.ours()

    def floor(self) -> float:
        begun = time.perf_counter()
        Objects(tables(self.loading.file)).save()
        taken = time.perf_counter() - begun
        self.loading.look_at_records(SUBMISSION)
        self.loading.empty_tables()
        return taken


class Objects:
    """An object for each row that stands; dates in between as texts."""

    def __init__(self, rows: dict[str, list[Row]]):
        self.checked = check_by_loop(rows)
        self.rows = {
            name: [
                (number, {column: text.strip() for column, text in row.items()})
                for number, row in enumerate(rows[name], 1)
                if self.checked.standing[name][number - 1]
            ]
            for name in dataset.DATA_TABLES
        }
        self.numbers = {
            name: {key(row[column]): number for number, row in self.rows[name]}
            for name, column in LOCAL_KEYS.items()
        }
        self.born = {key(row["LPTID"]): as_date(row["BirthDate"]) for _, row in self.rows["Person"]}

    @transaction.atomic
    def save(self) -> None:
        for name, model in RECORDS.items():
            _create(model, self._records(name, model))
        _create(LocalKey, self._local_keys())

    def _records(self, name: str, model: type[Model]) -> Iterator[Model]:
        columns = dataset.dataset(self.checked.version).tables[name].columns.values()
        recorded = [column for column in columns if column.is_recorded]
        for number, row in self.rows[name]:
            stored = {column.record: _stored(row[column.name], column) for column in recorded}
            derived = getattr(self, name.lower())(row)
            yield model(submission_id=SUBMISSION, row=number, **stored, **derived)

    def _local_keys(self) -> Iterator[Model]:
        for name, column in LOCAL_KEYS.items():
            for number, row in self.rows[name]:
                yield LocalKey(submission_id=SUBMISSION, table=name, row=number, value=row[column])

    def person(self, row: Row) -> dict[str, object]:
        columns = dataset.dataset(self.checked.version).tables["Person"].columns
        number = values.nhs_numbers([row["NHSNumber"]])[0]
        local, born = _pseudonym("local", row["LPTID"]), as_date(row["BirthDate"])
        postcode = _stored(row["Postcode"], columns["Postcode"])
        return {
            "person": _pseudonym("nhs number", number) if number else local,
            "local": local,
            "has_nhs_number": number is not None,
            "age_start": _age(born, self.checked.start),
            "age_end": _age(born, self.checked.end),
            "postcode_district": postcode and postcode.split(" ")[0],
            "ic_ethnicity": ethnicity_cleansed(
                row["Ethnicity"], _stored(row["Ethnicity"], columns["Ethnicity"])
            ),
        }

    def disability(self, row: Row) -> dict[str, object]:
        return {"person_row": self.numbers["Person"][key(row["LPTID"])]}

    def referral(self, row: Row) -> dict[str, object]:
        column = dataset.dataset(self.checked.version).tables["Referral"].columns["ProvDiag"]
        born = self.born[key(row["LPTID"])]
        return {
            "person_row": self.numbers["Person"][key(row["LPTID"])],
            "service": _pseudonym("service", row["ServiceID"]),
            "age_received": _age(born, as_date(row["RefRecDate"])),
            "age_ended": _age(born, as_date(row["EndDate"])),
            "ic_provdiag": diagnosis_cleansed(row["ProvDiag"], _stored(row["ProvDiag"], column)),
            "has_treatment": False,
        }

    def appointment(self, row: Row) -> dict[str, object]:
        return {"referral_row": self.numbers["Referral"][key(row["ServiceID"])]}


def _create(model: type[Model], objects: Iterable[Model]) -> None:
    model._base_manager.bulk_create(objects, AT_ONCE)


def _stored(text: str, column: dataset.Column) -> str | None:
    value = values.canonical(text, column) if text else None
    return value or (text if column.kept and re.fullmatch(column.kept, text) else None)


def _pseudonym(purpose: str, text: str) -> uuid.UUID:
    hashed = hmac.new(SECRET, f"{purpose}|{text.upper()}".encode(), hashlib.sha256)
    return uuid.UUID(bytes=hashed.digest()[:16])


def _age(born: date | None, at: date | None) -> int | None:
    return age(born, at) if born and at and born <= at else None
