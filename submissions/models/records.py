"""Records: pseudonymous rows, their columns made from the data set.

A record is found by its submission and the row it was (the sender's own row number), which also
ties children to parents: no surrogate keys, no random index while loading. Nothing here knows an
NHS number, a birth date, a postcode or a local identifier; those that a provider may see again
stand in `identifying.local_key`, a schema that the web process has no right on.
"""

from typing import Any, ClassVar

from django.db import models

from validation import dataset
from validation.dataset import Column


def _field(column: Column) -> "models.Field[Any, Any]":
    """The stored form of a column: NULL where blank or not valid."""
    match column.kind:
        case "date":
            return models.DateField(null=True)
        case "integer":
            return models.SmallIntegerField(null=True)
        case "decimal":
            return models.DecimalField(max_digits=4, decimal_places=2, null=True)
        case _:
            return models.CharField(max_length=column.length, null=True)


def _data_set_fields(table: str) -> "dict[str, models.Field[Any, Any]]":
    columns = dataset.widest().tables[table].columns.values()
    return {column.record: _field(column) for column in columns if column.is_recorded}


class FromDataSet(models.base.ModelBase):
    """Adds to a record the columns that the data set declares for its table."""

    def __new__(cls, name: str, bases: Any, attrs: dict[str, Any], **kwargs: Any) -> Any:
        if table := attrs.pop("table_of_data_set", None):
            attrs = {**attrs, **_data_set_fields(table), "TABLE": table}
        return super().__new__(cls, name, bases, attrs, **kwargs)


class Record(models.Model):
    """What every record has."""

    TABLE: ClassVar[str] = ""
    pk = models.CompositePrimaryKey("submission_id", "row")
    submission_id = models.BigIntegerField()
    row = models.IntegerField()

    class Meta:
        abstract = True


class PersonRecord(Record, metaclass=FromDataSet):
    """A person as one submission has it.

    `person` is the national pseudonym (never leaves the database); `has_nhs_number` whether it
    rests on a valid NHS number; `local` the keyed hash of provider and LPTID, by which two
    records of one person are told apart. Ages are completed years.
    """

    table_of_data_set = "Person"
    person = models.UUIDField()
    local = models.UUIDField()
    has_nhs_number = models.BooleanField()
    age_start = models.SmallIntegerField(null=True)
    age_end = models.SmallIntegerField(null=True)
    postcode_district = models.CharField(max_length=4, null=True)
    ic_ethnicity = models.CharField(max_length=2)


class DisabilityRecord(Record, metaclass=FromDataSet):
    """A disability of a person."""

    table_of_data_set = "Disability"
    person_row = models.IntegerField()


class ReferralRecord(Record, metaclass=FromDataSet):
    """A referral. `service` is the keyed hash of provider and ServiceID; `has_treatment` whether an
    attended treatment appointment of it was sent in the same file."""

    table_of_data_set = "Referral"
    person_row = models.IntegerField()
    service = models.UUIDField()
    age_received = models.SmallIntegerField(null=True)
    age_ended = models.SmallIntegerField(null=True)
    ic_provdiag = models.CharField(max_length=4)
    has_treatment = models.BooleanField()


class AppointmentRecord(Record, metaclass=FromDataSet):
    """An appointment."""

    table_of_data_set = "Appointment"
    referral_row = models.IntegerField()


class LocalKey(models.Model):
    """The provider's own key of a record (LPTID of a Person, ServiceID of a Referral), for the
    provider's own extract alone. Lies in a schema of its own."""

    pk = models.CompositePrimaryKey("submission_id", "table", "row")
    submission_id = models.BigIntegerField()
    table = models.CharField(max_length=20)
    row = models.IntegerField()
    value = models.CharField(max_length=20)

    class Meta:
        db_table = 'identifying"."local_key'


RECORDS: dict[str, type[Record]] = {
    model.TABLE: model
    for model in (PersonRecord, DisabilityRecord, ReferralRecord, AppointmentRecord)
}
