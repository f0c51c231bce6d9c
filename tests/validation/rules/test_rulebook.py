"""The rulebook as a whole: every rule is worded, and drawn in a test beside this file."""

import re
from pathlib import Path

import pytest

from validation import dataset, rules
from validation.finding import Severity
from validation.rule import HISTORY, RULEBOOK, Rule

assert rules.__all__
MARK = re.compile(r"[A-Z][0-9]{2}(?::[A-Za-z0-9_.]+)?")
# Nothing of the files themselves: what an arrow points at in a drawing there.
DRAWN = {
    mark
    for path in Path(__file__).parent.glob("test_*_rules.py")
    for arrow in re.findall(r"<- (.*)", path.read_text())
    for mark in MARK.findall(arrow)
}
# What earlier files tell is known to the portal alone, which asks these itself.
ASKED_HERE = [code for code, rule in RULEBOOK.items() if rule.needs != HISTORY]
DECLARED = sorted(
    {
        (code, f"{column.table}.{column.name}" if column.table == "Header" else column.name)
        for version in dataset.VERSIONS
        for column in dataset.dataset(version).columns()
        for code in (column.missing_rule, column.invalid_rule)
        if code
    }
)
# Written down twice on purpose: a changed severity changes what is loaded.
REJECTS_FILE = "F01 F03 F05 F06 F07 F08 F09 F10 F11 F17"
REJECTS_ROW = "T01 P01 P02 P05 D01 D02 D03 R01 R02 R03 R04 R05 R06 R07 R11 R18 R19 A01 A02 A03 A04"


@pytest.mark.parametrize("code", ASKED_HERE)
def test_every_rule_is_drawn(code: str) -> None:
    assert code in {mark[:3] for mark in DRAWN}


@pytest.mark.parametrize(("code", "column"), DECLARED)
def test_every_column_that_asks_a_rule_is_drawn(code: str, column: str) -> None:
    assert f"{code}:{column.removeprefix('Header.')}" in DRAWN or f"{code}:{column}" in DRAWN


def test_no_mark_stands_for_a_rule_that_is_not() -> None:
    assert {mark[:3] for mark in DRAWN} <= set(RULEBOOK)


@pytest.mark.parametrize("rule", RULEBOOK.values(), ids=lambda rule: rule.code)
def test_every_rule_has_a_sentence_and_advice(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z{].*[A-Za-z0-9)}]\.", rule.sentence)
    assert re.fullmatch(r"[A-Z].*\.", rule.advice)
    assert rule.say("Gender").count("{") == 0


def test_severities() -> None:
    rejecting = {
        severity: {code for code, rule in RULEBOOK.items() if rule.severity == severity}
        for severity in Severity
    }
    assert rejecting[Severity.REJECT_FILE] == set(REJECTS_FILE.split())
    assert rejecting[Severity.REJECT_ROW] == set(REJECTS_ROW.split())


def test_a_code_says_one_thing() -> None:
    sentences = [rule.sentence for rule in RULEBOOK.values()]
    shared = {sentence for sentence in sentences if sentences.count(sentence) > 1}
    # One sentence, but another item and another remedy: kept apart for the sender's list.
    assert shared <= {"{column} is missing.", "{column} is not a valid code."}


def test_every_code_that_the_data_set_names_is_in_the_rulebook() -> None:
    assert {code for code, _ in DECLARED} <= set(RULEBOOK)
