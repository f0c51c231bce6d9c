"""What the page of a submission says of the rules that were broken."""

import pytest

from accounts.models import User
from submissions import results
from submissions.models import Submission, Window
from submissions.models.calendar import Kind
from tests.pages import visit
from tests.submissions.rows import Rows, month
from tests.submissions.sending import send_and_check

pytestmark = pytest.mark.django_db


def told(submission: Submission, code: str) -> results.RuleFindings:
    [found] = [rule for rule in results.rules(submission) if rule.code == code]
    return found


def page(user: User, submission: Submission) -> str:
    return visit(user).get(f"/submissions/{submission.id}/").content.decode()


def test_a_rule_names_its_columns(alice: User, window: Window, rows: Rows) -> None:
    missing = ["Gender", "Ethnicity", "SexualOrientation", "LTCondition"]
    rows["Person"][0] |= dict.fromkeys(missing, "")
    rows["Person"][1] |= {"Gender": "7", "LTCondition": "?"}
    rows["Person"][2]["BAFIndicator"] = "77"
    rows["Appointment"][0] |= {"AgoraScore": "9", "SocPhobiaScore": "9", "PHQ9_Score": "99"}
    submission = send_and_check(alice, window, rows)
    assert told(submission, "P16").sentence == "Gender, Ethnicity and 2 more: missing."
    assert told(submission, "P16").count == 4
    assert told(submission, "P21").sentence == (
        "Gender, BAFIndicator and LTCondition: not a valid code."
    )
    assert told(submission, "A24").sentence == (
        "Phobia scale AgoraScore and SocPhobiaScore: out of range (0-8)."
    )
    assert told(submission, "A20").sentence == "PHQ-9 score is out of range (0-27)."
    assert "Person.Gender, Person.Ethnicity and 2 more" in page(alice, submission)


def test_what_to_mend_first(alice: User, window: Window, rows: Rows) -> None:
    """Causes before what follows from them, what costs rows before what warns."""
    rows["Person"][0]["LPTID"] = ""
    rows["Referral"][3]["RefRecDate"] = rows["Referral"][4]["RefRecDate"] = "soon"
    rows["Appointment"][0]["PHQ9_Score"] = "99"
    submission = send_and_check(alice, window, rows)
    found = results.rules(submission)
    assert [rule.code for rule in found] == ["R04", "P01", "A01", "R01", "A20"]
    assert [rule.code for rule in results.mend_first(found)] == ["R04", "P01"]
    assert [rule.code for rule in results.mend_first(found[-1:])] == ["A20"]
    assert "Enter a real date as YYYY-MM-DD" in page(alice, submission)


def test_what_is_only_said_is_no_warning(alice: User, window: Window, rows: Rows) -> None:
    first, second = (send_and_check(alice, window, rows) for _ in range(2))
    clean = "The file is accepted. Every row stands and nothing was found."
    assert (first.message, second.message) == (clean, clean)
    replaces = told(second, "F12")
    assert replaces.sentence == f"This submission replaces {first.reference}."
    assert replaces.cost.tag == "To know"
    assert replaces.counts[0].severity == "WARN", "as it is stored"
    assert results.mend_first([replaces]) == []
    assert ">To know</strong>" in page(alice, second)
    rows["Appointment"][0]["PHQ9_Score"] = "99"
    third = send_and_check(alice, window, rows)
    assert third.message == ("The file is accepted with findings: every row stands, 1 warning.")
    early = send_and_check(alice, window, month(window.refresh_period), Kind.REFRESH)
    assert (early.message, told(early, "F04").cost.tag) == (clean, "To know")


def test_rules_that_were_not_asked_say_what_they_ask_and_why(alice: User, window: Window) -> None:
    submission = send_and_check(alice, window, b"PK\3\4 not a zip")
    listed = {one.code: one for one in results.not_asked(submission)}
    assert listed["F12"].sentence == "This submission replaces an earlier one."
    assert listed["F12"].reason == "the file was rejected before"
    shown = page(alice, submission)
    assert f"Rules that were not asked ({len(listed)})" in shown
    assert "places" in shown


def test_no_table_of_nothing(alice: User, window: Window, rows: Rows) -> None:
    shown = page(alice, send_and_check(alice, window, rows))
    assert "What was found" not in shown
    assert "Work through" not in shown
    assert "not asked" not in shown
