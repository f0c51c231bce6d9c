"""A rule is a question with a permanent code; the rulebook is all of them.

The function's name is the fault, its mask is true where the fault is, its parameters name the
tables it needs. The first line of its docstring is what the sender reads, the rest is what to do.
A code is never used again for something else.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from validation.finding import Severity

# Stored on every submission; raised whenever a rule changes what it finds.
RULEBOOK_VERSION = "2026.11"

# What a rule may need to know beyond the file.
PERIOD, SENDER, ORGANISATIONS, HISTORY = "period", "sender", "organisations", "history"

Ask = Callable[..., Any]


@dataclass(frozen=True)
class Question:
    """A function that answers with a mask of the rows of its first table, and the column where
    its findings are shown (None for the row as a whole)."""

    ask: Ask
    column: str | None

    @property
    def tables(self) -> list[str]:
        """The tables it asks for: the function's parameters, as the data set writes them."""
        return [name.capitalize() for name in inspect.signature(self.ask).parameters]


@dataclass
class Rule:
    """What a broken rule costs, what the sender reads, what to do, who asks.

    `needs` names what the rule has to know beyond the file ("" for nothing); where that is not
    known the rule is not asked, and listed so. `is_consequence`: of a fault in another row, so that
    it is told after the causes. The data set's own single-column questions need no function;
    `asks` names the columns (`Table.Column`) of any other rule that has none.
    """

    code: str
    severity: Severity
    sentence: str
    advice: str
    needs: str = ""
    is_consequence: bool = False
    asks: tuple[str, ...] = ()
    questions: list[Question] = field(default_factory=list)

    def say(self, column: str | None) -> str:
        """The sentence, about one column where it names one."""
        return self.sentence.format(column=column or "")


RULEBOOK: dict[str, Rule] = {}


def declare(
    code: str,
    severity: Severity,
    sentence: str,
    advice: str,
    *,
    needs: str = "",
    asks: tuple[str, ...] = (),
) -> Rule:
    """Enter a rule without a function of its own. Raises ValueError for a code taken already."""
    if code in RULEBOOK:
        raise ValueError(f"{code} is taken: {RULEBOOK[code].sentence}")
    RULEBOOK[code] = Rule(code, severity, sentence, advice, needs, asks=asks)
    return RULEBOOK[code]


def rule(
    code: str, column: str | None, *, severity: Severity, is_consequence: bool = False
) -> Callable[[Ask], Ask]:
    """Enter the decorated function as a rule of its own."""

    def enter(ask: Ask) -> Ask:
        sentence, _, advice = (inspect.getdoc(ask) or "").partition("\n")
        entered = declare(code, severity, sentence, " ".join(advice.split()))
        entered.is_consequence = is_consequence
        entered.questions.append(Question(ask, column))
        return ask

    return enter


def also(code: str, column: str) -> Callable[[Ask], Ask]:
    """A further question under a code that the data set's columns ask already."""

    def enter(ask: Ask) -> Ask:
        RULEBOOK[code].questions.append(Question(ask, column))
        return ask

    return enter
