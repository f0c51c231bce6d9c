"""The engine: what a verdict says of any rows, in any order."""

import random
from collections.abc import Iterable, Mapping

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.validation.drawing import DEFAULTS, completed
from validation import dataset, quality, report
from validation.engine import ACCEPTED, REJECTED, WITH_WARNINGS, Checking, Verdict, check, severity
from validation.finding import Found, Severity
from validation.rule import HISTORY, RULEBOOK
from validation.rules.file import Context
from validation.sample.month import Asked, Month
from validation.sample.planting import plant, unreferred
from validation.sample.submission import rows as sample_rows
from validation.sent import Sent, SentColumn, SentTable

Row = dict[str, str]
# Of each set of twins the first in the file's order is taken.
TAKES_THE_FIRST = {"D03", "A03"}
EVERY_OTHER = Asked(240, errors=50, version="1.0P")


def as_sent(rows: Mapping[str, Iterable[Row]], version: str = "1.0") -> Sent:
    """The rows in the shape in which readers give them."""
    tables = {}
    for name, table in dataset.dataset(version).tables.items():
        given = list(rows.get(name, ()))
        columns = {
            column: _column([row.get(column, "") for row in given]) for column in table.columns
        }
        tables[name] = SentTable(name, columns, len(given))
    return Sent("access", tables)


def _column(texts: list[str]) -> SentColumn:
    places: dict[str, int] = {}
    codes = [places.setdefault(text.strip(), len(places)) for text in texts]
    return SentColumn(list(places), np.array(codes, dtype=np.uint32))


def drawn(**tables: list[Row]) -> Verdict:
    return check(as_sent(completed(tables)))


def faulty(asked: Asked = EVERY_OTHER) -> dict[str, list[Row]]:
    """Rows of a sample with faults; if nothing else is asked for, every other one has one."""
    month = Month(asked, 3)
    return {name: list(rows) for name, rows in sample_rows(month, plant(month)).items()}


def every_place(verdict: Verdict) -> list[tuple[str, str | None, str | None, int]]:
    return sorted(
        (found.rule, found.table, found.column, row)
        for found in verdict.findings
        for row in found.rows.tolist()
    )


# Outcomes and counts ---------------------------------------------------------------------------


def test_outcomes() -> None:
    assert drawn(Person=[{}]).outcome == ACCEPTED
    assert drawn(Person=[{"Gender": ""}]).outcome == WITH_WARNINGS
    assert drawn(Person=[{"LPTID": ""}, {}]).outcome == WITH_WARNINGS
    assert drawn(Person=[{"LPTID": ""}]).outcome == REJECTED


def test_a_rejected_file_loads_nothing() -> None:
    verdict = drawn(Person=[{"LPTID": ""}, {"OrgCodeProvider": "RZ2"}])
    assert verdict.rows == {}
    assert verdict.counts == {"F11": 1, "P01": 1, "R01": 1, "T01": 1}
    assert {name: (n.received, n.standing) for name, n in verdict.tables.items()} == {
        "Person": (2, 0),
        "Disability": (0, 0),
        "Referral": (1, 0),
        "Appointment": (0, 0),
    }


def test_a_row_may_break_several_rules_and_falls_once() -> None:
    row = {"RefRecDate": "2013-05-03", "EndDate": "2013-03-01", "OrgCodeComm": ""}
    verdict = drawn(Referral=[row, {}])
    assert verdict.counts == {"R05": 1, "R06": 1, "R07": 1, "R11": 1}
    assert verdict.tables["Referral"].rejected == 1


def test_counts_are_of_all_places() -> None:
    persons = [{"Gender": "", "Ethnicity": ""} for _ in range(5)] + [{"Gender": ""}]
    assert drawn(Person=persons).counts == {"P16": 11}


def test_one_finding_for_each_rule_and_column() -> None:
    """Two questions that ask under one code are answered together."""
    minutes = ["x", "500", "1000", "30"]
    verdict = drawn(Appointment=[{"ContactDuration": text} for text in minutes])
    (found,) = verdict.findings
    assert (found.rule, found.rows.tolist()) == ("A17", [1, 2, 3])


def test_not_asked() -> None:
    of_history = {code for code, rule in RULEBOOK.items() if rule.needs == HISTORY}
    unknown = {"F03", "F09", "F10", "P17", "R17"} | of_history
    assert check(as_sent(completed({}))).not_asked == sorted(unknown)
    told = Context("2013-04", "RZ1", frozenset({"RZ1", "91A"}), False)
    assert check(as_sent(completed({})), told).not_asked == sorted(of_history)


def test_findings_of_reading_are_part_of_the_verdict() -> None:
    sent = as_sent(completed({}))
    sent.findings.append(Found("F15", "Person"))
    assert check(sent).counts == {"F15": 1}
    sent.findings.append(Found("F17", "Person", line=7))
    assert check(sent).outcome == REJECTED
    assert check(sent).counts == {"F15": 1, "F17": 1}


