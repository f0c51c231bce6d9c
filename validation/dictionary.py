"""The data dictionary: what each column holds, made from the data set and the rulebook."""

import re
from dataclasses import dataclass

from validation import dataset, rulebook, values
from validation.dataset import Code, Column
from validation.rule import Rule

REQUIREMENTS = {
    "M": "Mandatory",
    "R": "Required where it applies and is known",
    "O": "Optional",
    "P": "For Payment by Results pilot sites",
}

# Names that keep their capitals.
WRITTEN_LARGE = ("NHS", "IAPT", "PHQ-9", "ICD", "British", "Penn State")

BELOW = "One of the codes below"
# What each kind of column accepts, as `validation.values` judges it.
FORMATS = {
    "text": "Text of at most {length} characters",
    "local_id": "Letters, digits, space and / - _ . with a letter or digit first; at most {length} "
    "characters",
    "organisation": "ODS code of 3 to {length} letters and digits",
    "code": BELOW,
    "ethnicity": f"{BELOW}; only the first character counts",
    "nhs_number": "Ten digits, the last one the check digit; spaces and hyphens do not matter",
    "date": "Date, as YYYY-MM-DD or DD/MM/YYYY, or Date/Time in Access",
    "time": "Time of day, as HH:MM or HH:MM:SS",
    "year_month": "Year and month, as YYYY-MM",
    "integer": "Whole number from {minimum} to {maximum}",
    "decimal": "Number from {minimum} to {maximum} with at most two decimals",
    "postcode": "Postcode; capitals and the space do not matter. Without a fixed abode ZZ99 3VZ",
    "diagnosis": "ICD-10 code: a letter, two digits and up to two further digits or X; the dot "
    "does not matter",
}


# Up to so many codes are told with their labels, up to so many at all.
LABELLED, LISTED = 20, 50
ZERO = "its leading zero may be missing, so that 2 is read as 02"


@dataclass(frozen=True)
class Entry:
    """One column as the dictionary shows it."""

    column: Column

    @property
    def place(self) -> str:
        return f"{self.column.table}.{self.column.name}"

    @property
    def format(self) -> str:
        told = FORMATS[self.column.kind].format(**vars(self.column))
        is_read_without_zero = any(
            code.code.startswith("0") and values.code(code.code[1:], self.column) == code.code
            for code in self.codes
        )
        return f"{told}; {ZERO}" if is_read_without_zero else told

    @property
    def permitted(self) -> str:
        """What may stand in the column, where no list of codes stands below it."""
        here = [code for code in self.codes if not code.retired]
        if len(here) <= LABELLED:
            listed = "One of " + ", ".join(f"{code.code} ({code.label})" for code in here)
        elif len(here) <= LISTED:
            listed = "One of " + ", ".join(code.code for code in here)
        else:
            listed = f"One of the {len(here)} codes of the data dictionary's list"
        return self.format.replace(BELOW, listed)

    @property
    def title(self) -> str:
        """The national data dictionary's name of it, in the case that people write."""
        words = self.column.title.lower()
        words = words[:1].upper() + words[1:]
        for name in WRITTEN_LARGE:
            words = re.sub(rf"\b{re.escape(name)}\b", name, words, flags=re.IGNORECASE)
        return words

    @property
    def requirement(self) -> str:
        return REQUIREMENTS[self.column.requirement]

    @property
    def codes(self) -> tuple[Code, ...]:
        return self.column.codes

    @property
    def rules(self) -> list[tuple[Rule, str]]:
        """The rules that ask this column, by their code, each with its sentence about it."""
        asking = [rule for rule in rulebook.in_order() if self.place in rulebook.places(rule)]
        return [(rule, rule.say(self.column.name)) for rule in asking]

    def codes_like(self, words: str) -> list[Code]:
        """The codes that a search for `words` means: the code itself, or words of its label."""
        sought, meant = words.casefold(), values.code(words, self.column)
        return [
            code
            for code in self.codes
            if code.code == meant or (len(sought) > 2 and sought in code.label.casefold())
        ]

    def is_like(self, words: str) -> bool:
        """Whether a search for `words` means this column."""
        sought = words.casefold()
        told = (self.place, self.column.title, self.column.meaning, self.format)
        return (
            any(sought in text.casefold() for text in told)
            or any(sought == rule.code.casefold() for rule, _ in self.rules)
            or bool(self.codes_like(words))
        )


def entries() -> list[Entry]:
    """Every column of every accepted version, in the data set's order."""
    return [Entry(column) for column in dataset.widest().columns()]


def entry(table: str, column: str) -> Entry:
    """One column, by names in any case. Raises KeyError where there is none."""
    for one in entries():
        if one.place.casefold() == f"{table}.{column}".casefold():
            return one
    raise KeyError(f"{table}.{column}")


def permitted(version: str, table: str, column: str) -> str:
    """What may stand in a column of that version ("" for a version that is not known); blank for
    what is no column of it."""
    tables = dataset.dataset(version or dataset.VERSIONS[-1]).tables
    found = tables[table].columns.get(column) if table in tables else None
    return Entry(found).permitted if found else ""


def search(words: str) -> list[Entry]:
    """The columns that a search means; all of them for no words."""
    return [one for one in entries() if one.is_like(words.strip())]
