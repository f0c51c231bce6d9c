"""The rulebook as a whole: every rule is worded, sourced, and shown by an example that holds."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.validation.drawing import draw
from validation import dataset, example, report, rulebook, rules
from validation.columns import Mask
from validation.engine import ACCEPTED
from validation.example import Drawing, Example
from validation.finding import Severity
from validation.rows import Rows
from validation.rule import FIRST_VERSION, HISTORY, RULEBOOK, RULEBOOK_VERSION, Rule
from validation.rule import rule as enter
from validation.rules.file import Context

assert rules.__all__
EVERY = pytest.mark.parametrize("rule", RULEBOOK.values(), ids=lambda rule: rule.code)
DRAWN = [code for code, rule in RULEBOOK.items() if example.of(rule).drawings]
IN_WORDS = [code for code in RULEBOOK if code not in DRAWN]
MARK = re.compile(r"[A-Z][0-9]{2}(?::[A-Za-z0-9_.]+)?")
# What an arrow points at in the drawings of the tests beside this file.
MARKED = {
    mark
    for path in Path(__file__).parent.glob("test_*_rules.py")
    for arrow in re.findall(r"<- (.*)", path.read_text())
    for mark in MARK.findall(arrow)
}
DECLARED = sorted(
    {
        (code, column.table, column.name)
        for version in dataset.VERSIONS
        for column in dataset.dataset(version).columns()
        for code in (column.missing_rule, column.invalid_rule)
        if code
    }
)
# Written down twice on purpose: a changed severity changes what is loaded.
REJECTS_FILE = "F01 F03 F05 F06 F07 F08 F09 F10 F11 F17"
REJECTS_ROW = "T01 P01 P02 P05 D01 D02 D03 R01 R02 R03 R04 R05 R06 R07 R11 R18 R19 A01 A02 A03 A04"


def files_of(drawings: tuple[Drawing, ...]) -> list[tuple[Drawing, ...]]:
    """The files that are drawn: one, or one for each row of a drawn Header."""
    (first, *_) = drawings
    if first.table != "Header":
        return [drawings]
    return [(Drawing(first.table, first.columns, (row,)),) for row in first.rows]


def context_of(told: Example) -> Context:
    """What the asker of an example knows."""
    organisations = told.given.get("organisations")
    return Context(
        period=told.given.get("period"),
        provider=told.given.get("provider"),
        organisations=frozenset(organisations.split()) if organisations else None,
    )


@pytest.mark.parametrize("code", DRAWN)
def test_every_example_is_true(code: str) -> None:
    """What is marked is found, and nothing else."""
    told = example.of(RULEBOOK[code])
    version = told.given.get("version", dataset.VERSIONS[0])
    for drawings in files_of(told.drawings):
        drawn = {drawing.table: drawing for drawing in drawings}
        verdict = draw(version=version, context=context_of(told), **drawn)
        assert code not in verdict.not_asked


@pytest.mark.parametrize("code", DRAWN)
def test_every_example_has_rows_that_fail_and_rows_that_pass(code: str) -> None:
    home = rulebook.Entry(RULEBOOK[code]).home
    drawings = example.of(RULEBOOK[code]).drawings
    if len(drawings) > 1:
        drawings = tuple(drawing for drawing in drawings if drawing.table == home)
    rows = [row for drawing in drawings for row in drawing.rows]
    fail = [row for row in rows if any(mark.code == code for mark in row.marks)]
    assert fail
    assert len(fail) < len(rows)


@pytest.mark.parametrize("code", IN_WORDS)
def test_only_rules_on_files_are_shown_in_words(code: str) -> None:
    told = example.of(RULEBOOK[code])
    assert told.fails.endswith(".")
    assert told.passes.endswith(".")
    asked_here = RULEBOOK[code].needs != HISTORY
    assert (
        RULEBOOK[code].severity == Severity.REJECT_FILE or code in {"F14", "F15"} or not asked_here
    )
    # Those that a file alone can break are drawn with its parts in the tests of file rules.
    assert code in {mark[:3] for mark in MARKED} or not asked_here


@pytest.mark.parametrize(("code", "table", "column"), DECLARED)
def test_every_column_that_asks_a_rule_is_drawn(code: str, table: str, column: str) -> None:
    """In its example, or in a test."""
    told = example.of(RULEBOOK[code])
    marked = {
        (mark.code, drawing.table, mark.column or next(iter(drawing.columns)))
        for drawing in told.drawings
        for row in drawing.rows
        for mark in row.marks
    }
    alone = rulebook.shown(RULEBOOK[code]) == {f"{table}.{column}"}
    assert (
        (alone and any(mark[0] == code for mark in marked))
        or (code, table, column) in marked
        or {f"{code}:{column}", f"{code}:{table}.{column}"} & MARKED
    )


def test_no_mark_stands_for_a_rule_that_is_not() -> None:
    assert {mark[:3] for mark in MARKED} <= set(RULEBOOK)


@EVERY
def test_every_rule_is_told_in_words(rule: Rule) -> None:
    for sentence in (rule.say(""), rule.say("Gender")):
        assert re.fullmatch(r"[A-Z].*[A-Za-z0-9)]\.", sentence)
    assert re.fullmatch(r"[A-Z].*\.", rule.advice)
    assert re.fullmatch(r"[A-Z].*\.", rule.source)
    assert "{" not in rule.say("") + rule.say("Gender")
    # A rule that speaks of its column has a title for all of its columns.
    assert ("{column}" in rule.sentence) == bool(rule.title)


@EVERY
def test_every_rule_came_and_changed_in_a_version(rule: Rule) -> None:
    assert rule.since in {FIRST_VERSION, RULEBOOK_VERSION}
    assert rule.changed in {"", RULEBOOK_VERSION}
    assert not (rule.since == RULEBOOK_VERSION and rule.changed)


def test_rules_on_the_file_as_a_whole_are_always_in_force_and_never_on_trial() -> None:
    """They are asked before the period is known, and of them the rest depends."""
    for code, rule in RULEBOOK.items():
        if code.startswith("F"):
            assert (rule.valid_from, rule.valid_to, rule.shadow) == (None, None, False)


def test_severities() -> None:
    rejecting = {
        severity: {code for code, rule in RULEBOOK.items() if rule.severity == severity}
        for severity in Severity
    }
    assert rejecting[Severity.REJECT_FILE] == set(REJECTS_FILE.split())
    assert rejecting[Severity.REJECT_ROW] == set(REJECTS_ROW.split())


def test_a_code_says_one_thing() -> None:
    titles = [rule.say("") for rule in RULEBOOK.values()]
    assert sorted(titles) == sorted(set(titles))


def test_every_code_that_the_data_set_names_is_in_the_rulebook() -> None:
    assert {code for code, _, _ in DECLARED} <= set(RULEBOOK)


# When a rule is in force ---------------------------------------------------------------------------


def test_a_code_that_was_not_yet_retired() -> None:
    draw(
        Header="""
            StartDate   EndDate
            2012-03-01  2012-03-31
        """,
        Person="""
            BAFIndicator
            01
        """,
        Referral="""
            RefRecDate
            2012-03-01
        """,
    )


@pytest.mark.parametrize(
    ("day", "asked"),
    [("2012-03-01", False), ("2012-04-01", True), ("2014-06-01", True), ("2014-07-01", False)],
)
def test_a_rule_between_two_days(day: str, asked: bool) -> None:
    between = Rule(
        "X01",
        Severity.WARN,
        "A fault.",
        "Mend it.",
        valid_from=date(2012, 4, 1),
        valid_to=date(2014, 6, 30),
    )
    assert between.is_in_force(date.fromisoformat(day)) == asked


# On trial ------------------------------------------------------------------------------------------


@pytest.fixture
def on_trial() -> Iterator[str]:
    """A rule that would reject rows, tried out."""

    @enter("X99", "Gender", severity=Severity.REJECT_ROW, shadow=True)
    def indeterminate(person: Rows) -> Mask:
        """Gender is indeterminate.

        Ask.
        """
        return person.Gender.isin("9")

    yield "X99"
    del RULEBOOK["X99"]


def test_a_rule_on_trial_is_counted_apart_and_costs_nothing(on_trial: str) -> None:
    verdict = draw(
        Person="""
            Gender
            9
            1
            9
        """
    )
    (found,) = verdict.shadow
    assert (found.rule, found.column, found.rows.tolist()) == (on_trial, "Gender", [1, 3])
    assert (verdict.outcome, verdict.counts) == (ACCEPTED, {})
    assert verdict.tables["Person"].standing == 3


def test_a_rule_on_trial_is_told_to_nobody(on_trial: str) -> None:
    verdict = draw(Person="Gender\n9")
    assert on_trial not in f"{report.as_data(verdict, None)} {report.message(verdict)}"
    assert on_trial not in verdict.not_asked
    assert on_trial not in {entry.rule.code for entry in rulebook.entries()}


def test_without_a_rule_on_trial_nothing_is_counted_apart() -> None:
    assert draw(Person="Gender\n9").shadow == []