def test_checking_changes_nothing_in_what_was_sent() -> None:
    sent = as_sent(faulty())
    assert every_place(check(sent)) == every_place(check(sent))
    assert sent.findings == []


def shown_one_by_one(sent: Sent, context: Context | None = None) -> tuple[set[str], Verdict]:
    """The tables whose rows were known to stand when they arrived, and the verdict."""
    checking = Checking(context)
    early = {name for name, table in sent.tables.items() if checking.arrived(table) is not None}
    return early, checking.verdict(sent)


def test_tables_shown_as_they_arrive_get_the_same_verdict() -> None:
    sent = as_sent(faulty(), "1.0P")
    early, verdict = shown_one_by_one(sent)
    assert early == {"Person", "Disability", "Referral", "Appointment"}
    assert every_place(verdict) == every_place(check(sent))
    assert verdict.tables == check(sent).tables


def test_nothing_stands_early_in_a_file_that_its_header_refuses() -> None:
    sent = as_sent(completed({}))
    early, verdict = shown_one_by_one(sent, Context(provider="RZ9"))
    assert (early, verdict.outcome) == (set(), REJECTED)


def test_nothing_stands_early_behind_a_missing_column() -> None:
    sent = as_sent(completed({}))
    del sent.tables["Referral"].columns["EndDate"]
    early, verdict = shown_one_by_one(sent)
    assert early == {"Person", "Disability"}
    assert verdict.counts == {"F06": 1}


def test_tables_without_rows() -> None:
    verdict = check(as_sent({"Header": [DEFAULTS["Header"]]}))
    assert verdict.counts == {"F11": 1}
    assert {counts.received for counts in verdict.tables.values()} == {0}


# What a report says ----------------------------------------------------------------------------


def test_at_most_a_thousand_findings_of_a_rule_are_listed_unless_all_are_asked_for() -> None:
    persons = [{"Gender": "", "Ethnicity": ""} for _ in range(700)] + [{"Postcode": ""}]
    verdict = drawn(Person=[{"NHSNumber": ""} | person for person in persons])
    listed = report.as_data(verdict, None)["findings"]
    everything = report.as_data(verdict, None, every_finding=True)["findings"]
    assert verdict.counts == {"P10": 701, "P15": 1, "P16": 1400}
    assert _by_rule(listed) == {"P10": 701, "P15": 1, "P16": 1000}
    assert _by_rule(everything) == verdict.counts


def _by_rule(findings: list[dict]) -> dict[str, int]:
    rules = sorted(finding["rule"] for finding in findings)
    return {rule: rules.count(rule) for rule in rules}


def test_the_message_says_what_the_sender_should_know() -> None:
    clean = report.message(drawn(Person=[{}]))
    assert clean == "The file is accepted. Every row stands and nothing was found."
    one = report.message(drawn(Referral=[{"RefRecDate": ""}, {}]))
    assert "1 row is rejected" in one
    warned = report.message(drawn(Person=[{"Gender": ""}]))
    assert "every row stands, 1 warning" in warned
    rejected = report.message(drawn(Person=[{"LPTID": ""}]))
    assert rejected == (
        "The file is rejected. No valid person records were found. What rejects most of the rows: "
        "Local patient identifier is missing."
    )
    nobody = report.message(check(as_sent({"Header": [DEFAULTS["Header"]]})))
    assert nobody == "The file is rejected. The Person table holds no rows."


def test_no_value_of_a_person_is_in_what_a_verdict_says() -> None:
    person = {"LPTID": "ZZCANARY1", "NHSNumber": "9990000019", "Postcode": "ZZCANARY2"}
    verdict = drawn(Person=[person, {}], Referral=[{"LPTID": "ZZCANARY1", "RefRecDate": "x"}, {}])
    said = str(report.as_data(verdict, None)) + report.message(verdict)
    assert set(verdict.counts) >= {"P11", "P20", "R04"}
    assert "CANARY" not in said
    assert "9990000019" not in said


# Any rows, in any order ------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(chance: random.Random) -> None:
    rows = faulty()
    orders = {name: list(range(len(table))) for name, table in rows.items()}
    for order in orders.values():
        chance.shuffle(order)
    shuffled = {name: [rows[name][place] for place in order] for name, order in orders.items()}
    before, after = check(as_sent(rows, "1.0P")), check(as_sent(shuffled, "1.0P"))
    back = [
        (rule, table, column, orders[table or ""][row - 1] + 1)
        for rule, table, column, row in every_place(after)
    ]
    assert _settled(every_place(before)) == _settled(back)
    assert _of_sets(every_place(before), rows) == _of_sets(back, rows)
    assert before.counts == after.counts
    assert before.tables == after.tables


def _settled(places: list[tuple[str, str | None, str | None, int]]) -> list:
    """Without the rules that take the first of a set, whichever that is."""
    return sorted(place for place in places if place[0] not in TAKES_THE_FIRST)


