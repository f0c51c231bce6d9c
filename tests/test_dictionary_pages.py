"""The dictionary's pages: public, linked, and what of a column goes into the extract."""

import re

import pytest
from django.test import Client

from extracts import specification
from validation import dataset, dictionary

pytestmark = pytest.mark.django_db


def page(address: str, client: Client) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_every_column_has_a_page_that_the_index_links(client: Client) -> None:
    index = page("/dictionary/", client)
    linked = set(re.findall(r'href="(/dictionary/\w+/\w+/)"', index))
    assert len(linked) == len(dictionary.entries())
    for address in linked:
        page(address, client)


def test_a_column(client: Client) -> None:
    shown = page("/dictionary/Referral/EndCode/", client)
    assert "Referral.ENDCODE" in shown
    assert "R10" in shown
    assert client.get("/dictionary/Referral/Surname/").status_code == 404


def test_searching(client: Client) -> None:
    shown = page("/dictionary/?q=ex-services", client)
    assert "Person.BAFIndicator" in shown
    assert "Person.Postcode" not in shown
    nothing = page("/dictionary/?q=%3Csvg+onload%3E", client)
    assert "<svg onload" not in nothing
    assert "0 columns" in nothing


def test_everything_on_one_page(client: Client) -> None:
    whole = page("/dictionary/whole/", client)
    for entry in dictionary.entries():
        assert f'id="{entry.place}"' in whole


def test_extract_is_made_from_columns_that_there_are() -> None:
    known = {f"{column.table}.{column.name}" for column in dataset.widest().columns()}
    for column in specification.columns():
        assert set(column.sent) <= known, column.name
        direct = re.fullmatch(r"t\.(\w+)", column.expression)
        if column.origin == "submitted" and direct:
            (sent,) = column.sent
            table, _, name = sent.partition(".")
            assert (table, name.lower()) == (column.table, direct[1])


def test_every_recorded_column_goes_into_the_extract() -> None:
    for column in dataset.widest().columns():
        if column.is_recorded:
            assert specification.made_from(column.table, column.name), column.name
