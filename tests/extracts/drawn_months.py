"""Months drawn by chance, of which the figures are counted by hand: every pathway is drawn with all
that it counts as, and belongs to a provider, a commissioner, an age, a gender and an ethnicity."""

from collections import Counter, defaultdict
from functools import cache
from random import Random
from typing import NamedTuple

from extracts.figures import figures

Counts = dict[str, int]
# How many pathways are counted in each family of figures, where a hundred are received.
FAMILIES = {
    "received": 100,
    "received_late": 2,
    "assessed": 70,
    "entered": 60,
    "second": 50,
    "ended": 90,
    "open": 150,
}
# How likely parts are in life; of those that are named neither here, nor rare, one is like another.
LIKELY = {
    "finished": 4,
    "caseness": 8,
    "improved": 6,
    "no_change": 3,
    "paired": 0.9,
    "finished_within_126": 0.97,
    "recovered_reliably": 0.9,
    "entered_within_126": 20,
}
# The last one is not known.
AGES = {"Under 16": 1, "16 to 17": 2, "18 to 35": 45, "36 to 64": 45, "65 and over": 8, "": 1}
GENDERS = {"Male": 36, "Female": 62, "": 2}
ETHNICITIES = {"British": 80, "Irish": 3, "Indian": 2, "Chinese": 1, "Not stated": 10, "": 4}


class Month(NamedTuple):
    national: Counts
    # How many providers contribute to each national figure.
    contributors: Counts
    breakdowns: dict[str, dict[str, Counts]]


@cache
def pool(family: str) -> tuple[frozenset[str], ...]:
    """Pathways of a family of figures, each as all that it counts as."""
    dice = Random(family)
    above = {one.name: {*filter(None, (one.whole, *one.also_in))} for one in figures()}
    found: list[frozenset[str]] = []
    while len(found) < 400:
        counts_as, waiting = {family}, [family]
        while waiting:
            chosen = chosen_parts(waiting.pop(), dice)
            counts_as |= chosen
            waiting += sorted(chosen)
        # What is a part of something else as well must be counted there too, and who is in both in
        # what these have in common.
        if all(above[name] <= counts_as for name in counts_as) and all(
            one.name in counts_as
            for one in figures()
            if one.is_overlap and above[one.name] <= counts_as
        ):
            found.append(frozenset(counts_as))
    return tuple(found)


def chosen_parts(whole: str, dice: Random) -> set[str]:
    chosen = set()
    by_partition = defaultdict(list)
    for one in figures():
        if one.whole == whole and one.partition:
            by_partition[one.partition].append(one.name)
        elif one.whole == whole and dice.random() < LIKELY.get(one.name, 0.5):
            chosen.add(one.name)
    for parts in by_partition.values():
        chosen |= set(dice.choices(parts, [LIKELY.get(part, 1) for part in parts]))
    return chosen


def drawn_month(seed: int, sizes: list[int], commissioners: int) -> Month:
    """Of each provider about so many referrals are received, and the rest is in proportion."""
    dice = Random(seed)
    counted: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for number, size in enumerate(sizes):
        for family, share in FAMILIES.items():
            many = size * share / 100 * dice.uniform(0.8, 1.2)
            for _ in range(int(many + dice.random())):
                commissioner = (number + dice.choice((0, 0, 0, 1))) % commissioners
                counts_as = dice.choice(pool(family))
                for place in (
                    ("national", ""),
                    ("provider", f"RZ{number}"),
                    ("commissioner", f"9{commissioner}A"),
                    ("age", one_of(AGES, dice)),
                    ("gender", one_of(GENDERS, dice)),
                    ("ethnicity", one_of(ETHNICITIES, dice)),
                ):
                    counted[place].update(counts_as)
    names = [one.name for one in figures()]
    breakdowns: dict[str, dict[str, Counts]] = defaultdict(dict)
    for (by, of), numbers in sorted(counted.items()):
        breakdowns[by][of] = {name: numbers[name] for name in names}
    national = breakdowns.pop("national", {}).get("", dict.fromkeys(names, 0))
    contributors = {
        name: sum(row[name] > 0 for row in breakdowns["provider"].values()) for name in names
    }
    return Month(national, contributors, dict(breakdowns))


def quarter_of(months: list[Month]) -> Month:
    """Their sum; what is asked of the last month alone is as it is there."""

    def both(rows: list[Counts]) -> Counts:
        return {
            one.name: rows[-1].get(one.name, 0)
            if one.is_of_last_month
            else sum(row.get(one.name, 0) for row in rows)
            for one in figures()
        }

    breakdowns = {
        by: {
            of: both([month.breakdowns[by].get(of, {}) for month in months])
            for of in sorted({of for month in months for of in month.breakdowns[by]})
        }
        for by in months[0].breakdowns
    }
    national = both([month.national for month in months])
    providers = breakdowns["provider"].values()
    contributors = {name: sum(row[name] > 0 for row in providers) for name in national}
    return Month(national, contributors, breakdowns)


def one_of(shares: dict[str, int], dice: Random) -> str:
    return dice.choices(list(shares), list(shares.values()))[0]
