"""A column judged: its distinct texts parsed once, the answers spread over the rows.

Comparisons with a blank or an invalid value are false, so "is missing" is always another rule.
"""

import re
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from validation import values
from validation.dataset import Column
from validation.sent import SentColumn

Mask = npt.NDArray[np.bool_]


class JudgedColumn:
    """One column of a table as rules ask it. All arrays have one entry for each row.

    What is asked once or twice is made anew each time: kept, it would hold a byte for each cell.
    """

    def __init__(self, column: Column, sent: SentColumn):
        self.column = column
        self.codes = sent.codes
        self.texts = sent.distinct

    @cached_property
    def canonical(self) -> list[str | None]:
        """For each distinct text its stored form; None where blank or not valid."""
        return values.canonical_all(self.texts, self.column)

    def judge(self) -> None:
        """Judge the distinct texts now, where anybody will ask; otherwise when they are asked."""
        if self.column.invalid_rule or self.column.is_recorded:
            _ = self.canonical

    def spread(self, of_distinct: npt.NDArray) -> npt.NDArray:
        """An answer for each distinct text becomes an answer for each row."""
        # Of masks `take` is twice as fast; of wider values it may be far slower.
        return (
            of_distinct.take(self.codes) if of_distinct.itemsize == 1 else of_distinct[self.codes]
        )

    @cached_property
    def _blank(self) -> Mask:
        return np.array([not text for text in self.texts], dtype=bool)

    @cached_property
    def _valid(self) -> Mask:
        return np.array([value is not None for value in self.canonical], dtype=bool)

    @property
    def is_blank(self) -> Mask:
        return self.spread(self._blank)

    @property
    def is_valid(self) -> Mask:
        return self.spread(self._valid)

    @property
    def is_invalid(self) -> Mask:
        """Neither blank nor valid; what a column keeps although a rule warns is invalid too."""
        return self.spread(~self._valid & ~self._blank)

    def isin(self, *wanted: str) -> Mask:
        """The canonical value is one of `wanted`."""
        return self.spread(np.array([value in wanted for value in self.canonical], dtype=bool))

    @property
    def dates(self) -> npt.NDArray[np.datetime64]:
        """Days, of a month its first; NaT where blank or not valid."""
        return self.spread(self._days)

    @cached_property
    def _days(self) -> npt.NDArray[np.datetime64]:
        return np.array([value or "NaT" for value in self.canonical], dtype="datetime64[D]")

    @property
    def keys(self) -> npt.NDArray[np.int64]:
        """A number for each row, equal where the keys are: trimmed, case-blind; -1 for blank.

        A valid value is compared in its canonical form (`1` and `01`, `9:30` and `09:30:00`).
        """
        numbers = pd.factorize(np.array(self.folded_distinct, dtype=object))[0].astype(np.int64)
        numbers[self._blank] = -1
        return self.spread(numbers)

    @cached_property
    def folded_distinct(self) -> list[str]:
        """Each distinct text as a key; "" where blank. A local identifier is its own key."""
        if self.column.kind == "local_id":
            return values.upper_all(self.texts)
        return [values.upper(value or text) for value, text in self._pairs()]

    @property
    def folded(self) -> npt.NDArray[np.object_]:
        """The row's key itself, upper-cased; "" where blank."""
        return self.spread(np.array(self.folded_distinct, dtype=object))

    def _pairs(self) -> list[tuple[str | None, str]]:
        return list(zip(self.canonical, self.texts, strict=True))

    def stored(self) -> list[str | None]:
        """For each distinct text what a record stores: the canonical value, or what is kept
        although a rule warns (the column's `kept` pattern), else None."""
        kept = self.column.kept
        return [
            value or (text if kept and re.fullmatch(kept, text) else None)
            for value, text in self._pairs()
        ]
