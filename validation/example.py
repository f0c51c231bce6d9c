"""An example is a table drawn as text; an arrow marks what the rules find in a row.

    Given organisations RZ1 91A

    Person:
    LPTID  OrgCodeProvider
    P1     RZ1
    P2     RZ2              <- T01

    Referral:
    LPTID
    P1
    P2      <- R01:LPTID

Columns stand two spaces apart; `-` is a blank cell, `␣` a space. A mark is a code, `R06`; with the
column shown, `R10:RecurInd`; with the row it quotes, `D03↔1`. The title of a table may be left out
where the rule asks one table only; each row of a drawn Header stands for a file of its own.
`Given` is what the asker knows beyond the file. What cannot be drawn is told in words, by a line
`Fails:` and a line `Passes:`.
"""

import re
from dataclasses import dataclass, field

from validation import dataset
from validation.rule import Rule

MARK = re.compile(r"([A-Z][0-9]{2})(?::([A-Za-z0-9_.]+))?(?:↔([0-9]+))?")
GAP = re.compile(r"  +")
BLANK, SPACE = "-", "␣"
FAILS, PASSES = "Fails:", "Passes:"
# What may be given, and how a page says it.
GIVEN = {
    "version": "The file is of version {}.",
    "period": "The file is sent for {}.",
    "provider": "The provider chosen is {}.",
    "organisations": "The register of organisations knows {}.",
}


@dataclass(frozen=True)
class Mark:
    """A rule that is broken in a row; the column and the row it quotes where the mark says so."""

    code: str
    column: str | None
    other: int | None


@dataclass(frozen=True)
class DrawnRow:
    """A row: its texts by column, as drawn, and what the arrow behind it points at."""

    texts: dict[str, str]
    marks: tuple[Mark, ...]

    @property
    def cells(self) -> dict[str, str]:
        """The texts as a file holds them."""
        return {
            column: "" if text == BLANK else text.replace(SPACE, " ")
            for column, text in self.texts.items()
        }


@dataclass(frozen=True)
class Drawing:
    """Some rows of one table, and some of its columns."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[DrawnRow, ...]


@dataclass(frozen=True)
class Example:
    """Drawings with what is given, or one case in words each that fails and that passes."""

    given: dict[str, str] = field(default_factory=dict)
    drawings: tuple[Drawing, ...] = ()
    fails: str = ""
    passes: str = ""


def drawing(table: str, text: str) -> Drawing:
    """One drawn table. Raises ValueError where a row has not as many cells as there are columns."""
    first, *lines = [line.strip() for line in text.strip().splitlines()]
    columns = tuple(GAP.split(first))
    return Drawing(table, columns, tuple(_row(columns, line) for line in lines))


def _row(columns: tuple[str, ...], line: str) -> DrawnRow:
    cells, _, arrow = line.partition("<-")
    return DrawnRow(dict(zip(columns, GAP.split(cells.strip()), strict=True)), marks(arrow))


def marks(arrow: str) -> tuple[Mark, ...]:
    """What stands behind an arrow."""
    return tuple(
        Mark(code, column or None, int(other) if other else None)
        for code, column, other in MARK.findall(arrow)
    )


def of(rule: Rule) -> Example:
    """The rule's example. Raises ValueError for what is no drawing."""
    given: dict[str, str] = {}
    drawings: list[Drawing] = []
    told = {FAILS: "", PASSES: ""}
    for block in re.split(r"\n\s*\n", rule.example.strip("\n")):
        first, _, rest = block.strip().partition("\n")
        word = first.partition(" ")[0]
        if not first:
            continue
        if word == "Given":
            given |= dict(_given(line.strip()) for line in block.strip().splitlines())
        elif word in told:
            told |= _in_words(block)
        elif first.endswith(":"):
            drawings.append(drawing(first.removesuffix(":"), rest))
        else:
            drawings.append(drawing(own_table(rule), block))
    if strange := {one.table for one in drawings} - set(dataset.TABLES):
        raise ValueError(f"{rule.code} draws {min(strange)}, which is no table")
    return Example(given, tuple(drawings), told[FAILS], told[PASSES])


def _given(line: str) -> tuple[str, str]:
    _, what, value = line.split(maxsplit=2)
    if what not in GIVEN:
        raise ValueError(f"nobody can be given {what}")
    return what, value


def _in_words(block: str) -> dict[str, str]:
    told: dict[str, str] = {}
    word = ""
    for line in block.strip().splitlines():
        first, _, rest = line.strip().partition(" ")
        word, text = (first, rest) if first in {FAILS, PASSES} else (word, line.strip())
        told[word] = f"{told[word]} {text}" if word in told else text
    return told


def own_table(rule: Rule) -> str:
    """The table in which the rule is shown to be broken, where there is but one."""
    asked = {question.tables[0] for question in rule.questions}
    asked |= {
        column.table
        for column in dataset.widest().columns()
        if rule.code in (column.missing_rule, column.invalid_rule)
    }
    if len(asked) != 1:
        raise ValueError(f"{rule.code} asks {len(asked)} tables: the example names its own")
    return asked.pop()
