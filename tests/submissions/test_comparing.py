"""A submission beside the one before it: fixed, still there, new; and beside last month's rows."""

from datetime import date

from accounts.models import User
from submissions import comparing
from submissions.comparing import Comparison
from submissions.lifecycle import Status
from submissions.models import FindingPlace, Submission, Window
from submissions.models.calendar import Kind
from submissions.withdrawing import withdraw
from tests.pages import visit
from tests.submissions.rows import Rows, month, person, referral
from tests.submissions.sending import content, send_and_check

Parts = tuple[int | None, int | None, int | None]


def compared(submission: Submission) -> Comparison:
    found = comparing.page(submission)["comparison"]
    assert found is not None
    return found


def parts(found: Comparison) -> dict[str, Parts]:
    """Fixed, still there, new, by rule."""
    return {line.code: (line.fixed, line.still, line.new) for line in found.lines}


def test_fixed_still_there_new(alice: User, window: Window, rows: Rows) -> None:
    rows["Person"][0]["Gender"] = "7"
    rows["Person"][1]["Gender"] = "7"
    rows["Person"][2]["Ethnicity"] = "7"
    rows["Appointment"][3]["PHQ9_Score"] = "99"
    first = send_and_check(alice, window, rows)
    rows["Person"][0]["Gender"] = "1"
    rows["Person"][2]["Ethnicity"] = "8"
    rows["Person"][3]["Gender"] = "7"
    rows["Appointment"][3]["PHQ9_Score"] = "9"
    rows["Referral"][4]["ProvDiag"] = "depressed"
    # Other rows, the same records.
    rows["Person"].reverse()
    found = compared(send_and_check(alice, window, rows))
    assert (found.other, found.is_last_month) == (first, False)
    # P21: of PAT000 fixed, of PAT001 and PAT002 still there, of PAT003 new.
    assert parts(found) == {"P21": (1, 2, 1), "A20": (1, 0, 0), "R12": (0, 0, 1)}
    assert (found.fixed, found.still, found.new, found.is_whole) == (2, 2, 2, True)
    assert [(line.before, line.now) for line in found.lines if line.code == "P21"] == [(3, 3)]


def test_rows_without_a_key_are_alike(alice: User, window: Window, rows: Rows) -> None:
    for row in rows["Person"][:3]:
        row["LPTID"] = ""
    send_and_check(alice, window, rows)
    rows["Person"][0]["LPTID"] = "PAT000"
    found = compared(send_and_check(alice, window, rows))
    assert parts(found)["P01"] == (1, 2, 0)


def test_a_file_that_was_not_looked_into_is_compared_as_a_whole(
    alice: User, window: Window, rows: Rows
) -> None:
    rows["Person"][0]["Gender"] = "7"
    rows["Header"][0]["DateCreated"] = "yesterday"
    first = send_and_check(alice, window, rows)
    ends, rows["Header"][0]["EndDate"] = rows["Header"][0]["EndDate"], ""
    found = compared(send_and_check(alice, window, rows))
    assert (found.other, found.is_of_the_file) == (first, True)
    # Of its rows nothing is known, so that nothing of them is fixed.
    assert parts(found) == {"F08": (0, 0, 1), "F16": (0, 1, 0)}
    rows["Header"][0]["EndDate"] = ends
    found = compared(send_and_check(alice, window, rows))
    assert (found.other, found.is_of_the_file) == (first, False)
    assert parts(found) == {"F16": (0, 1, 0), "P21": (0, 1, 0)}


def test_a_file_whose_persons_were_all_rejected_was_looked_into(
    alice: User, window: Window, rows: Rows
) -> None:
    for row in rows["Person"]:
        row["LPTID"] = ""
    send_and_check(alice, window, rows)
    for place, row in enumerate(rows["Person"]):
        row["LPTID"] = f"PAT{place:03}"
    found = compared(send_and_check(alice, window, rows))
    assert not found.is_of_the_file
    assert parts(found)["P01"] == (6, 0, 0)
    assert parts(found)["F11"] == (1, 0, 0)


def test_more_than_are_kept(alice: User, window: Window, period: date) -> None:
    rows = month(period, persons=1)
    people = [person(p % 100, LPTID=f"N{p}", Gender="7") for p in range(1001)]
    rows["Person"] += people
    rows["Referral"] += [referral(0, period, LPTID=f"N{p}", ServiceID=f"N{p}") for p in range(1001)]
    send_and_check(alice, window, rows)
    people[0]["Gender"] = "1"
    found = compared(send_and_check(alice, window, rows))
    line = next(line for line in found.lines if line.code == "P21")
    assert line.numbers == [1001, 1000, None, None, None]
    assert not found.is_whole


def test_the_first_file_of_a_month_is_compared_with_last_month(
    alice: User, window: Window, rows: Rows
) -> None:
    last = month(window.refresh_period)
    for sent in (last, rows):
        sent["Person"][1]["Gender"] = "7"
        sent["Appointment"][2]["PHQ9_Score"] = "99"
    before = send_and_check(alice, window, last, Kind.REFRESH)
    found = compared(send_and_check(alice, window, rows))
    assert (found.other, found.is_last_month) == (before, True)
    # Appointments are others every month.
    assert parts(found)["P21"] == (0, 1, 0)
    assert parts(found)["A20"] == (None, None, None)


