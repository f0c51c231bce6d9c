"""The rulebook's pages: public, linked with the dictionary, found by table, cost and word."""

import re

import pytest
from django.test import Client

from tests.pages import same_page
from validation import rulebook
from validation.finding import Severity
from validation.rule import RULEBOOK

pytestmark = pytest.mark.django_db


def page(address: str, client: Client) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def linked(shown: str) -> set[str]:
    return set(re.findall(r'scope="row"><a href="/rules/(\w+)/"', shown))


def test_every_rule_has_a_page_that_the_index_links(client: Client) -> None:
    assert linked(page("/rules/", client)) == set(RULEBOOK)
    for code, rule in RULEBOOK.items():
        shown = page(f"/rules/{code}/", client)
        assert rule.cost.words in shown
        assert "Passes" in shown


def test_a_rule(client: Client) -> None:
    shown = page("/rules/R06/", client)
    assert "Referral ends before it was received." in shown
    assert (
        '<strong>2013-04-09</strong><span class="nhsuk-u-visually-hidden"> is what fails' in shown
    )
    assert "the row is rejected" in shown
    assert "/dictionary/Referral/EndDate/" in shown
    assert "Design choice of this portal." in shown
    assert "rejected for its form or its header" in shown


def test_when_a_rule_is_asked(client: Client) -> None:
    assert "from 1 April 2012" in page("/rules/P18/", client)
    assert "register of organisations is not loaded" in page("/rules/P17/", client)
    assert "of version 1.0P only" in page("/rules/B01/", client)
    assert "only the portal knows what was sent before" in page("/rules/F12/", client)


def test_a_code_in_any_case_and_one_that_is_not(client: Client) -> None:
    assert same_page(client.get("/rules/r06/"), client.get("/rules/R06/"))
    assert client.get("/rules/R99/").status_code == 404


def test_rules_of_one_table_at_one_cost(client: Client) -> None:
    of_persons = linked(page("/rules/?table=Person&severity=REJECT_ROW", client))
    assert {"P01", "P02", "P05", "T01"} <= of_persons
    assert not {"P10", "R06", "F11"} & of_persons
    assert {RULEBOOK[code].severity for code in of_persons} == {Severity.REJECT_ROW}
    assert "P14" in linked(page("/rules/?table=Referral", client))
    assert linked(page("/rules/?table=File", client)) == {c for c in RULEBOOK if c[0] == "F"}


def test_rules_by_a_word(client: Client) -> None:
    assert linked(page("/rules/?q=armed+forces", client)) == {"P18"}
    assert "R06" in linked(page("/rules/?q=enddate", client))
    nothing = page("/rules/?q=%3Csvg+onload%3E", client)
    assert "<svg onload" not in nothing
    assert "0 rules" in nothing


@pytest.mark.parametrize("asked", ["table=Nowhere", "severity=DEATH", "table=&severity=", "q=+"])
def test_what_cannot_be_asked_for_shows_all(client: Client, asked: str) -> None:
    assert linked(page(f"/rules/?{asked}", client)) == set(RULEBOOK)


def test_a_column_links_its_rules(client: Client) -> None:
    shown = page("/dictionary/Header/OrgCodeProvider/", client)
    assert {"F08", "F09", "F10"} == linked(shown)
    assert {"T01"} == linked(page("/dictionary/Disability/OrgCodeProvider/", client))
    for entry in rulebook.entries():
        for column in entry.columns[:1]:
            address = f"/dictionary/{column.table}/{column.name}/"
            assert entry.rule.code in linked(page(address, client))
