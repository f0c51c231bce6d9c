"""How figures hang together, and what follows for what may be shown, in tables small enough to be
followed by hand."""

from decimal import Decimal

from extracts.disclosure import policies
from extracts.figures import Figure
from extracts.shielding import Shown, ShownRow, shown_figures
from extracts.structure import Structure

PORTAL = policies()["portal"]


def figure(
    name: str, whole: str = "", partition: str = "", also_in: str = "", is_overlap: bool = False
) -> Figure:
    """A figure whose rate is out of its whole."""
    told = {"name": name, "whole": whole, "of": whole, "partition": partition}
    more = {"also_in": tuple(also_in.split()), "is_overlap": is_overlap}
    return Figure(**dict.fromkeys(Figure._fields, "") | told | more)


FINISHED = [
    figure("finished"),
    figure("caseness", "finished", "at the start"),
    figure("not_caseness", "finished", "at the start"),
    figure("improved", "finished"),
    figure("recovered", "caseness"),
    figure("recovered_reliably", "recovered", also_in="improved", is_overlap=True),
]


def named(structure: Structure, columns: frozenset[int]) -> set[str]:
    names = [
        *structure.names,
        *(f"rest of {structure.names[rest.whole]}" for rest in structure.rests),
    ]
    return {names[column] for column in columns}


# -- structure --------------------------------------------------------------------------------


def test_parts_that_are_not_all_of_it_leave_a_rest() -> None:
    structure = Structure(FINISHED)
    rests = [
        (structure.names[whole], [structure.names[part] for part in parts])
        for whole, parts, _ in structure.rests
    ]
    assert rests == [
        ("finished", ["improved"]),
        ("caseness", ["recovered"]),
        ("improved", ["recovered_reliably"]),
        ("recovered", ["recovered_reliably"]),
        ("finished", ["recovered", "improved"]),
    ]


def test_the_number_of_a_rest_is_what_subtracting_tells() -> None:
    """Of 60 who finished 25 recovered and 30 improved; 20 did both, so that 25 did neither."""
    structure = Structure(FINISHED)
    numbers = dict(zip(structure.names, (60, 50, 10, 30, 25, 20), strict=True))
    assert structure.numbers(numbers)[6:] == [60 - 30, 50 - 25, 30 - 20, 25 - 20, 25]


def test_a_pathway_is_of_one_kind_of_those_that_can_be() -> None:
    """Of those who finished: not at caseness or at caseness, with or without recovery; who has
    recovered and improved has recovered reliably."""
    structure = Structure(FINISHED)
    finished = next(table for table in structure.tables([9] * structure.width) if len(table) == 6)
    profiles = [named(structure, profile) for profile in finished]
    assert all("finished" in profile for profile in profiles)
    figures = [frozenset(name for name in profile if "rest" not in name) for profile in profiles]
    assert set(figures) == {
        frozenset({"finished", *more.split()})
        for more in (
            "not_caseness",
            "not_caseness improved",
            "caseness",
            "caseness improved",
            "caseness recovered",
            "caseness recovered recovered_reliably improved",
        )
    }


def test_what_is_beneath_a_figure() -> None:
    structure = Structure(FINISHED)
    assert named(structure, frozenset(structure.beneath({3, 4}))) == {
        *("improved", "recovered", "recovered_reliably")
    }


# -- what follows -----------------------------------------------------------------------------

TWO = [
    figure("finished"),
    figure("caseness", "finished", "a"),
    figure("not_caseness", "finished", "a"),
]


def shown(**rows: tuple[int, ...]) -> dict[str, ShownRow]:
    """By provider, of a nation with so many more providers that nobody else is small."""
    counts = {
        of: dict(zip([one.name for one in TWO], row, strict=True)) for of, row in rows.items()
    }
    national = {name: sum(row[name] for row in counts.values()) for name in counts["RZ1"]}
    contributors = {name: min(12, number) for name, number in national.items()}
    return shown_figures(TWO, PORTAL, national, contributors, {"provider": counts}).breakdowns[
        "provider"
    ]