def test_nothing_to_compare_with(alice: User, charlie: User, window: Window, rows: Rows) -> None:
    send_and_check(charlie, window, month(window.primary_period, "RZ2"))
    found = comparing.page(send_and_check(alice, window, rows))
    assert (found["comparison"], found["beside"], found["smaller_than"]) == (None, None, None)


def test_rows_beside_other_files(alice: User, window: Window, period: date) -> None:
    last, own = window.refresh_period, month(window.refresh_period, persons=4)
    send_and_check(alice, window, own, Kind.REFRESH)
    send_and_check(alice, window, month(period, persons=5))
    submission = send_and_check(alice, window, month(period, persons=6))
    beside = comparing.page(submission)["beside"]
    assert [title for title, _ in beside.submissions] == [
        "This file",
        "The file before",
        "Last month",
    ]
    assert dict(beside.lines) == {
        "Person": [6, 5, 4],
        "Disability": [1, 1, 1],
        "Referral": [6, 5, 4],
        "Appointment": [12, 10, 8],
    }
    Submission.objects.filter(period=last).update(kind=Kind.PRIMARY)
    refresh = send_and_check(alice, window, month(last, persons=3), Kind.REFRESH)
    beside = comparing.page(refresh)["beside"]
    assert [title for title, _ in beside.submissions] == ["This file", "Primary"]
    assert dict(beside.lines)["Person"] == [3, 4]


def test_a_far_smaller_file_says_so_and_offers_the_way_back(
    alice: User, erin: User, window: Window, rows: Rows, period: date
) -> None:
    first = send_and_check(alice, window, rows)
    smaller = send_and_check(alice, window, month(period, persons=2))
    shown = visit(alice).get(f"/submissions/{smaller.id}/").content.decode()
    assert "This file is far smaller than the one before it" in shown
    assert f"Return to {first.reference}" in shown
    assert f"Return to {first.reference}" not in (
        visit(erin).get(f"/submissions/{smaller.id}/").content.decode()
    )
    withdraw(submission=smaller, by=alice)
    first.refresh_from_db()
    assert first.stands
    shown = visit(alice).get(f"/submissions/{smaller.id}/").content.decode()
    assert "far smaller" not in shown


def test_a_first_refresh_far_smaller_than_the_primary(
    alice: User, window: Window, rows: Rows
) -> None:
    primary = send_and_check(alice, window, month(window.refresh_period), Kind.REFRESH)
    Submission.objects.filter(id=primary.id).update(kind=Kind.PRIMARY)
    refresh = send_and_check(alice, window, month(window.refresh_period, persons=1), Kind.REFRESH)
    assert comparing.page(refresh)["smaller_than"] == primary
    answer = visit(alice).post(f"/submissions/{refresh.id}/withdraw/", follow=True)
    assert f"as its Primary has it again: {primary.reference}" in answer.content.decode()


def test_the_page_of_each_kind_of_user(
    alice: User, erin: User, charlie: User, window: Window, rows: Rows
) -> None:
    rows["Person"][0]["Gender"] = "7"
    send_and_check(alice, window, rows)
    rows["Person"][0]["Gender"] = "1"
    submission = send_and_check(alice, window, rows)
    for user in (alice, erin):
        shown = visit(user).get(f"/submissions/{submission.id}/").content.decode()
        assert "<strong>1 fixed, 0 still there, 0 new</strong>" in shown
    assert visit(charlie).get(f"/submissions/{submission.id}/").status_code == 404


def test_the_page_of_a_file_that_could_not_be_read(alice: User, window: Window, rows: Rows) -> None:
    for _ in range(2):
        submission = send_and_check(alice, window, content(rows)[:-200])
    shown = visit(alice).get(f"/submissions/{submission.id}/").content.decode()
    assert "only what concerns the file as a whole is compared" in shown
    assert not FindingPlace.objects.filter(finding__submission=submission).exists()


def test_a_file_in_which_nobody_stands_keeps_its_places(
    alice: User, window: Window, rows: Rows
) -> None:
    """The same faults are still there in it, and what it was not asked is not mended by it."""
    for row in rows["Person"]:
        row["Gender"] = "7"
    first = send_and_check(alice, window, rows)
    for row in rows["Person"]:
        row["OrgCodeProvider"] = "RZ2"
    bad = send_and_check(alice, window, rows)
    assert bad.status == Status.REJECTED
    of_gender = len(rows["Person"])
    places = FindingPlace.objects.filter(finding__submission=bad, finding__rule="P21")
    assert places.count() == of_gender
    comparison = comparing.page(bad)["comparison"]
    assert comparison.other == first
    [gender] = [line for line in comparison.lines if line.code == "P21"]
    assert (gender.fixed, gender.still, gender.new) == (0, of_gender, 0)
    assert not {line.code for line in comparison.gone} & set(bad.not_asked)
