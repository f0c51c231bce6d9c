"""Working through what was found: by rule and by record, what each may see, and the CSV file."""

import csv
import html
import io
import re
from datetime import date

import pytest
from django.http import HttpResponse

from accounts.models import AuditEvent, User
from submissions import finding_csv, finding_lists, finding_pages, raw_files
from submissions.models import Submission, Window
from tests.pages import visit
from tests.submissions.rows import Rows, month, person
from tests.submissions.sending import send_and_check

pytestmark = pytest.mark.django_db


@pytest.fixture
def submission(alice: User, window: Window, rows: Rows) -> Submission:
    """Row 2 of Person breaks two rules; rows 4 and 5 are one person twice, whose referrals hang
    in the air; an appointment has a score that is none."""
    rows["Person"][1] |= {"Gender": "7<b>", "Ethnicity": ""}
    rows["Person"][4] |= {"LPTID": "PAT003", "LTCondition": ""}
    rows["Appointment"][2]["PHQ9_Score"] = "99"
    return send_and_check(alice, window, rows)


def ask(user: User, submission: Submission, question: str = "") -> HttpResponse:
    return visit(user).get(f"/submissions/{submission.id}/findings/{question}")


def said(user: User, submission: Submission, question: str = "") -> str:
    """What the page says, in one line."""
    answer = ask(user, submission, question)
    assert answer.status_code == 200
    main = re.sub(r"(?s).*<main|</main>.*", "", answer.content.decode())
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def test_by_rule(bob: User, submission: Submission) -> None:
    shown = said(bob, submission)
    counts = sum(one.count for one in submission.finding_counts.all())
    assert f"{counts} findings in all. The list is complete." in shown
    # What costs rows comes before what warns, causes before what follows from them.
    listed = shown[shown.index("written down.") :]
    order = list(dict.fromkeys(re.findall(r"\b[A-Z]\d\d\b", listed)))
    assert order == ["P02", "A01", "R01", "A20", "P16", "P21"]
    assert "Gender is not a valid code. Warning Person, column Gender , 1 time in all" in shown
    assert "Permitted: One of 1 (Male), 2 (Female), 9 (Indeterminate)." in shown
    assert "Permitted: Whole number from 0 to 27." in shown
    assert "What to do: Use one of the codes" in shown


def test_own_keys_and_values_when_they_are_asked_for(
    alice: User, bob: User, submission: Submission
) -> None:
    assert "PAT001" not in said(alice, submission)
    assert not AuditEvent.objects.filter(what="findings seen").exists()
    answer = ask(bob, submission, "?records=shown").content.decode()
    assert "PAT001" in answer
    assert "7&lt;b&gt;" in answer
    event = AuditEvent.objects.get(what="findings seen")
    assert (event.by, event.organisation) == (bob, submission.provider)
    assert event.facts == {"submission": submission.reference}
    # Every further look is a look.
    said(bob, submission, "?records=shown&by=record")
    assert AuditEvent.objects.filter(what="findings seen").count() == 2


def test_by_record(bob: User, submission: Submission) -> None:
    shown = said(bob, submission, "?by=record&records=shown&table=Person")
    two = shown[shown.index("Person, row 2 ") : shown.index("Person, row 4 ")]
    assert "line 3 PAT001 P16" in two
    of_gender = "P21 Warning Gender is not a valid code. Column Gender 7<b> One of 1 (Male), 2"
    assert of_gender in two
    four = shown[shown.index("Person, row 4 ") :]
    assert four.index("See row 5.") < four.index("Person, row 5 ") < four.index("See row 4.")
    assert "Referral, row" not in shown
    most = said(bob, submission, "?by=record&table=Person&sort=most")
    assert most.index("Person, row 2 ") < most.index("Person, row 5 ") < most.index("row 4 ")


def test_the_record_around_and_its_parent(bob: User, submission: Submission) -> None:
    shown = said(bob, submission, "?by=record&table=Referral&row=4&records=shown")
    assert "Referral, row 4: REF003" in shown
    assert "R01" in shown
    assert "It belongs to the person PAT003 , of which something was found too" in shown
    assert "ProvDiag F41.1 ICD-10 code" in shown
    person = said(bob, submission, "?by=record&table=Person&row=2&records=shown")
    assert "BirthDate valid, and not kept" in person
    assert "1980-02-29" not in person
    masked = said(bob, submission, "?by=record&table=Referral&row=4")
    assert not re.search("REF003|PAT003|F41", masked)
    for nothing in ("row=1&table=Person", "row=0&table=Person", "row=9e9&table=Person", "row=4"):
        assert ask(bob, submission, f"?by=record&{nothing}").status_code == 404


def test_narrowed(alice: User, submission: Submission) -> None:
    shown = said(alice, submission, "?severity=WARN&column=Person.Ethnicity")
    assert "1 finding like that." in shown
    assert "P16 Ethnicity is missing." in shown
    assert "Gender is not" not in shown
    assert "Nothing like that was found" in said(alice, submission, "?rule=A20&table=Person")
    odd = said(alice, submission, "?rule=X99&sort=backwards&page=nowhere&by=nothing")
    assert odd.startswith("There is a problem") or "There is a problem" in odd
    assert "Gender is not a valid code." in odd


