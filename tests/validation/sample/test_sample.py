"""Samples: plausible, stable, the same in both forms, and counted right before they are checked."""

import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from validation import dataset, values
from validation.engine import ACCEPTED, Verdict, check
from validation.reading import read
from validation.rule import HISTORY, RULEBOOK
from validation.rules.file import Context
from validation.sample import Asked, write
from validation.sample.command import arguments, main
from validation.sample.faults import FAULTS
from validation.sample.mix import PRACTICES
from validation.sample.month import Month
from validation.sample.nhs_numbers import STRIDE, nhs_numbers, valid_numbers
from validation.sample.planting import MOST_PERCENT, plant, unreferred
from validation.sample.submission import rows
from validation.sent import Sent

REGISTER = frozenset({"RZ1", "91A", "92A", *PRACTICES})


def sent_rows(sent: Sent, table: str) -> list[dict[str, str]]:
    here = sent.tables[table]
    texts = {name: [c.distinct[code] for code in c.codes] for name, c in here.columns.items()}
    return [dict(zip(texts, row, strict=True)) for row in zip(*texts.values(), strict=True)]


def made(asked: Asked, table: str) -> list[dict[str, str]]:
    month = Month(asked, unreferred(asked))
    return list(rows(month, plant(month))[table])


def counted(verdict: Verdict) -> dict:
    tables = {
        name: {"received": n.received, "standing": n.standing, "rejected": n.rejected}
        for name, n in verdict.tables.items()
    }
    return {"counts": verdict.counts, "tables": tables}


ANY = st.builds(
    Asked,
    appointments=st.sampled_from([1, 2, 3, 7, 30, 150, 700]),
    provider=st.sampled_from(["RZ1", "RZ2", "ABC12"]),
    commissioners=st.sampled_from([("91A",), ("91A", "92A", "XYZ12")]),
    period=st.builds("20{:02}-{:02}".format, st.integers(0, 99), st.integers(1, 12)),
    version=st.sampled_from(dataset.VERSIONS),
    seed=st.integers(-5, 10**6),
)


@settings(max_examples=15, deadline=None)
@given(ANY)
def test_a_sample_without_errors_has_no_finding(
    tmp_path_factory: pytest.TempPathFactory, asked: Asked
) -> None:
    sent = read(write(tmp_path_factory.mktemp("sample"), asked))
    verdict = check(sent, Context(asked.period, asked.provider))
    assert (verdict.outcome, verdict.counts) == (ACCEPTED, {})
    assert verdict.tables["Appointment"].received == asked.appointments


def test_a_register_that_knows_its_organisations_finds_nothing(tmp_path: Path) -> None:
    asked = Asked(900, commissioners=("91A", "92A"))
    verdict = check(read(write(tmp_path, asked)), Context("2013-04", "RZ1", REGISTER))
    assert (verdict.outcome, verdict.counts) == (ACCEPTED, {})


@settings(max_examples=25, deadline=None)
@given(ANY, st.sampled_from([0.5, 2, 5, 20, 33.3, MOST_PERCENT]))
def test_planted_faults_are_counted_right(
    tmp_path_factory: pytest.TempPathFactory, asked: Asked, errors: float
) -> None:
    folder = tmp_path_factory.mktemp("sample")
    asked = Asked(**{**vars(asked), "errors": errors})
    verdict = check(read(write(folder, asked)), Context(asked.period, asked.provider))
    assert json.loads((folder / "expected.json").read_text()) == counted(verdict)


@pytest.mark.parametrize("version", dataset.VERSIONS)
def test_every_fault_is_planted_and_counted_right(tmp_path: Path, version: str) -> None:
    asked = Asked(6000, errors=20, version=version)
    verdict = check(read(write(tmp_path, asked)))
    assert json.loads((tmp_path / "expected.json").read_text()) == counted(verdict)
    planted = {
        fault.code for faults in FAULTS.values() for fault in faults if fault.only in ("", version)
    }
    assert set(verdict.counts) == planted | {"P04"}


def test_most_rules_on_rows_can_be_planted() -> None:
    """Left out: what needs the register or earlier files, and a time that an Access column could
    not hold."""
    planted = {fault.code for faults in FAULTS.values() for fault in faults} | {"P04"}
    on_rows = {code for code in RULEBOOK if not code.startswith("F")}
    of_history = {code for code, rule in RULEBOOK.items() if rule.needs == HISTORY}
    assert on_rows - planted - of_history == {"P17", "R17", "A18"}


