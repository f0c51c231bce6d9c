"""Publishing and downloading: all or none, told once, every taking written down."""

import pytest

from accounts import second_person
from accounts.models import AuditEvent, Mail, Membership, User
from accounts.refusals import Refusal
from extracts import processing, publishing
from extracts.models import Download, Extract, Publication, Run
from iapt_portal.demonstration import PASSWORD
from submissions import calendar
from submissions.models import Window
from submissions.models.calendar import State
from tests.extracts.reading import content, process
from tests.pages import confirmed, same_page, visit, words
from tests.submissions.rows import Rows
from tests.submissions.sending import send_and_check


def test_all_at_once(run: Run, window: Window, erin: User, alice: User, dora: User) -> None:
    assert not Extract.objects.published().exists()
    publishing.publish(window=window, by=erin)
    assert set(Extract.objects.published()) == set(run.extracts.all())
    assert {e.recipient.code for e in Extract.objects.seen_by(alice)} == {"RZ1"}
    assert {e.recipient.code for e in Extract.objects.seen_by(dora)} == {"91A"}
    assert not Extract.objects.seen_by(erin).exists()
    assert Window.objects.with_clock().get(id=window.id).state == State.PUBLISHED
    event = AuditEvent.objects.get(what="extracts published")
    assert (event.by, event.facts) == (erin, {"run": run.id, "extracts": 7})


def test_one_letter_to_everybody(run: Run, window: Window, erin: User) -> None:
    User.objects.create_user("gone@portal.example", is_active=False)
    before = Mail.objects.count()
    publishing.publish(window=window, by=erin)
    letters = Mail.objects.filter(subject__startswith="Processed data are available")
    assert sorted(letter.to.first_name for letter in letters) == [
        *("Alice", "Bob", "Charlie", "Dora", "Erin", "Frank", "Grace")
    ]
    assert Mail.objects.count() == before + 7


def test_twice_is_refused(run: Run, window: Window, erin: User) -> None:
    publishing.publish(window=window, by=erin)
    with pytest.raises(Refusal, match="published already"):
        publishing.publish(window=window, by=erin)
    assert Publication.objects.count() == 1
    assert Mail.objects.filter(subject__startswith="Processed data").count() == 7


def test_open_window_is_refused(window: Window, erin: User) -> None:
    with pytest.raises(Refusal, match="This window is open"):
        publishing.publish(window=window, by=erin)


def test_before_processing_is_refused(window: Window, erin: User) -> None:
    calendar.close(window=window, by=erin)
    with pytest.raises(Refusal, match="not processed yet"):
        publishing.publish(window=window, by=erin)


@pytest.mark.parametrize("status", ["ASKED", "RUNNING", "FAILED"])
def test_unfinished_run_is_refused(run: Run, window: Window, erin: User, status: str) -> None:
    Run.objects.update(status=status)
    with pytest.raises(Refusal, match="not processed yet"):
        publishing.publish(window=window, by=erin)
    assert not Extract.objects.published().exists()
    assert not Mail.objects.filter(subject__startswith="Processed data").exists()


def test_what_changed_since_processing_is_processed_again_first(
    run: Run, window: Window, alice: User, erin: User, rows: Rows
) -> None:
    """Opened again, a better file accepted, closed: the finished run is of the file before."""
    calendar.reopen(window=window, until=window.closes, by=erin)
    send_and_check(alice, window, rows)
    calendar.close(window=window, by=erin)
    with pytest.raises(Refusal, match="Process it again"):
        publishing.publish(window=window, by=erin)
    again = process(window, erin)
    publishing.publish(window=window, by=erin)
    assert {extract.run for extract in Extract.objects.published()} == {again}


@pytest.fixture
def published(run: Run, window: Window, erin: User) -> Run:
    publishing.publish(window=window, by=erin)
    return run


def address(run: Run, recipient: str, stage: str = "P") -> str:
    return f"/downloads/{run.extracts.get(recipient__code=recipient, stage=stage).id}/"


def test_download(published: Run, alice: User) -> None:
    answer = visit(alice).get(address(published, "RZ1"))
    extract = published.extracts.get(recipient__code="RZ1", stage="P")
    assert answer.status_code == 200
    assert answer.content == content(extract)
    assert answer["Content-Type"] == "application/zip"
    assert extract.file_name in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store"


def test_every_taking_is_written_down(published: Run, alice: User, bob: User, dora: User) -> None:
    for user, code in ((alice, "RZ1"), (bob, "RZ1"), (alice, "RZ1"), (dora, "91A")):
        visit(user).get(address(published, code))
    taken = [(d.by.first_name, d.extract.recipient.code) for d in Download.objects.order_by("id")]
    assert taken == [("Alice", "RZ1"), ("Bob", "RZ1"), ("Alice", "RZ1"), ("Dora", "91A")]
    events = AuditEvent.objects.filter(what="extract downloaded")
    assert [(e.by.first_name, e.organisation.code) for e in events] == taken


