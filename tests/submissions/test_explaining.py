"""A warning that is true is explained once, and stands as explained in every later file."""

import pytest

from accounts.models import AuditEvent, User
from accounts.refusals import Refusal
from submissions import explaining
from submissions.models import Explanation, FindingPlace, Submission, Window
from submissions.models.calendar import Kind
from tests.pages import visit
from tests.submissions.rows import Rows, month
from tests.submissions.sending import send_and_check

pytestmark = pytest.mark.django_db
WORDS = "True: PAT002 answered so"


@pytest.fixture
def submission(alice: User, window: Window, rows: Rows) -> Submission:
    """Two persons whose gender is off the list."""
    for row in rows["Person"][2:4]:
        row["Gender"] = "7"
    return send_and_check(alice, window, rows)


@pytest.fixture
def place(submission: Submission) -> FindingPlace:
    """The first of them, PAT002."""
    return explaining.places(submission)[0]


def address(place: FindingPlace, end: str = "") -> str:
    return f"/submissions/{place.finding.submission_id}/explain/{place.id}/{end}"


def explained(submission: Submission) -> list[tuple[str, int, int]]:
    return [(one.code, one.times, one.explained) for one in explaining.warned(submission)]


def test_explained_in_this_file_and_in_later_ones_and_counted_still(
    alice: User, bob: User, window: Window, rows: Rows, submission: Submission, place: FindingPlace
) -> None:
    assert explained(submission) == [("P21", 2, 0)]
    explaining.explain(place=place, by=bob, words=WORDS)
    assert explained(submission) == [("P21", 2, 1)]
    rows["Person"].reverse()
    rows["Person"][0]["Gender"] = "7"
    assert explained(send_and_check(alice, window, rows)) == [("P21", 3, 1)]
    last = month(window.refresh_period)
    last["Person"][2]["Gender"] = "8"
    assert explained(send_and_check(alice, window, last, Kind.REFRESH)) == [("P21", 1, 1)]


def test_another_rule_about_the_record_is_not_explained(
    alice: User, window: Window, rows: Rows, place: FindingPlace
) -> None:
    explaining.explain(place=place, by=alice, words=WORDS)
    rows["Person"][2]["BirthDate"] = ""
    again = send_and_check(alice, window, rows)
    assert explained(again) == [("P13", 1, 0), ("P21", 2, 1)]


def test_another_column_of_the_record_is_not_explained(
    alice: User, window: Window, rows: Rows, place: FindingPlace
) -> None:
    explaining.explain(place=place, by=alice, words=WORDS)
    rows["Person"][2]["LTCondition"] = "Q"
    again = send_and_check(alice, window, rows)
    assert explained(again) == [("P21", 3, 1)]


def test_lines_are_counted_as_a_browser_counts_them(alice: User, place: FindingPlace) -> None:
    words = "\r\n".join(["x" * 49] * 10)
    visit(alice).post(address(place), {"words": words})
    assert explaining.words_of(Explanation.objects.get()) == words.replace("\r\n", "\n")


def test_another_providers_record_of_the_same_key_is_not_explained(
    alice: User, charlie: User, window: Window, place: FindingPlace
) -> None:
    explaining.explain(place=place, by=alice, words=WORDS)
    theirs = month(window.primary_period, "RZ2")
    theirs["Person"][2]["Gender"] = "7"
    assert explained(send_and_check(charlie, window, theirs)) == [("P21", 1, 0)]


def test_words_are_sealed_and_nowhere_in_the_clear(alice: User, place: FindingPlace) -> None:
    said = explaining.explain(place=place, by=alice, words=f"  {WORDS}\n")
    stored = Explanation.objects.get()
    assert explaining.words_of(said) == WORDS
    assert b"PAT002" not in bytes(stored.words) + bytes(stored.record_key)
    event = AuditEvent.objects.get(what="warning explained")
    reference = place.finding.submission.reference
    assert (event.by, event.organisation.code) == (alice, "RZ1")
    assert event.facts == {"submission": reference, "rule": "P21"}


def test_once_until_it_is_taken_back(alice: User, bob: User, place: FindingPlace) -> None:
    explaining.explain(place=place, by=alice, words=WORDS)
    with pytest.raises(Refusal, match="Alice Archer has explained it already"):
        explaining.explain(place=place, by=bob, words="Another reason")
    explaining.take_back(place=place, by=bob)
    assert not Explanation.objects.exists()
    assert AuditEvent.objects.filter(what="explanation taken back", by=bob).count() == 1
    with pytest.raises(Refusal, match="not explained any more"):
        explaining.take_back(place=place, by=bob)
    explaining.explain(place=place, by=bob, words="Another reason")


@pytest.mark.parametrize("words", ["", "  \n", "x" * 501])
def test_no_words_or_too_many(alice: User, place: FindingPlace, words: str) -> None:
    with pytest.raises(Refusal, match="at most 500 characters"):
        explaining.explain(place=place, by=alice, words=words)
    assert not Explanation.objects.exists()


def test_what_rejects_a_row_cannot_be_explained(alice: User, window: Window, rows: Rows) -> None:
    rows["Referral"][0]["RefRecDate"] = ""
    submission = send_and_check(alice, window, rows)
    place = FindingPlace.objects.get(finding__submission=submission, finding__rule="R04")
    with pytest.raises(Refusal, match="Only a warning"):
        explaining.explain(place=place, by=alice, words=WORDS)
    assert visit(alice).get(address(place)).status_code == 404


def test_a_row_without_a_key_cannot_be_explained(alice: User, window: Window, rows: Rows) -> None:
    rows["Person"][0] |= {"LPTID": "", "Gender": "7"}
    submission = send_and_check(alice, window, rows)
    place = FindingPlace.objects.get(finding__submission=submission, finding__rule="P21")
    with pytest.raises(Refusal, match="no identifier"):
        explaining.explain(place=place, by=alice, words=WORDS)