@pytest.mark.parametrize("errors", [0.5, 2, 10])
def test_about_the_asked_share_of_rows_has_a_fault(errors: float) -> None:
    month = Month(Asked(6000, errors=errors))
    planted = plant(month)
    faulty = sum(len(cells) for cells in planted.cells.values())
    all_rows = sum(len(rejected) for rejected in planted.rejected.values())
    assert faulty == pytest.approx(all_rows * errors / 100, rel=0.1)


def test_the_same_asking_makes_the_same_bytes(tmp_path: Path) -> None:
    digests = {
        hashlib.sha256(write(tmp_path / name, Asked(300, errors=3)).read_bytes()).hexdigest()
        for name in ("one", "two")
    }
    assert len(digests) == 1
    another = write(tmp_path / "three", Asked(300, errors=3, seed=2)).read_bytes()
    assert hashlib.sha256(another).hexdigest() not in digests


@pytest.mark.parametrize("version", dataset.VERSIONS)
def test_both_forms_hold_the_same_rows(tmp_path: Path, version: str) -> None:
    """Also the planted faults: each value fits its Access column."""
    sent = [
        read(write(tmp_path, Asked(1200, errors=30, form=form, version=version)))
        for form in ("zip", "mdb")
    ]
    columns = dataset.dataset(version).tables
    for table in dataset.DATA_TABLES:
        given, held = (
            [
                {name: column_stored(table, name, text, version) for name, text in row.items()}
                for row in sent_rows(one, table)
            ]
            for one in sent
        )
        assert list(sent[1].tables[table].columns) == list(columns[table].columns)
        assert given == held


def column_stored(table: str, name: str, text: str, version: str) -> str:
    """The value as it is stored (an Access number has no leading zero, a date no other form), or
    the text that is not valid."""
    column = dataset.dataset(version).tables[table].columns[name]
    return (values.canonical(text, column) if text else None) or text


# The same people, month after month ------------------------------------------------------------


def by_key(asked: Asked, table: str, key: str) -> dict[str, dict[str, str]]:
    return {row[key]: row for row in made(asked, table)}


def test_open_referrals_come_again_next_month() -> None:
    april, may = Asked(900), Asked(900, period="2013-05")
    first, second = (by_key(asked, "Referral", "ServiceID") for asked in (april, may))
    still_open = {service for service, row in first.items() if not row["EndDate"]}
    assert still_open
    assert still_open <= set(second)
    for service in still_open:
        then, now = (
            {name: text for name, text in row.items() if name not in ("EndDate", "EndCode")}
            for row in (first[service], second[service])
        )
        assert then == now
    new = set(second) - set(first)
    assert new
    assert all(second[service]["RefRecDate"] >= "2013-05-01" for service in new)
    ended = {service for service, row in first.items() if row["EndDate"]}
    assert ended
    assert not ended & set(second)


def test_a_person_is_the_same_person_in_every_month() -> None:
    seen: dict[str, dict[str, str]] = {}
    for month in range(1, 13):
        for local, row in by_key(Asked(300, period=f"2013-{month:02}"), "Person", "LPTID").items():
            assert seen.setdefault(local, row) == row
    numbers = [row["NHSNumber"] for row in seen.values()]
    assert len(set(numbers)) == len(numbers) > 250


def test_a_larger_sample_holds_the_same_people_and_more() -> None:
    small, large = (by_key(Asked(n), "Person", "LPTID") for n in (300, 3000))
    assert all(large[local] == row for local, row in small.items())


def test_providers_and_seeds_have_people_of_their_own() -> None:
    sets = [
        {row["NHSNumber"] for row in made(asked, "Person")}
        for asked in (Asked(300), Asked(300, provider="RZ2"), Asked(300, seed=2))
    ]
    assert not sets[0] & sets[1]
    assert not sets[0] & sets[2]


def test_commissioners_share_the_referrals() -> None:
    referrals = made(Asked(1500, commissioners=("91A", "92A", "93A")), "Referral")
    shares = Counter(row["OrgCodeComm"] for row in referrals)
    assert set(shares) == {"91A", "92A", "93A"}
    assert all(len(referrals) / 4 < share < len(referrals) / 2 for share in shares.values())


# Plausible -------------------------------------------------------------------------------------


def test_how_many_of_everything() -> None:
    month = Month(Asked(30_000))
    assert month.persons == 10_000
    assert len(month.referral_person) == pytest.approx(10_500, rel=0.01)
    assert len(month.appointment_referral) == 30_000
    assert 0.15 < (~month.is_open).mean() < 0.4
    assert (month.referral_received >= month.asked.start).mean() > 0.15
    assert 0.7 < month.attended.mean() < 0.9


