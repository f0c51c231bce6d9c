"""What can be done with a table while the child still reads the next one: its values judged, its
identifiers hashed. Nothing of it counts before the whole file is there and checked.
"""

from submissions import pseudonyms
from validation import dataset
from validation.columns import JudgedColumn
from validation.dataset import DataSet
from validation.sent import SentTable

# The last table before the appointments, which take the child longest.
LAST_OF_THE_SMALL = "Referral"


class Hashes:
    """The pseudonyms, in hexadecimal, for the distinct values of identifying columns; made once.

    `provider` is whose file it is, `master` the pseudonym master key.
    """

    def __init__(self, provider: str, master: str):
        self.provider, self.keyed = provider, pseudonyms.national(master)
        self._made: dict[str, tuple[JudgedColumn, list[str | None]]] = {}

    def of(self, column: JudgedColumn) -> list[str | None]:
        """For each distinct text of NHSNumber, LPTID or ServiceID."""
        name = column.column.name
        made = self._made.get(name)
        if made is None or made[0] is not column:
            made = self._made[name] = (column, self._hash(name, column))
        return made[1]

    def _hash(self, name: str, column: JudgedColumn) -> list[str | None]:
        if name == "NHSNumber":
            return pseudonyms.of_nhs_numbers(self.keyed, column.canonical)
        make = pseudonyms.of_services if name == "ServiceID" else pseudonyms.of_local_patients
        return make(self.keyed, self.provider, column.texts)


class Beforehand:
    """Told of each table as it arrives; `judged` are its columns by table and name."""

    def __init__(self, hashes: Hashes):
        self.hashes = hashes
        self.judged: dict[tuple[str, str], JudgedColumn] = {}
        self._version: DataSet | None = None

    def arrived(self, table: SentTable) -> None:
        if table.name == "Header":
            self._version = _version(table)
        if self._version is None:
            return
        for name, column in self._version.tables[table.name].columns.items():
            if name in table.columns:
                judged = JudgedColumn(column, table.columns[name])
                self.judged[table.name, name] = judged
                if column.invalid_rule or column.is_recorded:
                    judged.judge()
        if table.name == LAST_OF_THE_SMALL:
            self._hash()

    def _hash(self) -> None:
        for place in (("Person", "NHSNumber"), ("Person", "LPTID"), ("Referral", "ServiceID")):
            if column := self.judged.get(place):
                self.hashes.of(column)


def _version(header: SentTable) -> DataSet | None:
    """The data set of the version that the header names, where it is known."""
    column = header.columns.get("DataSetVersion")
    version = column.distinct[0].upper() if column and column.distinct else ""
    return dataset.dataset(version) if version in dataset.VERSIONS else None
