"""The data dictionary: every column in words, found by what one looks for."""

import pytest

from validation import dataset, dictionary
from validation.dataset import Column

ENTRIES = dictionary.entries()
EVERY = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.place)


@EVERY
def test_column_is_told_in_words(entry: dictionary.Entry) -> None:
    assert entry.column.meaning.endswith((".", "?"))
    assert "{" not in entry.format + entry.requirement
    assert "None" not in entry.format
    for rule, words in entry.rules:
        assert words
        assert "{" not in words
        assert rule.advice


def test_dictionary_holds_the_data_set() -> None:
    columns: list[Column] = list(dataset.widest().columns())
    assert [entry.column for entry in ENTRIES] == columns
    # Whatever is judged has a format in words.
    assert {column.kind for column in columns} == set(dictionary.FORMATS)
    assert {column.requirement for column in columns} == set(dictionary.REQUIREMENTS)


@pytest.mark.parametrize(
    ("place", "codes"),
    [
        ("Referral.EndDate", ["A05", "R06", "R07", "R08", "R15", "R19", "R23"]),
        ("Person.LPTID", ["D01", "P01", "P02", "P03", "P04", "P05", "R01"]),
        ("Person.Gender", ["P16", "P21"]),
        ("Appointment.OrgCodeProvider", ["T01"]),
        ("Header.OrgCodeProvider", ["F08", "F09", "F10"]),
        ("Header.StartDate", ["F03", "F08"]),
        ("Person.BirthDate", ["P13", "P14", "P19", "R09", "R14"]),
        ("Header.EndDate", ["F08"]),
    ],
)
def test_rules_that_ask_a_column(place: str, codes: list[str]) -> None:
    entry = dictionary.entry(*place.split("."))
    assert [rule.code for rule, _ in entry.rules] == codes


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("endcode", "Referral.EndCode"),
        ("R06", "Referral.EndDate"),
        ("armed forces", "Person.BAFIndicator"),
        ("ex-services", "Person.BAFIndicator"),
        ("sick pay", "Appointment.SSPInd"),
        ("02", "Person.BAFIndicator"),
        ("ICD-10", "Referral.ProvDiag"),
        (" PHQ-9 ", "Appointment.PHQ9_Score"),
    ],
)
def test_search_finds(words: str, place: str) -> None:
    assert place in {entry.place for entry in dictionary.search(words)}


def test_search_for_a_code_says_what_it_means() -> None:
    meant = {
        entry.place: [code.label for code in entry.codes_like("02")]
        for entry in dictionary.search("02")
        if entry.codes_like("02")
    }
    assert meant["Person.NHSNoStatus"] == ["Number present but not traced"]
    assert "Appointment.PsychMed" in meant


def test_search_for_nothing_shows_all_and_for_nonsense_none() -> None:
    assert dictionary.search("") == ENTRIES
    assert dictionary.search("xyzzy") == []


def test_entry_by_names_in_any_case() -> None:
    assert dictionary.entry("person", "lptid").place == "Person.LPTID"
    with pytest.raises(KeyError):
        dictionary.entry("Person", "Surname")