def test_nothing_is_explained_of_a_period_that_is_over(alice: User, place: FindingPlace) -> None:
    FindingPlace.objects.update(detail=b"")
    place.refresh_from_db()
    with pytest.raises(Refusal, match="period is over"):
        explaining.explain(place=place, by=alice, words=WORDS)
    assert visit(alice).get(address(place) + "?records=shown").status_code == 200


def test_it_goes_with_the_last_period_in_which_it_was_found(
    alice: User, window: Window, place: FindingPlace
) -> None:
    last = month(window.refresh_period)
    last["Person"][2]["Gender"] = "7"
    last["Person"][5]["Gender"] = "7"
    send_and_check(alice, window, last, Kind.REFRESH)
    of_last = FindingPlace.objects.filter(finding__submission__period=window.refresh_period)
    explaining.explain(place=place, by=alice, words=WORDS)
    explaining.explain(place=of_last.last(), by=alice, words="Only then")
    explaining.forget_up_to(window.refresh_period)
    assert [explaining.words_of(one) for one in Explanation.objects.all()] == [WORDS]
    explaining.forget_up_to(window.primary_period)
    assert not Explanation.objects.exists()


# -- pages ------------------------------------------------------------------------------------


def test_explained_on_the_page(alice: User, bob: User, place: FindingPlace) -> None:
    client, submission = visit(alice), place.finding.submission
    assert "Warnings that are true" in client.get(f"/submissions/{submission.id}/").content.decode()
    answer = client.post(address(place), {"words": WORDS}, follow=True)
    assert answer.redirect_chain == [(f"/submissions/{submission.id}/warnings/P21/", 302)]
    assert "2 times, 1 explained." in answer.content.decode()
    # Another of the provider sees that it is, and may take it back.
    theirs = visit(bob)
    shown = theirs.get(address(place)).content.decode()
    assert "An explained warning" in shown
    assert "by Alice Archer" in shown
    theirs.post(address(place, "take-back/"))
    assert not Explanation.objects.exists()


def test_whose_record_it_is_and_what_was_said_is_shown_to_who_asks(
    alice: User, bob: User, place: FindingPlace
) -> None:
    explaining.explain(place=place, by=alice, words=WORDS)
    submission, client = place.finding.submission, visit(bob)
    for page in (address(place), f"/submissions/{submission.id}/warnings/P21/"):
        AuditEvent.objects.filter(what="findings seen").delete()
        assert "PAT002" not in client.get(page).content.decode()
        assert not AuditEvent.objects.filter(what="findings seen").exists()
        assert "PAT002" in client.get(f"{page}?records=shown").content.decode()
        event = AuditEvent.objects.get(what="findings seen")
        assert event.by == bob
        assert event.facts == {"submission": submission.reference, "rule": "P21"}
    assert WORDS in client.get(f"{address(place)}?records=shown").content.decode()


def test_blank_words_are_asked_for_again(alice: User, place: FindingPlace) -> None:
    answer = visit(alice).post(address(place), {"words": " "})
    assert answer.status_code == 422
    assert "Write why it is true" in answer.content.decode()


def test_staff_see_how_many_and_nothing_more(
    alice: User, erin: User, submission: Submission, place: FindingPlace
) -> None:
    explaining.explain(place=place, by=alice, words=WORDS)
    client = visit(erin)
    shown = client.get(f"/submissions/{submission.id}/").content.decode()
    assert "Warnings that are true" in shown
    assert "/warnings/P21/" not in shown
    for page in (address(place), f"/submissions/{submission.id}/warnings/P21/"):
        assert client.get(page).status_code == 404


@pytest.mark.parametrize("person", ["charlie", "dora"])
def test_for_others_it_is_not_there(
    request: pytest.FixtureRequest, alice: User, person: str, place: FindingPlace
) -> None:
    client, submission = visit(request.getfixturevalue(person)), place.finding.submission
    for page in (address(place), f"/submissions/{submission.id}/warnings/P21/"):
        assert client.get(page).status_code == 404
    assert client.post(address(place), {"words": WORDS}).status_code == 404
    assert not Explanation.objects.exists()
    explaining.explain(place=place, by=alice, words=WORDS)
    assert client.post(address(place, "take-back/")).status_code == 404
    assert Explanation.objects.exists()


def test_a_place_of_another_submission_is_not_there(
    alice: User, window: Window, rows: Rows, place: FindingPlace
) -> None:
    other = send_and_check(alice, window, rows)
    client = visit(alice)
    assert client.get(f"/submissions/{other.id}/explain/{place.id}/").status_code == 404
    assert client.get(f"/submissions/{other.id}/warnings/P10/").status_code == 404


def test_a_referral_that_is_missing_is_named_and_explained(
    alice: User, window: Window, rows: Rows
) -> None:
    send_and_check(alice, window, month(window.refresh_period), Kind.REFRESH)
    rows["Referral"].pop()
    for row in rows["Referral"]:
        row["RefRecDate"] = f"{window.refresh_period:%Y-%m}-02"
    submission = send_and_check(alice, window, rows)
    client, page = visit(alice), f"/submissions/{submission.id}/warnings/R20/"
    assert "Referral of last month" in client.get(page).content.decode()
    assert "REF005" in client.get(f"{page}?records=shown").content.decode()
    whole = client.get(f"/submissions/{submission.id}/?records=shown").content.decode()
    assert "line None" not in whole
    place = explaining.places(submission).get(finding__rule="R20")
    explaining.explain(place=place, by=alice, words="Ended, and sent too late")
    assert ("R20", 1, 1) in explained(submission)
