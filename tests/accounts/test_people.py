"""Accounts in the hands of staff: closed, opened again, staff and not, a lost second factor."""

from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from accounts import invitations, people, second_person
from accounts.models import AskedDeed, AuditEvent, Link, User
from accounts.refusals import Refusal
from iapt_portal.demonstration import PASSWORD
from tests.accounts.registering import letter_to, link_in, secret_in
from tests.accounts.signing import give_password
from tests.pages import visit

NEW = "gina@hscic.example"


@pytest.fixture
def three_staff(erin: User, frank: User) -> User:
    """A third member of staff, so that one may go."""
    return User.objects.create_user("hilda@portal.example", PASSWORD, is_staff=True)


def test_the_first_account_of_staff_is_made_by_a_command(db: None) -> None:
    said = StringIO()
    call_command("staff", "Hilda@hscic.example", stdout=said)
    hilda = User.objects.get(email="hilda@hscic.example")
    assert hilda.is_staff
    assert hilda.check_password(said.getvalue().split()[-1])
    event = AuditEvent.objects.get(what="staff account made")
    assert (event.by, event.facts) == (None, {"user": hilda.id})
    for address in ("hilda@HSCIC.example", "no address"):
        with pytest.raises(CommandError):
            call_command("staff", address)


def test_staff_hear_of_an_account_made_by_a_command(erin: User) -> None:
    people.make_staff_account(email=NEW)
    assert NEW in letter_to(erin.email, "is HSCIC staff now").body


def test_closed_account_is_out_at_the_next_request(alice: User, bob: User, erin: User) -> None:
    tab = visit(alice)
    people.close_account(user=alice, by=erin, why="left")
    assert tab.get("/")["Location"].startswith("/account/sign-in/")
    assert visit(bob).get("/").status_code == 200
    with pytest.raises(Refusal, match="closed already"):
        people.close_account(user=alice, by=erin, why="left")


def test_whoever_is_closed_is_told_why(alice: User, erin: User) -> None:
    people.close_account(user=alice, by=erin, why="a lost laptop")
    assert "a lost laptop" in letter_to(alice.email, "account is closed").body


def test_second_factor_removed_while_a_browser_waits_for_it(erin: User, frank: User) -> None:
    """That browser begins anew, and is not sent to and fro."""
    User.objects.create_user("hilda@portal.example", PASSWORD, is_staff=True)
    waiting = Client()
    give_password(waiting, frank)
    assert waiting.get("/account/second-factor/").status_code == 200
    Authenticator.objects.filter(user=frank).delete()
    answer = waiting.get("/account/second-factor/", follow=True)
    assert answer.request["PATH_INFO"] == "/account/sign-in/"
    assert "Your second step was removed" in answer.content.decode()
    give_password(waiting, frank)
    assert waiting.get("/desk/")["Location"] == "/account/second-factor/app/"


def test_nobody_closes_their_own(erin: User, three_staff: User) -> None:
    with pytest.raises(Refusal, match="own account"):
        people.close_account(user=erin, by=erin, why="bored")


def test_the_last_staff_stay(erin: User, frank: User) -> None:
    for deed in (people.end_staff, people.close_account):
        with pytest.raises(Refusal, match="Fewer than 2 staff"):
            deed(user=frank, by=erin, why="left")
    frank.refresh_from_db()
    assert frank.is_staff
    assert frank.is_active


def test_two_staff_who_end_each_other(transactional_db: None, everybody: dict[str, User]) -> None:
    """One was first; the other is not staff any more."""
    erin, frank = everybody["Erin"], everybody["Frank"]
    for name in ("hilda", "ivan"):
        User.objects.create_user(f"{name}@portal.example", PASSWORD, is_staff=True)

    def end(pair: tuple[User, User]) -> bool:
        try:
            people.end_staff(user=pair[0], by=pair[1], why="a quarrel")
        except Refusal:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as both:
        assert sorted(both.map(end, [(erin, frank), (frank, erin)])) == [False, True]