@pytest.mark.parametrize(
    ("person", "code"), [("charlie", "RZ1"), ("dora", "RZ1"), ("alice", "91A")]
)
def test_strangers_extract_is_not_there(
    published: Run, request: pytest.FixtureRequest, person: str, code: str
) -> None:
    client = visit(request.getfixturevalue(person))
    answer = client.get(address(published, code))
    assert answer.status_code == 404
    assert same_page(answer, client.get("/downloads/999999/"))
    assert not Download.objects.exists()


def test_unpublished_extract_is_not_there(run: Run, alice: User) -> None:
    assert visit(alice).get(address(run, "RZ1")).status_code == 404
    assert not Download.objects.exists()


def test_asked_anew_at_each_request(published: Run, alice: User) -> None:
    client = visit(alice)
    assert client.get(address(published, "RZ1")).status_code == 200
    Membership.objects.filter(user=alice).delete()
    assert client.get(address(published, "RZ1")).status_code == 404


def test_page_lists_ones_own(published: Run, alice: User, dora: User) -> None:
    for user, mine, others in ((alice, "IAPT_RZ1_", "91A"), (dora, "IAPT_91A_", "RZ1")):
        page = visit(user).get("/downloads/").content.decode()
        assert page.count(mine) >= 2
        assert f"IAPT_{others}_" not in page


def test_page_says_which_of_two_publications_is_the_newest(
    published: Run, window: Window, erin: User, dora: User
) -> None:
    assert "Published again" not in visit(dora).get("/downloads/").content.decode()
    process(window, erin, why="a correction")
    assert "Published again" not in visit(dora).get("/downloads/").content.decode()
    publishing.publish(window=window, by=erin)
    page = words(visit(dora).get("/downloads/").content.decode())
    files = published.extracts.filter(recipient__code="91A").count()
    assert page.count("Replaced Published again since: use the newest.") == files
    assert page.count("Newest Published again.") == files
    assert page.index("Newest") < page.index("Replaced")


def test_one_of_staff_asks_and_another_confirms(
    alice: User, erin: User, frank: User, window: Window, rows: Rows
) -> None:
    send_and_check(alice, window, rows)
    hers, his = confirmed(erin), confirmed(frank)
    place = f"/windows/{window.id}/"
    assert "It has to close" in hers.post(place + "publish/", follow=True).content.decode()
    hers.post(place + "close/")
    hers.post(place + "process/")
    run = Run.objects.get()
    assert run.asked_by == erin
    processing.process(run.id)
    asked = hers.post(place + "publish/", follow=True).content.decode()
    assert "once another member of staff confirms it" in asked
    assert "Another member of staff has to confirm it" in asked
    again = his.post(place + "publish/", follow=True).content.decode()
    assert "Erin Ellis has asked for this already" in again
    assert "Confirm or decline it" in again
    assert not Publication.objects.exists()
    waiting = second_person.waiting().get()
    his.post(f"/desk/second-person/{waiting.id}/confirm/")
    assert Publication.objects.get().by == frank
    event = AuditEvent.objects.get(what="extracts published")
    assert (event.by, event.facts["asked_by"]) == (frank, erin.id)
    late = hers.post(place + "publish/", follow=True).content.decode()
    assert "published already, by Frank Foster on" in late


@pytest.mark.parametrize("deed", ["close", "publish", "reopen"])
def test_who_has_not_said_who_they_are_is_asked_first(
    run: Run, window: Window, erin: User, deed: str
) -> None:
    client = visit(erin)
    sent_away = client.post(f"/windows/{window.id}/{deed}/", {"until": f"{window.closes}"})
    assert sent_away["Location"].startswith("/account/confirm/")
    assert not second_person.waiting().exists()
    client.post(sent_away["Location"], {"password": PASSWORD})
    expected = set() if deed == "close" else {deed}
    assert {asked.what for asked in second_person.waiting()} == expected


def test_processed_again_after_somebody_asked(
    run: Run, window: Window, erin: User, frank: User
) -> None:
    asked = publishing.ask(window=window, by=erin)
    process(window, erin)
    with pytest.raises(Refusal, match="processed again after that"):
        second_person.confirm(asked=asked, by=frank)
    assert not Publication.objects.exists()


def test_opened_again_after_somebody_asked(
    run: Run, window: Window, erin: User, frank: User
) -> None:
    asked = publishing.ask(window=window, by=erin)
    calendar.reopen(window=window, until=window.closes, by=frank)
    with pytest.raises(Refusal, match="This window is open"):
        second_person.confirm(asked=asked, by=frank)


def test_the_second_to_have_it_processed_reads_who_was_first(
    run: Run, window: Window, erin: User, frank: User
) -> None:
    processing.ask(window=window, by=erin)
    with pytest.raises(Refusal, match="processed already: Erin Ellis asked for it on"):
        processing.ask(window=window, by=frank)