def test_where_nothing_is_small_everything_is_shown() -> None:
    rows = shown(RZ1=(60, 40, 20), RZ2=(31, 17, 14))
    assert rows["RZ2"] == {
        "finished": Shown(30),
        "caseness": Shown(15, Decimal(55)),
        "not_caseness": Shown(15, Decimal(45)),
    }


def test_what_is_all_but_everything_is_left_out_with_what_is_small() -> None:
    """58 of 60 would tell that 2 are not. Beside an exact nation another provider has to hide its
    figures, too: the smallest. Of that not even a band can be told: 45 of 50, as it could be for
    all one knows, would be in a higher one."""
    rows = shown(RZ1=(60, 58, 2), RZ2=(90, 60, 30), RZ3=(50, 42, 8))
    assert [rows[of]["finished"].number for of in rows] == [60, 90, 50]
    assert rows["RZ1"]["caseness"] == Shown(None, None, 90)
    assert rows["RZ1"]["not_caseness"] == Shown(None)
    assert rows["RZ3"]["caseness"] == rows["RZ3"]["not_caseness"] == Shown(None)
    assert rows["RZ2"]["caseness"] == Shown(60, Decimal(67))


def test_two_that_are_small_protect_each_other() -> None:
    """Together they hold enough that either may hold five."""
    rows = shown(RZ1=(60, 57, 3), RZ2=(90, 60, 30), RZ3=(50, 46, 4))
    assert rows["RZ1"]["not_caseness"].number is rows["RZ3"]["not_caseness"].number is None
    assert rows["RZ2"]["not_caseness"] == Shown(30, Decimal(33))


def test_a_national_figure_that_is_small_is_told_by_nobody() -> None:
    """Nor what it is all but: the one or the other would tell."""
    rows = shown(RZ1=(60, 58, 2), RZ2=(90, 89, 1))
    for row in rows.values():
        assert row["finished"].number
        assert row["caseness"] == row["not_caseness"] == Shown(None)


def test_recovery_is_told_where_reliable_recovery_cannot_be() -> None:
    """24 of 26 who recovered did so reliably, which tells of two who did not. One in both and one
    in neither may as well be one in each, so that only what they have in common is left out."""
    names = [one.name for one in FINISHED]
    counts = {
        of: dict(zip(names, row, strict=True))
        for of, row in {
            "RZ1": (80, 60, 20, 50, 26, 24),
            "RZ2": (120, 90, 30, 70, 50, 44),
            "RZ3": (100, 80, 20, 60, 30, 20),
        }.items()
    }
    national = {name: sum(row[name] for row in counts.values()) for name in names}
    contributors = dict.fromkeys(names, 12)
    told = shown_figures(FINISHED, PORTAL, national, contributors, {"provider": counts})
    rows = told.breakdowns["provider"]
    assert rows["RZ1"]["recovered"] == Shown(25, Decimal(43))
    assert rows["RZ1"]["recovered_reliably"].number is None
    # Another one's, too: the smallest of which six may have recovered unreliably.
    assert rows["RZ3"]["recovered_reliably"].number is None
    assert rows["RZ2"]["recovered_reliably"] == Shown(45, Decimal(88))


def test_a_nation_of_which_only_a_rest_is_small() -> None:
    """Nothing is starred at first: but 396 of 397 within 18 weeks tell of one, and so would the
    figures beneath."""
    told = [
        figure("finished"),
        figure("within_18", "finished"),
        figure("within_6", "within_18"),
        figure("paired", "finished"),
    ]
    counts = {"finished": 397, "within_18": 396, "within_6": 220, "paired": 300}
    contributors = dict.fromkeys(counts, 12)
    nation = shown_figures(told, PORTAL, counts, contributors, {}).national
    assert nation["finished"] == Shown(397)
    assert nation["within_18"] == nation["within_6"] == Shown(None)
    assert nation["paired"] == Shown(300, Decimal("75.6"))
