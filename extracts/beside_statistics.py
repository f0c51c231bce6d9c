"""What the data quality report may tell of single providers beside the statistics of its stage.

The report tells how many referrals a provider sent, and how many of them have an end date. None is
both open and ended, nor both received in the period and before: so whoever knows how many were sent
and how many are open knows how many ended at most. Where that would be too few, though the figure
is left out, the provider's referrals are told together with those of others, as many as it takes;
and where the nation tells as much, the item is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from extracts.disclosure import TOGETHER, Policy, ShownTable, shown_table
from extracts.known_ranges import at_least
from validation.quality import Item

# No referral counts as both.
EITHER = (("open", "ended"), ("received", "received_late"))
REFERRALS, ALL, ENDED = "Referral", "standing", "ended"
# Of a provider its figures as they are released: by name the number first, None where it is left
# out (`extracts.statistics`).
Figures = Mapping[str, Sequence[Any]]
Table = Mapping[str, Sequence[int]]


class Beside:
    """The statistics of a stage by provider, and what a policy lets an onlooker know of them."""

    def __init__(self, providers: Mapping[str, Figures], policy: Policy):
        self.providers, self.policy = providers, policy
        # How many referrals each provider sent at most, by what was told of it alone.
        self.sent: dict[str, int] = {}

    def shown_table(self, item: Item, table: Table) -> ShownTable:
        """An item as it is shown, with the providers together that cannot stand alone; those of all
        referrals first."""
        apart: set[str] = set()
        shown = shown_table(table, self.policy)
        while item.table == REFERRALS and shown.rows and (more := self._telling(item, shown)):
            apart |= more
            shown = shown_table(table, self.policy, apart)
        if item.table == REFERRALS and item.population == ALL:
            self._keep(shown)
        return shown

    def _telling(self, item: Item, shown: ShownTable) -> set[str]:
        """The providers that an item tells too much of; all of them, where the nation does."""
        if item.population == ENDED:
            return {name for name in shown.rows if self._tells_of_open(name, shown)}
        if self._tells(shown.national.whole, self.providers):
            return {*self.providers, *shown.rows, *shown.together} - {TOGETHER}
        found: set[str] = set()
        for name, row in shown.rows.items():
            names = shown.together if name == TOGETHER else (name,)
            if self._tells(row.whole, names):
                found |= {*names}
        return found

    def _tells(self, sent: int | None, names: Iterable[str]) -> bool:
        """Whether so many referrals of some providers tell of one of them that a figure that is
        left out is small."""
        if sent is None:
            return False
        most = self.policy.bounds(sent)[1]
        known = [self.providers[name] for name in names if name in self.providers]
        for pair in EITHER:
            least = [[self._at_least(row, name) for name in pair] for row in known]
            left = most - sum(map(sum, least))
            for row, each in zip(known, least, strict=True):
                for name, own in zip(pair, each, strict=True):
                    if _is_left_out(row, name) and left + own < self.policy.least:
                        return True
        return False

    def _tells_of_open(self, name: str, shown: ShownTable) -> bool:
        """Whether those of a provider that have no end date are few, and are left out."""
        ended, sent = shown.rows[name].whole, self.sent.get(name)
        if ended is None or sent is None or not _is_left_out(self.providers.get(name, {}), "open"):
            return False
        return sent - self.policy.bounds(ended)[0] < self.policy.least

    def _keep(self, shown: ShownTable) -> None:
        for name, row in shown.rows.items():
            if row.whole is not None:
                self.sent[name] = self.policy.bounds(row.whole)[1]

    def _at_least(self, row: Figures, name: str) -> int:
        def own(one: str) -> int:
            number = row[one][0] if one in row else None
            return 0 if number is None else self.policy.bounds(number)[0]

        return at_least(own, name)


def _is_left_out(row: Figures, name: str) -> bool:
    return name in row and row[name][0] is None
