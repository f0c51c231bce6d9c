"""The rulebook as readers look it up: what a rule asks, where it belongs, when it is not asked."""

from dataclasses import dataclass
from functools import cache

from validation import dataset, example, rules
from validation.dataset import DATA_TABLES, Column
from validation.example import Example
from validation.finding import Severity
from validation.rule import HISTORY, ORGANISATIONS, PERIOD, RULEBOOK, RULEBOOK_VERSION, SENDER, Rule

# Where the rules stand that no one table owns.
FILE, EVERY_TABLE = "File", "Every table"
HOMES = (FILE, EVERY_TABLE, *DATA_TABLES)
NOT_KNOWN = {
    PERIOD: "At the desk it is not asked unless the month is given, as nobody knows then for "
    "which month the file will be sent.",
    SENDER: "At the desk it is not asked, as nobody knows there for which provider the file will "
    "be sent.",
    ORGANISATIONS: "It is not asked while the portal's register of organisations is not loaded, "
    "nor at the desk unless a list of organisations is given.",
    HISTORY: "At the desk it is not asked, as only the portal knows what was sent before.",
}
OF_ROWS = "It is not asked of a file that is rejected for its form or its header."


@cache
def _declared() -> dict[str, list[Column]]:
    """The columns that name each code as the one asked when they are blank or not valid."""
    columns: dict[str, list[Column]] = {}
    for column in dataset.widest().columns():
        for code in {column.missing_rule, column.invalid_rule} - {""}:
            columns.setdefault(code, []).append(column)
    return columns


def in_order() -> list[Rule]:
    """Every rule that senders are told of, by its code."""
    assert rules.__all__
    return [RULEBOOK[code] for code in sorted(RULEBOOK) if not RULEBOOK[code].shadow]


def shown(rule: Rule) -> set[str]:
    """The columns (`Table.Column`) in which it is shown to be broken."""
    asked = {
        f"{question.tables[0]}.{column}"
        for question in rule.questions
        for column in question.columns
    }
    return asked | {f"{column.table}.{column.name}" for column in _declared().get(rule.code, [])}


def places(rule: Rule) -> set[str]:
    """All columns that it looks at."""
    return shown(rule) | set(rule.asks)


@dataclass(frozen=True)
class Entry:
    """One rule as the summary of validations shows it."""

    rule: Rule

    @property
    def title(self) -> str:
        return self.rule.say("")

    @property
    def columns(self) -> list[Column]:
        """The columns it looks at, in the data set's order."""
        looked_at = places(self.rule)
        return [c for c in dataset.widest().columns() if f"{c.table}.{c.name}" in looked_at]

    @property
    def judged(self) -> list[Column]:
        """The columns whose own format, list or range it asks."""
        return [c for c in _declared().get(self.rule.code, []) if c.invalid_rule == self.rule.code]

    @property
    def home(self) -> str:
        """The table whose rows it judges."""
        if self.rule.code.startswith("F"):
            return FILE
        tables = {question.tables[0] for question in self.rule.questions}
        tables |= {place.partition(".")[0] for place in places(self.rule)} if not tables else set()
        return tables.pop() if len(tables) == 1 else EVERY_TABLE

    @property
    def tables(self) -> set[str]:
        """Every table it looks at; a rule on the file as a whole looks at none alone."""
        if self.home == FILE:
            return {FILE}
        looked_at = {column.table for column in self.columns}
        asked = {table for question in self.rule.questions for table in question.tables}
        return (looked_at | asked | {self.home}) - {EVERY_TABLE}

    @property
    def is_new(self) -> bool:
        return self.rule.since == RULEBOOK_VERSION

    @property
    def is_changed(self) -> bool:
        return self.rule.changed == RULEBOOK_VERSION

    @property
    def not_asked(self) -> list[str]:
        """When it is not asked, and why."""
        told = [NOT_KNOWN[self.rule.needs]] if self.rule.needs else []
        versions = {version for column in self.columns for version in column.versions}
        if self.columns and versions != set(dataset.VERSIONS):
            told.append(f"It is asked of files of version {', '.join(sorted(versions))} only.")
        if self.home != FILE:
            told.append(OF_ROWS)
        return told

    @property
    def example(self) -> Example:
        return example.of(self.rule)

    def is_like(self, words: str) -> bool:
        """Whether a search for `words` means this rule."""
        sought = words.casefold()
        told = (self.rule.code, self.title, self.rule.sentence, self.rule.advice)
        return any(sought in text.casefold() for text in (*told, *sorted(places(self.rule))))


def entries() -> list[Entry]:
    """Every rule, by its code."""
    return [Entry(rule) for rule in in_order()]


def entry(code: str) -> Entry:
    """One rule, by its code in any case. Raises KeyError where there is none."""
    for one in entries():
        if one.rule.code == code.upper():
            return one
    raise KeyError(code)


def search(words: str = "", table: str = "", severity: Severity | None = None) -> list[Entry]:
    """The rules that a search means, of one table (or of none alone: `File`) and one cost."""
    return [
        one
        for one in entries()
        if one.is_like(words.strip())
        and (not table or table in one.tables)
        and (severity is None or one.rule.severity == severity)
    ]
