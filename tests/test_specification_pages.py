"""The data extract specification and the inclusion rules: public, complete, and what the code
does."""

import re
from pathlib import Path

import pytest
from django.test import Client

from extracts import specification, specification_views
from extracts.specification.derivations import derivations, measures, terms, therapies
from extracts.specification.inclusion import inclusion_rules
from validation import dataset, rules
from validation.rule import RULEBOOK

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent


def page(address: str, client: Client) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_every_column_has_a_page_that_the_index_links(client: Client) -> None:
    linked = set(re.findall(r'href="(/specification/\w+/\w+/)"', page("/specification/", client)))
    assert len(linked) == len(specification.columns())
    for address in sorted(linked)[::20]:
        page(address, client)


def test_a_column(client: Client) -> None:
    shown = page("/specification/Referral/IC_FIRST_PHQ9/", client)
    assert "/dictionary/Appointment/PHQ9_Score/" in shown
    assert "earliest valid PHQ-9 score" in shown
    assert "The provider itself alone" in page("/specification/Person/LPTID/", client)
    assert client.get("/specification/Person/SURNAME/").status_code == 404


def test_searching(client: Client) -> None:
    shown = page("/specification/?q=recovered", client)
    assert "/specification/Referral/IC_RECOVERY_FLAG/" in shown
    assert "/specification/Referral/IC_ADSM/" not in shown
    sent = page("/specification/?q=Appointment.SSPInd", client)
    assert "IC_LAST_SICKPAY_INDICATOR" in sent
    nothing = page("/specification/?q=%3Csvg+onload%3E", client)
    assert "<svg onload" not in nothing
    assert "0 columns" in nothing


def test_every_column_says_what_it_is_how_it_is_made_and_who_says_so() -> None:
    for column in specification.columns():
        assert column.meaning, column.place
        assert column.formula, column.place
        assert column.source, column.place
        assert column.type_words, column.place
    for one in specification.columns():
        # A column that is never filled says why.
        if not one.expression:
            assert "lank" in one.formula, one.place


def test_every_derivation_is_a_column_and_no_two_have_a_name() -> None:
    names = [one.name for one in derivations()]
    assert len(names) == len(set(names))
    columns = {column.name for column in specification.columns() if column.table == "Referral"}
    assert {one.name for one in derivations() if one.is_column} <= columns
    shown = [column.name for column in specification.columns() if column.name in names]
    assert len(shown) == len(set(shown))


def test_what_is_left_out_is_not_there() -> None:
    there = {(column.table, column.name) for column in specification.columns()}
    for one in specification.left_out():
        for table in one.tables.split():
            assert not there & {(table, name) for name in one.columns.split()}, one


def test_therapies_are_those_of_the_data_set() -> None:
    codes = {
        code.code for code in dataset.widest().tables["Appointment"].columns["TherType1"].codes
    }
    assert {code for one in therapies() for code in one.codes} == codes


def test_words_are_meant_for_every_version() -> None:
    for term in terms().values():
        assert tuple(term.versions.split()) == dataset.VERSIONS, term


def test_thresholds_lie_within_the_scores() -> None:
    for one in measures():
        for threshold in filter(None, (one.caseness, one.reliable_change)):
            assert one.column.maximum is not None
            assert 0 < float(threshold) <= one.column.maximum, one


def test_inclusion_rules(client: Client) -> None:
    shown = page("/inclusion/", client)
    assert [rule.code for rule in inclusion_rules()] == [f"I{number}" for number in range(1, 9)]
    assert rules.__all__
    for rule in inclusion_rules():
        assert f'id="{rule.code}"' in shown
        assert set(re.findall(r"\b[FPDRAT]\d\d\b", rule.how)) <= set(RULEBOOK)


def test_documents_hold_every_column_and_rule() -> None:
    said = specification_views.document()
    for column in specification.columns():
        assert f"| {column.name} |" in said
    for rule in inclusion_rules():
        assert rule.words in specification_views.inclusion_document()
