"""What is wrong, and where: values that are returned, never raised."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int32]


class Severity(StrEnum):
    """What a broken rule costs the sender."""

    REJECT_FILE = "REJECT_FILE"
    REJECT_ROW = "REJECT_ROW"
    WARN = "WARN"

    @property
    def cost(self) -> str:
        """The cost in words."""
        return COSTS[self].words


class Cost(NamedTuple):
    """What a finding costs its sender: by its name, as a tag, and in words."""

    name: str
    tag: str
    words: str


# Rules that say something though nothing is wrong. Their severity is a warning's.
NOTES = frozenset({"F04", "F12"})
NOTE = "NOTE"
COSTS = {
    cost.name: cost
    for cost in (
        Cost(Severity.REJECT_FILE, "File rejected", "the file is rejected"),
        Cost(Severity.REJECT_ROW, "Row rejected", "the row is rejected"),
        Cost(Severity.WARN, "Warning", "a warning; the row is kept"),
        Cost(NOTE, "To know", "nothing; it is only said"),
    )
}


def cost_of(rule: str, severity: str) -> Cost:
    """What a finding of that rule costs."""
    return COSTS[NOTE if rule in NOTES else severity]


def _nowhere() -> Places:
    return np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, eq=False)
class Found:
    """One rule broken in one column of one table: all its places at once.

    `rows` are 1-based data rows; empty when the finding is about the file, a table or a column
    as a whole, which counts once. `other_rows` runs beside `rows` (0 = none). `words` says what
    exactly is wrong where the rule's own sentence is too general, and holds no value of a person.
    """

    rule: str
    table: str | None = None
    column: str | None = None
    rows: Places = field(default_factory=_nowhere)
    other_rows: Places | None = None
    words: str = ""
    line: int | None = None

    @property
    def count(self) -> int:
        return max(1, len(self.rows))
