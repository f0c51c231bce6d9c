"""A rule is a question with a permanent code; the rulebook is all of them.

The function's name is the fault, its mask is true where the fault is, its parameters name the
tables it needs. The first line of its docstring is what the sender reads, the rest is what to do,
and what stands further in is its example, a drawing (`validation.example`).
A code is never used again for something else.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypedDict, Unpack

from validation.finding import Cost, Severity, cost_of

# Stored on every submission; raised whenever a rule changes what it finds.
FIRST_VERSION, RULEBOOK_VERSION = "2026.11", "2026.12"

# What a rule may need to know beyond the file.
PERIOD, SENDER, ORGANISATIONS, HISTORY = "period", "sender", "organisations", "history"

Ask = Callable[..., Any]


class Told(TypedDict, total=False):
    """What else a declaration says of its rule; see `Rule`."""

    title: str
    source: str
    example: str
    needs: str
    asks: tuple[str, ...]
    since: str
    changed: str
    valid_from: date
    valid_to: date
    is_consequence: bool
    shadow: bool


@dataclass(frozen=True)
class Question:
    """A function that answers with a mask of the rows of its first table, and the column where
    its findings are shown (none for the row as a whole; of several, a mask for each)."""

    ask: Ask
    columns: tuple[str, ...]

    @cached_property
    def tables(self) -> list[str]:
        """The tables it asks for: the function's parameters, as the data set writes them."""
        return [name.capitalize() for name in inspect.signature(self.ask).parameters]


@dataclass
class Rule:
    """What a broken rule costs, what the sender reads, what to do, who asks.

    `title` says of all its columns what the sentence says of one. `source` is where the rule comes
    from, in words for the public. `example` is a drawing of rows that fail and rows that pass.
    `needs` names what the rule has to know beyond the file ("" for nothing); where that is not
    known the rule is not asked, and listed so. `asks` names further columns (`Table.Column`) that
    it looks at. `since` and `changed` are versions of the rulebook: in which it came, and in which
    it last began to find something else. It is asked of periods that begin within `valid_from`
    and `valid_to` (None: always). `is_consequence`: of a fault in another row, so that it is told
    after the causes. The data set's own single-column questions need no function. A `shadow` rule
    is tried out: it is asked and counted apart, costs nothing and is never told to the sender.
    """

    code: str
    severity: Severity
    sentence: str
    advice: str
    title: str = ""
    source: str = ""
    example: str = ""
    needs: str = ""
    asks: tuple[str, ...] = ()
    since: str = FIRST_VERSION
    changed: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    is_consequence: bool = False
    shadow: bool = False
    questions: list[Question] = field(default_factory=list)

    @property
    def cost(self) -> Cost:
        """What a finding of it costs the sender."""
        return cost_of(self.code, self.severity)

    def say(self, column: str | None) -> str:
        """The sentence about one column, where it names one; without a column its title."""
        if not column:
            return self.title or self.sentence
        return self.sentence.format(column=column)

    def is_in_force(self, day: date) -> bool:
        """Whether it is asked of a period that begins on this day."""
        begun = self.valid_from is None or day >= self.valid_from
        return begun and (self.valid_to is None or day <= self.valid_to)


RULEBOOK: dict[str, Rule] = {}


def declare(
    code: str, severity: Severity, sentence: str, advice: str, **told: Unpack[Told]
) -> Rule:
    """Enter a rule without a function of its own. Raises ValueError for a code taken already."""
    if code in RULEBOOK:
        raise ValueError(f"{code} is taken: {RULEBOOK[code].sentence}")
    RULEBOOK[code] = Rule(code, severity, sentence, advice, **told)
    return RULEBOOK[code]


def rule(
    code: str,
    column: str | tuple[str, ...] | None,
    *,
    severity: Severity,
    **told: Unpack[Told],
) -> Callable[[Ask], Ask]:
    """Enter the decorated function as a rule of its own; its docstring says what it says."""

    def enter(ask: Ask) -> Ask:
        lines = (inspect.getdoc(ask) or "").splitlines()
        drawn = [line for line in lines[1:] if not line or line.startswith(" ")]
        words = [line for line in lines[1:] if not line.startswith(" ")]
        advice = " ".join(" ".join(words).split())
        told.setdefault("example", "\n".join(drawn))
        entered = declare(code, severity, lines[0] if lines else "", advice, **told)
        entered.questions.append(Question(ask, _columns(column)))
        return ask

    return enter


def also(code: str, column: str) -> Callable[[Ask], Ask]:
    """A further question under a code that the data set's columns ask already."""

    def enter(ask: Ask) -> Ask:
        RULEBOOK[code].questions.append(Question(ask, _columns(column)))
        return ask

    return enter


def _columns(column: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if column is None:
        return ()
    return (column,) if isinstance(column, str) else column
