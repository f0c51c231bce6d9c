"""The definitions of the statistics: public, complete, each under an address that stays; and the
table of figures, which they are made from, is whole."""

import re

import pytest
from django.test import Client

from extracts import definition_views
from extracts.figures import figures, main_figures, partitions
from extracts.specification.breakdowns import UNKNOWN, breakdowns
from extracts.specification.counting import counting_rules
from validation import dataset, rules
from validation.rule import RULEBOOK

pytestmark = pytest.mark.django_db
NAMED = {one.name: one for one in figures()}


def page(address: str, client: Client) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


# -- the table ------------------------------------------------------------------------------------


def test_every_figure_says_what_it_is_of_whom_and_who_says_so() -> None:
    assert len(NAMED) == len(figures())
    titles = [one.title for one in figures()]
    assert len(set(titles)) == len(titles)
    for one in figures():
        assert one.title, one.name
        assert one.meaning, one.name
        assert one.formula, one.name
        assert one.source, one.name
        assert {one.of, one.whole, *one.also_in} - {""} <= set(NAMED), one.name
        # It could be kept nowhere else: names are addresses, keys and columns of files.
        assert re.fullmatch(r"[a-z][a-z0-9_]*", one.name)
        assert "{" not in one.sql + one.formula, one.name


def test_main_figures_are_those_that_extracts_have_always_carried() -> None:
    assert [one.name for one in main_figures()] == [
        *("received", "entered", "ended", "finished", "paired", "caseness", "recovered"),
        *("improved", "recovered_reliably", "deteriorated"),
    ]


def wholes(name: str) -> set[str]:
    """All figures that it is a part of."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for whole in definition_views.containing(NAMED[waiting.pop()]):
            if whole not in found:
                found.add(whole)
                waiting.append(whole)
    return found


def test_nothing_is_a_part_of_itself_and_rates_are_of_what_it_is_a_part_of() -> None:
    for one in figures():
        assert one.name not in wholes(one.name)
        assert not one.of or one.of in wholes(one.name), one.name
        assert not one.partition or one.whole, one.name
        # Told once: not what follows from another.
        for name in one.also_in:
            assert name not in set().union(wholes(one.whole), {one.whole}), one.name


def test_partitions_have_names_of_their_own_and_several_parts() -> None:
    names = [partition for _, partition in partitions()]
    assert len(set(names)) == len(names)
    assert all(len(parts) > 1 for parts in partitions().values())


def test_the_former_indicators_that_the_data_set_has_a_source_for() -> None:
    former = {one.former: one.name for one in figures() if one.former}
    assert former == {
        "KPI3a": "received",
        "KPI3b": "waiting_over_28",
        "KPI4": "entered",
        "KPI5": "finished",
        "KPI6a": "recovered",
        "KPI6b": "not_caseness",
    }


def test_every_source_of_referral_is_in_one_part() -> None:
    """Whatever the codes are, in words of the same list: none is left to be counted nowhere."""
    codes = dataset.widest().tables["Referral"].columns["SourceReferral"].codes
    told = " ".join(NAMED[name].formula for name in partitions()["received", "source of referral"])
    for code in codes:
        exact = re.search(rf"\b{code.code}\b", told)
        by_letter = re.search(rf"begins with [A-Z, or]*\b{code.code[0]}\b", told)
        assert bool(exact) != bool(by_letter), code.code


def test_categories_are_those_of_the_data_set() -> None:
    people = dataset.widest().tables["Person"].columns
    for name, column in (("gender", "Gender"), ("ethnicity", "Ethnicity")):
        labels = {code.label for code in people[column].codes if code.quality != "default"}
        assert set(breakdowns()[name].categories) == labels
    assert len(breakdowns()["ethnicity"].categories) == 16 + 1
    assert UNKNOWN not in breakdowns()["ethnicity"].categories


# -- pages and document ---------------------------------------------------------------------------


def test_every_figure_has_a_page_that_the_index_links(client: Client) -> None:
    shown = page("/statistics/definitions/", client)
    linked = set(re.findall(r'href="/statistics/definitions/(\w+)/"', shown))
    assert linked == set(NAMED)
    for one in figures():
        assert f'id="{one.name}"' in shown
    for name in list(NAMED)[::6]:
        page(f"/statistics/definitions/{name}/", client)
    for by in breakdowns():
        assert f'id="by-{by}"' in shown
    for rule in counting_rules():
        assert f'id="{rule.code}"' in shown


def test_a_figure(client: Client) -> None:
    shown = page("/statistics/definitions/recovered/", client)
    assert "/specification/Referral/IC_RECOVERY_FLAG/" in shown
    assert "KPI6a" in shown
    assert 'href="/statistics/definitions/caseness/"' in shown
    whole = page("/statistics/definitions/finished/", client)
    assert "Parts by caseness" in whole
    assert client.get("/statistics/definitions/nothing/").status_code == 404


def test_rules_of_counting_name_rules_that_there_are() -> None:
    assert [rule.code for rule in counting_rules()] == [f"C{n}" for n in range(1, 11)]
    assert rules.__all__
    for rule in counting_rules():
        assert set(re.findall(r"\b[FPDRAT]\d\d\b", rule.words)) <= set(RULEBOOK)


def test_the_document_holds_every_figure_breakdown_and_rule() -> None:
    said = definition_views.document()
    for one in figures():
        assert f"| {one.name} | {one.title} | {one.meaning} | {one.formula} |" in said
    for one in breakdowns().values():
        assert one.words in said
    for rule in counting_rules():
        assert rule.words in said
