"""The engine and the plain reading of the rules (`reference.py`) find the same on the same rows."""

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.validation import reference
from tests.validation.test_engine import as_sent, every_place, faulty
from validation import dataset, rulebook
from validation.engine import Verdict, check
from validation.rule import HISTORY
from validation.rules.file import Context
from validation.sample import Asked
from validation.sample.mix import PRACTICES

Row = dict[str, str]
REGISTER = frozenset({"RZ1", "91A", *list(PRACTICES)[::2]})
# What a cell may hold that should not, or that is the same in another writing.
ODD = [
    *("", "-", "0", "1", "01", "2", "5", "7", "07", "8", "9", "99", "16", "28", "100", "600"),
    *("3.5", "10.0", "2.35", "1e1", "Y", "n", "NA", "X", "ZZ", "uu", "NN", "nn", "RZ1", "rz2"),
    *("2013-04-01", "2013-04-30", "1/5/2013", "31/04/2013", "2013-04-10T09:30", "2013-03-15"),
    *("1970-01-31", "1892-04-30", "1893-04-30", "2000-02-29", "2014-01-01", "2013-04", "1969-12"),
    *("9:30", "09:30:00", "24:00", "F32.1", "f4o1", "E11", "Z63", "9990000018", "999 000 0018"),
    *("9990000019", "1111111111", "ab12cd", "ZZ99 3VZ", "91A", "5XX", "V81999", "é", "ſ", "P#1"),
]


def found_by_the_engine(verdict: Verdict) -> set[reference.Finding]:
    data = [place for place in every_place(verdict) if place[1] in dataset.DATA_TABLES]
    return {(rule, table or "", column, row) for rule, table, column, row in data}


def agree(rows: dict[str, list[Row]], version: str, register: frozenset[str] | None) -> set[str]:
    """Raises where the two differ; gives the rules that were broken."""
    verdict = check(as_sent(rows, version), Context(organisations=register))
    header = rows["Header"][0]
    plain = reference.check(
        rows,
        version=version,
        provider=header["OrgCodeProvider"],
        start=date.fromisoformat(header["StartDate"]),
        end=date.fromisoformat(header["EndDate"]),
        register=register,
    )
    engine = found_by_the_engine(verdict)
    assert sorted(engine - plain.found, key=str) == [], "the engine alone finds"
    assert sorted(plain.found - engine, key=str) == [], "the reference alone finds"
    for name, table in verdict.rows.items():
        assert table.stands.tolist() == plain.standing[name]
    return {finding[0] for finding in engine}


def disturbed(rows: dict[str, list[Row]], chance: random.Random, cells: int) -> None:
    """Some cells get what another row has there, or something odd."""
    version = rows["Header"][0]["DataSetVersion"]
    for _ in range(cells):
        name = chance.choice(dataset.DATA_TABLES)
        if rows[name]:
            column = chance.choice(list(dataset.dataset(version).tables[name].columns))
            other = chance.choice(rows[name]).get(column, "")
            chance.choice(rows[name])[column] = chance.choice([other, chance.choice(ODD)])


@settings(max_examples=80, deadline=None)
@given(
    st.integers(5, 60),
    st.sampled_from(dataset.VERSIONS),
    st.sampled_from([None, REGISTER]),
    st.randoms(use_true_random=False),
)
def test_engine_and_reference_agree_on_disturbed_files(
    appointments: int, version: str, register: frozenset[str] | None, chance: random.Random
) -> None:
    rows = faulty(Asked(appointments, errors=20, version=version, seed=chance.randint(1, 9)))
    disturbed(rows, chance, cells=4 * appointments)
    agree(rows, version, register)


@pytest.mark.parametrize("version", dataset.VERSIONS)
def test_engine_and_reference_agree_on_every_rule_of_rows(version: str) -> None:
    rows = faulty(Asked(1500, errors=50, version=version))
    disturbed(rows, random.Random(version), cells=3000)
    broken = agree(rows, version, REGISTER)
    of_rows = {
        entry.rule.code
        for entry in rulebook.entries()
        if entry.home != rulebook.FILE and entry.rule.needs != HISTORY
    }
    assert broken == of_rows - ({"B01", "B02"} if version == "1.0" else set())