def test_fifty_to_a_page(alice: User, window: Window, period: date) -> None:
    rows = month(period, persons=1)
    rows["Person"] += [person(p % 100, LPTID=f"N{p}", Gender="7") for p in range(1205)]
    submission = send_and_check(alice, window, rows)
    first = said(alice, submission, "?rule=P21")
    assert "Places 1 to 50 of 1,205" in first
    assert "Page 1 of 25, 1,205 in all" in first
    last = said(alice, submission, "?rule=P21&page=25&records=shown")
    assert "Places 1,201 to 1,205 of 1,205" in last
    assert "1206 1207 N1204 7" in last
    by_record = said(alice, submission, "?rule=P21&by=record&page=25")
    assert "Person, row 1206 " in by_record
    assert "Person, row 1201 " not in by_record


def test_staff_see_what_was_found_and_not_whose_record_it_is(
    erin: User, submission: Submission
) -> None:
    for question in ("?records=shown", "?by=record&records=shown&row=2&table=Person"):
        shown = said(erin, submission, question)
        assert "P21" in shown
        assert not re.search("PAT001|7<b>|Show which records|CSV", shown)
    assert visit(erin).get(f"/submissions/{submission.id}/findings.csv").status_code == 404
    assert not AuditEvent.objects.filter(what="findings seen").exists()


def test_what_is_anothers_is_not_there(charlie: User, submission: Submission) -> None:
    assert ask(charlie, submission, "?records=shown").status_code == 404
    assert visit(charlie).get(f"/submissions/{submission.id}/findings.csv").status_code == 404


def taken(user: User, submission: Submission) -> list[dict[str, str]]:
    answer = visit(user).get(f"/submissions/{submission.id}/findings.csv")
    assert answer["Cache-Control"] == "no-store"
    assert f"findings_{submission.reference}.csv" in answer["Content-Disposition"]
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbfYour record,")
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_all_findings_as_csv(bob: User, submission: Submission) -> None:
    lines = taken(bob, submission)
    assert len(lines) == sum(one.count for one in submission.finding_counts.all())
    [gender] = [line for line in lines if line["Rule"] == "P21"]
    assert gender == {
        "Your record": "PAT001",
        "Rule": "P21",
        "What it costs": "Warning",
        "Table": "Person",
        "Row": "2",
        "Line": "3",
        "Column": "Gender",
        "Value": "'7<b>",
        "What is wrong": "Gender is not a valid code.",
        "What is permitted": "One of 1 (Male), 2 (Female), 9 (Indeterminate)",
        "What to do": "Use one of the codes of the data dictionary's list for this item.",
        "See row": "",
    }
    event = AuditEvent.objects.get(what="findings seen")
    assert event.facts == {"submission": submission.reference, "as_file": "CSV"}


def test_a_long_file_is_complete(alice: User, window: Window, period: date) -> None:
    rows = month(period, persons=1)
    many = finding_csv.AT_ONCE + 5
    rows["Person"] += [person(p % 100, LPTID=f"N{p}", Gender="7") for p in range(many)]
    lines = [
        line for line in taken(alice, send_and_check(alice, window, rows)) if line["Rule"] == "P21"
    ]
    assert [line["Your record"] for line in lines] == [f"N{p}" for p in range(many)]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+44",
        "-3",
        "@SUM(A1)",
        "\tx",
        "＝1",
        "007",
        "1-2",
        "31/02/2013",
        ".5",
        "MAR12",
        "sept-2",
    ],
)
def test_a_spreadsheet_does_not_take_it_for_something_else(text: str) -> None:
    assert finding_csv.inert(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "PAT001", "Leeds", "A1", "Marianne", "F41.1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert finding_csv.inert(text) == text


def test_of_a_rejected_file(alice: User, window: Window) -> None:
    submission = send_and_check(alice, window, b"PK\3\4 not a zip")
    shown = said(alice, submission)
    assert "F01" in shown
    assert "File rejected" in shown
    assert "about the file as a whole" in said(alice, submission, "?by=record")
    assert [line["Rule"] for line in taken(alice, submission)] == ["F01"]


def test_when_the_list_is_gone_the_counts_stay(alice: User, submission: Submission) -> None:
    raw_files.erase(submission)
    shown = said(alice, submission, "?records=shown")
    assert "Single findings are not kept any more" in shown
    assert "P21" in shown
    assert "places" not in shown
    assert not AuditEvent.objects.filter(what="findings seen").exists()
    answer = visit(alice).get(f"/submissions/{submission.id}/findings.csv")
    assert answer["Location"] == f"/submissions/{submission.id}/findings/"


def test_where_nothing_was_found(alice: User, window: Window, rows: Rows) -> None:
    assert "Nothing was found." in said(alice, send_and_check(alice, window, rows))


def test_each_finding_stands_on_one_page_of_those_by_rule_and_of_those_by_record(
    submission: Submission,
) -> None:
    found = finding_lists.open_list(submission)
    assert found is not None
    every = finding_pages.told(found, "1.0")
    by_rule = finding_pages.ByRule(found, every, with_records=False)
    ones = [one for at in range(len(by_rule)) for one in by_rule[at : at + 1]]
    seen = [(one.told.code, one.told.listed.table, one.places[0].row) for one in ones]
    by_record = finding_pages.ByRecord(found, every, every, most_first=False, with_records=False)
    records = by_record[0 : len(by_record)]
    again = [(told.code, one.table, one.row) for one in records for told, _ in one.found]
    assert sorted(seen) == sorted(again)
    assert len(seen) == sum(one.count for one in submission.finding_counts.all())
