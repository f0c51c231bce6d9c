"""Puts faults in some rows and reckons what a check must count, without asking the rulebook."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from validation.sample.dice import Ints
from validation.sample.faults import FAULTS, NOBODY, Change, Fault, Row
from validation.sample.month import APPOINTMENTS_PER_PERSON, Asked, Month

Mask = npt.NDArray[np.bool_]
# A faulty row's neighbour stays whole, for faults that take two.
MOST_PERCENT = 50
# Of the persons with a fault, one in so many is an extra person without a referral.
UNREFERRED = 25
ORPHANED = {"Disability": "D01", "Referral": "R01", "Appointment": "A01"}
PARENTS = {"Disability": "Person", "Referral": "Person", "Appointment": "Referral"}


@dataclass
class Planted:
    """The changed cells by table and place, how often each rule is broken, which rows fall."""

    cells: dict[str, dict[int, dict[str, str]]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    rejected: dict[str, Mask] = field(default_factory=dict)

    def expected(self) -> dict[str, Any]:
        """What `expected.json` holds: counts by rule, rows by table."""
        tables = {
            name: {
                "received": len(rejected),
                "standing": int((~rejected).sum()),
                "rejected": int(rejected.sum()),
            }
            for name, rejected in self.rejected.items()
        }
        return {"counts": dict(sorted(self.counts.items())), "tables": tables}


def unreferred(asked: Asked) -> int:
    """How many persons without a referral belong to the planted faults (rule P04)."""
    return int(asked.appointments / APPOINTMENTS_PER_PERSON * asked.errors / 100 / UNREFERRED)


def plant(month: Month) -> Planted:
    """Parents first: where a parent falls, its children fall too."""
    planted = Planted()
    parents: dict[str, Ints] = {
        "Disability": month.disability_person.copy(),
        "Referral": month.referral_person.copy(),
        "Appointment": month.appointment_referral.copy(),
    }
    rows = {"Person": month.persons} | {name: len(of) for name, of in parents.items()}
    for table, count in rows.items():
        planted.cells[table] = {}
        planted.rejected[table] = np.zeros(count, dtype=bool)
        _plant_table(month, planted, table, parents.get(table))
        if table in parents:
            _orphan(planted, table, parents[table])
    _lonely(month, planted, parents["Referral"])
    return planted


def faulty_places(month: Month, table: str, count: int) -> list[int]:
    """Which rows get a fault: one in every block, never the block's first, which may be needed
    as its partner."""
    if not month.asked.errors:
        return []
    block = 100 / month.asked.errors
    blocks = np.arange(int(count / block))
    within = 1 + month.dice.roll(f"fault {table} {month.asked.period}", int(block) - 1, blocks)
    return (np.ceil(blocks * block).astype(np.int64) + within).clip(max=count - 1).tolist()


def _plant_table(month: Month, planted: Planted, table: str, parents: Ints | None) -> None:
    faults = [
        fault
        for fault in FAULTS[table]
        if fault.only in ("", month.asked.version) and fault.since <= month.asked.period
    ]
    turn = 0
    for place in faulty_places(month, table, len(planted.rejected[table])):
        row = Row(month, place, lambda parent: _is_sound(planted, PARENTS[table], parent))
        while (change := faults[turn % len(faults)].change(row)) is None:
            turn += 1
        _note(planted, table, place, faults[turn % len(faults)], change)
        if change.parent is not None and parents is not None:
            parents[place] = change.parent
        turn += 1


def _is_sound(planted: Planted, table: str, place: int) -> bool:
    return place not in planted.cells[table] and not planted.rejected[table][place]


def _note(planted: Planted, table: str, place: int, fault: Fault, change: Change) -> None:
    planted.cells[table][place] = change.cells
    broken = [place, place - 1] if change.twice else [place]
    if change.parent != NOBODY:  # a row without parent is counted with the orphans
        planted.counts[fault.code] += len(broken)
    if fault.rejects:
        planted.rejected[table][broken] = True


def _orphan(planted: Planted, table: str, parents: Ints) -> None:
    fallen = planted.rejected[PARENTS[table]]
    orphans = (parents == NOBODY) | fallen[parents]
    if orphans.any():
        planted.counts[ORPHANED[table]] += int(orphans.sum())
    planted.rejected[table] |= orphans


def _lonely(month: Month, planted: Planted, parents: Ints) -> None:
    """P04: persons who stand and whom no referral names, whatever became of it."""
    named = np.zeros(month.persons, dtype=bool)
    named[parents[parents != NOBODY]] = True
    if lonely := int((~named & ~planted.rejected["Person"]).sum()):
        planted.counts["P04"] += lonely
