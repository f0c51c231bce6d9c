"""The rows of one table as rules see them, and what they reach of their parents."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from validation.columns import JudgedColumn, Mask
from validation.dataset import Table
from validation.sent import SentColumn, SentTable


@dataclass(frozen=True)
class Header:
    """What the one header row says, once it is known to be in order."""

    version: str
    provider: str
    submitter: str
    start: np.datetime64
    end: np.datetime64

    @property
    def period(self) -> str:
        return str(self.start.astype("datetime64[M]"))


class Rows:
    """A table under check. `table.Column` is a judged column; `table.parent.Column` the parent's.

    `stands` is true for the rows that no REJECT_ROW rule has broken so far.
    """

    def __init__(self, table: Table, sent: SentTable, header: Header, parents: "Rows | None"):
        self.table, self.header, self.count, self.lines = table, header, sent.rows, sent.lines
        self.columns = {
            name: JudgedColumn(column, sent.columns.get(name, _all_blank(sent.rows)))
            for name, column in table.columns.items()
        }
        self.stands: Mask = np.ones(sent.rows, dtype=bool)
        self.parents = parents

    def __getattr__(self, name: str) -> JudgedColumn:
        try:
            return self.__dict__["columns"][name]
        except KeyError:
            raise AttributeError(name) from None

    def judge(self) -> None:
        """Judge now what is otherwise judged when it is first asked."""
        for column in self.columns.values():
            column.judge()

    @cached_property
    def right_provider(self) -> Mask:
        """The row names the header's provider."""
        return self.columns["OrgCodeProvider"].isin(self.header.provider)

    @cached_property
    def parent_places(self) -> npt.NDArray[np.int64]:
        """For each row the place (from 0) of its standing parent, -1 without one."""
        link = self.columns[self.table.link]
        assert self.parents is not None
        places = self.parents.places_by_key(self.table.link)
        of_distinct = [places.get(key, -1) for key in link.folded_distinct]
        return link.spread(np.array(of_distinct, dtype=np.int64))

    def places_by_key(self, column: str) -> dict[str, int]:
        """The places of the rows that stand, by their key (unique: duplicates do not stand)."""
        standing = np.flatnonzero(self.stands)
        keys = self.columns[column].folded[standing]
        return dict(zip(keys.tolist(), standing.tolist(), strict=True))

    @property
    def has_parent(self) -> Mask:
        return self.parent_places >= 0

    @property
    def parent(self) -> "Reached":
        assert self.parents is not None
        return Reached(self.parents, self.parent_places)


class Reached:
    """The parent's columns, seen from the child's rows; where there is no parent, nothing."""

    def __init__(self, rows: Rows, places: npt.NDArray[np.int64]):
        self._rows, self._places = rows, places

    def dates(self, column: str) -> npt.NDArray[np.datetime64]:
        return self._take(self._rows.columns[column].dates, np.datetime64("NaT"))

    def keys(self, column: str) -> npt.NDArray[np.object_]:
        return self._take(self._rows.columns[column].folded, "")

    @property
    def parent(self) -> "Reached":
        """The parent's own parent."""
        places = self._take(self._rows.parent_places, -1)
        assert self._rows.parents is not None
        return Reached(self._rows.parents, places)

    def _take(self, values: npt.NDArray[Any], missing: Any) -> npt.NDArray[Any]:
        if not len(values):
            return np.full(len(self._places), missing, dtype=values.dtype)
        return np.where(self._places >= 0, values[self._places], missing)


def _all_blank(rows: int) -> SentColumn:
    return SentColumn([""], np.zeros(rows, dtype=np.uint8))