def test_adults_of_all_ages() -> None:
    born = {row["LPTID"]: row["BirthDate"] for row in made(Asked(6000), "Person")}
    ages = []
    for row in made(Asked(6000), "Referral"):
        received, birth = row["RefRecDate"], born[row["LPTID"]]
        ages.append(int(received[:4]) - int(birth[:4]) - (received[5:] < birth[5:]))
    assert min(ages) >= 16
    assert 80 < max(ages) <= 90


def test_scores_fall_while_people_are_treated() -> None:
    early, late = [], []
    for month in range(1, 8):
        asked = Asked(3000, period=f"2013-{month:02}")
        received = {row["ServiceID"]: row["RefRecDate"] for row in made(asked, "Referral")}
        for row in made(asked, "Appointment"):
            if row["PHQ9_Score"]:
                is_early = received[row["ServiceID"]][:7] == asked.period
                (early if is_early else late).append(int(row["PHQ9_Score"]))
    assert sum(early) / len(early) > sum(late) / len(late) + 1


def test_nothing_clinical_is_said_of_an_appointment_not_attended() -> None:
    for row in made(Asked(3000), "Appointment"):
        clinical = [row["PHQ9_Score"], row["GAD7Score"], row["WSASScore"], row["TherType1"]]
        if row["Attendance"] not in ("5", "6"):
            assert not any(clinical)
            assert row["ContactDuration"] == "0"
        elif row["AppType"] in ("01", "02", "03", "04", "05"):
            assert all(clinical[:3])
            assert bool(clinical[3]) == (row["AppType"] in ("02", "03", "05"))
        assert not row["TherType2"] or row["TherType1"] not in ("", row["TherType2"])


def test_some_are_treated_without_questionnaires_and_nothing_is_missing() -> None:
    """So that their outcomes cannot be told."""
    treated = [row for row in made(Asked(3000), "Appointment") if row["TherType1"]]
    without = [row for row in treated if not row["PHQ9_Score"]]
    assert 0.05 < len(without) / len(treated) < 0.2
    assert {row["AppType"] for row in without} == {"07"}


def test_end_date_and_end_code_come_together() -> None:
    for row in made(Asked(3000), "Referral"):
        assert bool(row["EndDate"]) == bool(row["EndCode"])
        assert row["OnsetDate"] <= row["RefRecDate"][:7]


# NHS numbers -----------------------------------------------------------------------------------


def test_numbers_are_of_the_range_that_is_nobodys() -> None:
    numbers = valid_numbers()
    assert len(numbers) == len(set(numbers.tolist())) == 909_091
    assert numbers.min() >= 9_990_000_000
    assert len(numbers) % STRIDE
    column = dataset.dataset("1.0").tables["Person"].columns["NHSNumber"]
    some = [str(number) for number in numbers[::1009].tolist()]
    assert values.canonical_all(some, column) == some


@pytest.mark.parametrize("places", [1, 100, 33_333, 500_000])
def test_no_two_people_at_one_time_share_a_number(places: int) -> None:
    place = np.arange(places)
    numbers = nhs_numbers(place, place * 7 % 400, places, 12345)
    assert len(np.unique(numbers)) == places


# The command -----------------------------------------------------------------------------------


def test_all_words_are_optional() -> None:
    assert arguments(["made"]) == (Path("made"), Asked())


def test_the_words_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = "--appointments 12 --errors 0 --provider rz2 --commissioner 91a --commissioner 92A"
    more = "--period 2012-12 --version 1.0P --seed 7"
    assert main([str(tmp_path / "new"), *words.split(), *more.split()]) == 0
    path = Path(capsys.readouterr().out.rstrip("\n"))
    assert path == tmp_path / "new" / "IAPT_RZ2_2012-12.zip"
    verdict = check(read(path))
    assert (verdict.outcome, verdict.header.version) == (ACCEPTED, "1.0P")
    assert json.loads((tmp_path / "new" / "expected.json").read_text())["counts"] == {}


@pytest.mark.parametrize(
    "words",
    [
        *("--appointments 0", "--appointments 9000000", "--errors 51", "--errors -1"),
        *("--form xlsx", "--provider R!", "--commissioner ABCDEF", "--period 2013-13"),
        *("--period 1899-04", "--version 1.5", "--seed x", "--errors nan"),
    ],
)
def test_words_that_make_no_sense(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        arguments(["made", *words.split()])
    assert stopped.value.code == 2
    assert words.split(maxsplit=1)[0] in capsys.readouterr().err


def test_a_folder_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("")
    assert main([str(tmp_path / "taken")]) == 1
    assert "Cannot write" in capsys.readouterr().err