def _of_sets(
    places: list[tuple[str, str | None, str | None, int]], rows: dict[str, list[Row]]
) -> list[tuple[str, str]]:
    """Of the rules that take the first of a set, whose set it is."""
    owner = {"D03": ("Disability", "LPTID"), "A03": ("Appointment", "ServiceID")}
    found = [(rule, owner[rule], row) for rule, _, _, row in places if rule in TAKES_THE_FIRST]
    return sorted(
        (rule, rows[table][row - 1][column].strip().upper()) for rule, (table, column), row in found
    )


def test_the_rows_that_the_order_test_shuffles_break_most_rules() -> None:
    assert len(check(as_sent(faulty(), "1.0P")).counts) > 58


def _texts_of(table: str) -> st.SearchStrategy[Row]:
    """Rows of which each cell is as it should be, missing, another column's, or anything."""
    columns = dataset.dataset("1.0P").tables[table].columns
    right = DEFAULTS[table]
    odd = st.sampled_from(
        ["", "P1", "p1", "S1", "S2", "RZ2", "NN", "2013-04-31", "2013-05-02", "99"]
    )
    cells = {
        name: st.just(right.get(name, "")) | odd | st.text(max_size=12).map(str.strip)
        for name in columns
    }
    return st.fixed_dictionaries(cells)


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(
        {name: st.lists(_texts_of(name), max_size=4) for name in dataset.DATA_TABLES}
    ),
    st.sampled_from(
        [Context(), Context("2013-04", "RZ1", frozenset({"RZ1", "91A"}), True), Context("2013-05")]
    ),
)
def test_no_rows_make_the_engine_raise(rows: dict[str, list[Row]], context: Context) -> None:
    header = DEFAULTS["Header"] | {"DataSetVersion": "1.0P"}
    verdict = check(as_sent(rows | {"Header": [header]}, "1.0P"), context)
    _hangs_together(verdict, {name: len(table) for name, table in rows.items()})


@settings(max_examples=60, deadline=None)
@given(st.lists(_texts_of("Header"), max_size=3))
def test_no_header_makes_the_engine_raise(header: list[Row]) -> None:
    rows = completed({}, "1.0P")
    verdict = check(as_sent(rows | {"Header": header}, "1.0P"), Context("2013-04", "RZ1"))
    _hangs_together(verdict, {name: len(rows[name]) for name in dataset.DATA_TABLES})


def _hangs_together(verdict: Verdict, received: dict[str, int]) -> None:
    """What holds of every verdict."""
    assert {name: counts.received for name, counts in verdict.tables.items()} == received
    rejecting = {f.rule for f in verdict.findings if severity(f) == Severity.REJECT_FILE}
    assert (verdict.outcome == REJECTED) == bool(rejecting)
    assert (verdict.outcome == ACCEPTED) == (not verdict.findings)
    for found in verdict.findings:
        rows = found.rows.tolist()
        assert rows == sorted(set(rows))
        assert all(1 <= row <= received[found.table or ""] for row in rows)
        assert found.rule not in verdict.not_asked
    if verdict.rows:
        _falls_where_found(verdict)


def _falls_where_found(verdict: Verdict) -> None:
    """A row stands exactly where no rejecting rule found it."""
    for name, table in verdict.rows.items():
        fallen = np.zeros(table.count, dtype=bool)
        for found in verdict.findings:
            if found.table == name and severity(found) == Severity.REJECT_ROW:
                fallen[found.rows - 1] = True
        assert (table.stands == ~fallen).all()
        assert verdict.tables[name].standing == int(table.stands.sum())


# Data quality ----------------------------------------------------------------------------------


def test_every_measured_row_is_in_one_category() -> None:
    verdict = check(as_sent(faulty(), "1.0P"))
    counted = quality.counts(verdict.rows)
    for item in quality.items():
        rows = quality.population(item, verdict.rows[item.table])
        assert sum(counted[item.name].values()) == int(rows.sum())


@pytest.mark.parametrize(
    ("text", "category"),
    [("1", "valid"), ("9", "other"), ("X", "invalid"), ("", "missing")],
)
def test_a_persons_gender_is_counted(text: str, category: str) -> None:
    counted = quality.counts(drawn(Person=[{"Gender": text}]).rows)["gender"]
    assert counted == {name: int(name == category) for name in quality.CATEGORIES}


def test_rows_that_fell_are_not_measured() -> None:
    rows = drawn(Person=[{"Gender": "1"}, {"Gender": "1", "OrgCodeProvider": "RZ2"}]).rows
    assert quality.counts(rows)["gender"]["valid"] == 1


def test_scores_are_measured_at_attended_appointments_that_are_no_follow_ups() -> None:
    sessions = [("5", "02"), ("6", "02"), ("7", "02"), ("3", "02"), ("5", "06")]
    rows = drawn(
        Appointment=[{"Attendance": a, "AppType": t, "PHQ9_Score": "9"} for a, t in sessions]
    ).rows
    assert quality.counts(rows)["phq9"]["valid"] == 2


def test_unreferred_persons_are_planted_only_with_errors() -> None:
    assert unreferred(Asked(errors=0)) == 0
