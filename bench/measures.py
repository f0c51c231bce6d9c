"""Which figures there are and their goals; the speed of ours beside that of a floor."""

import statistics
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

ROUNDS = {"6k": 5, "60k": 5, "1M": 3}


@dataclass(frozen=True)
class Measure:
    """One figure. Its ratio is ours / floor and at most the goal; where `is_speed` it is floor /
    ours, how often as fast, and at least the goal."""

    figure: str
    size: str
    goal: float
    words: str
    is_speed: bool = False

    @property
    def name(self) -> str:
        return f"{self.figure}_{self.size}"


# Of each figure the quick size first.
MEASURES = [
    Measure("P1", "60k", 1.3, "reading and asking all rules / the floor of loading"),
    Measure("P1", "1M", 1.3, "the same"),
    Measure("P2", "60k", 3.3, "from the file to records committed / the floor of loading"),
    Measure("P2", "1M", 2.8, "the same"),
    Measure("P3", "60k", 10, "a toy of the same / from the file to records committed", True),
    Measure("P4", "60k", 3.5, "a loop over dictionaries / reading and asking all rules", True),
    Measure("P5", "1M", 16, "a million appointments loaded / 60,000"),
    Measure("P6", "6k", 0.2, "6,000 appointments loaded / 60,000"),
    Measure("P7", "1M", 2.5, "megabytes of the worker above its imports / of the file unpacked"),
    Measure("P8", "60k", 2, "a file loaded in which every row is bad / a clean one"),
    Measure("P9", "60k", 1.2, "every cell garbage: reading and asking / a loop over dictionaries"),
    Measure("P10", "60k", 1.15, "writing one recipient's extract / COPY of its ready-made rows"),
    Measure("P11", "60k", 1.5, "writing 200 recipients' extracts / COPY of all their rows"),
    Measure("P12", "60k", 14, "deriving a month / one of a twelfth of its size"),
    Measure("P13", "60k", 2.5, "an Access database loaded / the same rows as a zip of CSV"),
]


class Bench(Protocol):
    """Something that was prepared, and can be measured again and again, in seconds."""

    def ours(self) -> float: ...

    def floor(self) -> float: ...


@runtime_checkable
class Prepares(Protocol):
    """A bench in which ours rests on something that is prepared first, each time; its seconds are
    told beside the ratio, and what the ratio would be with them."""

    prepared_s: list[float]


def measure(what: Measure, bench: Bench, rounds: int | None = None) -> dict[str, Any]:
    """Ours and its floor in turn, one round first that does not count."""
    bench.ours()
    bench.floor()
    ours, floor = [], []
    for _ in range(rounds or ROUNDS[what.size]):
        ours.append(round(bench.ours(), 4))
        floor.append(round(bench.floor(), 4))
    ratio = statistics.median(ours) / statistics.median(floor)
    if what.is_speed:
        ratio = 1 / ratio
    told = {"ratio": round(ratio, 2), "goal": what.goal, "floor_s": floor, "ours_s": ours}
    if isinstance(bench, Prepares):
        prepared = bench.prepared_s[-len(ours) :]
        whole = statistics.median(map(sum, zip(prepared, ours, strict=True)))
        told |= {
            "prepared_s": prepared,
            "with_preparing": round(whole / statistics.median(floor), 2),
        }
    return told