def test_staff_no_more(erin: User, three_staff: User) -> None:
    tab = visit(three_staff)
    people.end_staff(user=three_staff, by=erin, why="another job")
    assert tab.get("/desk/").status_code in {302, 404}
    assert visit(three_staff).get("/desk/").status_code == 404
    assert "another job" in letter_to(three_staff.email, "not HSCIC staff").body


def test_staff_are_granted_by_two(erin: User, frank: User) -> None:
    client = visit(erin)
    client.post("/account/confirm/", {"password": PASSWORD})
    client.post("/desk/people/invite-staff/", {"name": "Gina Gold", "email": NEW})
    assert not Link.objects.exists(), "not before a second person"
    asked = AskedDeed.objects.get()
    second_person.confirm(asked=asked, by=frank)
    gina = invitations.accept(
        link=link_in(letter_to(NEW, "HSCIC staff")), by=None, name="Gina Gold", password=PASSWORD
    )
    assert gina.is_staff
    assert visit(gina).get("/desk/").status_code == 200
    assert AuditEvent.objects.get(what="staff granted").by == gina


def test_a_data_user_cannot_be_staff(alice: User, erin: User, frank: User) -> None:
    with pytest.raises(Refusal, match="data user"):
        people.grant_staff(by=frank, asked_by=erin, email=alice.email, name="Alice")


def test_staff_invitation_page(erin: User, frank: User) -> None:
    people.grant_staff(by=frank, asked_by=erin, email=NEW, name="Gina Gold")
    address = f"/invitation/{secret_in(letter_to(NEW, 'HSCIC staff'))}/"
    assert "HSCIC staff" in visit().get(address).content.decode()
    client = visit()
    client.post(
        address, {"name": "Gina", "password": "kept in a drawer", "again": "kept in a drawer"}
    )
    # Staff set up their second factor first, in the demonstration too.
    assert client.get("/desk/")["Location"].startswith("/account/second-factor/")


def test_lost_second_factor_takes_two(erin: User, frank: User, three_staff: User) -> None:
    with pytest.raises(Refusal, match="own second factor"):
        people.remove_second_factor(by=erin, asked_by=three_staff, user=erin.id)
    tab = visit(frank)
    people.remove_second_factor(by=erin, asked_by=three_staff, user=frank.id)
    assert not Authenticator.objects.filter(user=frank).exists()
    assert tab.get("/desk/")["Location"].startswith("/account/sign-in/")
    assert "Call the helpdesk at once" in letter_to(frank.email, "second step").body
    with pytest.raises(Refusal, match="no second factor"):
        people.remove_second_factor(by=erin, asked_by=three_staff, user=frank.id)


def test_asked_for_on_the_page(erin: User, frank: User, three_staff: User) -> None:
    client = visit(three_staff)
    client.post("/account/confirm/", {"password": PASSWORD})
    client.post(f"/desk/people/{erin.id}/second-step/", {"why": ""})
    assert not AskedDeed.objects.exists()
    client.post(f"/desk/people/{erin.id}/second-step/", {"why": "seen her badge"})
    asked = AskedDeed.objects.get()
    assert "seen her badge" in asked.words
    second_person.confirm(asked=asked, by=frank)
    assert not Authenticator.objects.filter(user=erin).exists()


def test_opened_again_by_two(alice: User, erin: User, frank: User) -> None:
    people.close_account(user=alice, by=erin, why="left")
    people.reopen_account(by=frank, asked_by=erin, user=alice.id)
    assert visit(alice).get("/").status_code == 200
    with pytest.raises(Refusal, match="open already"):
        people.reopen_account(by=frank, asked_by=erin, user=alice.id)


def test_found_by_name_or_address(erin: User, alice: User) -> None:
    client = visit(erin)
    for sought in ("alice", "ARCHER", "alice@portal"):
        page = client.get("/desk/people/", {"sought": sought}).content.decode()
        assert "Alice Archer" in page
        assert "Charlie" not in page
    page = client.get(f"/desk/people/{alice.id}/").content.decode()
    assert "Alder Valley" in page
