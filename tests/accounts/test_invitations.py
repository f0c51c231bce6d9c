"""Invitations: single use, 72 hours, for one person and one organisation."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import granting, invitations, links
from accounts.applying import Named
from accounts.models import AuditEvent, Link, Membership, Organisation, User
from accounts.refusals import Refusal
from tests.accounts.registering import (
    HENRY,
    IVY,
    PASSWORD,
    granted,
    letter_to,
    link_in,
    new_organisation,
    on_register,
    secret_in,
)
from tests.pages import visit

ACCOUNT = {"name": "Henry Hill", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def henrys(dale: Organisation, erin: User) -> Membership:
    """Henry is invited for RZ4."""
    return granted(dale, erin).memberships.get()


def invited(address: str = HENRY.email) -> Link:
    return link_in(letter_to(address, "invitation"))


def page_of(address: str = HENRY.email) -> str:
    return f"/invitation/{secret_in(letter_to(address, 'invitation'))}/"


def test_accepted_with_a_new_account(henrys: Membership) -> None:
    henry = invitations.accept(link=invited(), by=None, name="Henry Hill", password=PASSWORD)
    assert (henry.email, henry.first_name, henry.last_name) == (HENRY.email, "Henry", "Hill")
    assert henry.check_password(PASSWORD)
    assert henry.providers.get().code == "RZ4"
    assert not henry.is_staff
    told = AuditEvent.objects.filter(by=henry).order_by("id").values_list("what", flat=True)
    assert list(told) == ["account opened", "invitation accepted"]


def test_letter_holds_the_secret_and_the_database_does_not(henrys: Membership) -> None:
    secret = secret_in(letter_to(HENRY.email, "invitation"))
    assert len(secret) >= 43
    assert secret not in str(list(Link.objects.values_list()))


def test_accepted_twice(henrys: Membership) -> None:
    link = invited()
    invitations.accept(link=link, by=None, name="Henry", password=PASSWORD)
    henry = User.objects.get(email=HENRY.email)
    with pytest.raises(Refusal, match="used already"):
        invitations.accept(link=link, by=henry)
    with pytest.raises(Refusal, match="somebody else"):
        invitations.accept(link=link, by=None, name="Thief", password=PASSWORD)


def test_after_72_hours(henrys: Membership) -> None:
    link = invited()
    assert timedelta(hours=71) < link.expires_at - timezone.now() <= timedelta(hours=72)
    Link.objects.filter(id=link.id).update(expires_at=timezone.now())
    link.refresh_from_db()
    with pytest.raises(Refusal, match="too old"):
        invitations.accept(link=link, by=None, name="Henry", password=PASSWORD)
    assert not User.objects.filter(email=HENRY.email).exists()


def test_by_another_person(henrys: Membership, alice: User) -> None:
    with pytest.raises(Refusal, match="somebody else"):
        invitations.accept(link=invited(), by=alice)
    client = visit(alice)
    assert "for another address" in client.get(page_of()).content.decode()
    client.post(page_of(), ACCOUNT)
    assert not Membership.objects.exclude(user=None).filter(id=henrys.id).exists()
    assert not User.objects.filter(email=HENRY.email).exists()


def test_certificate_revoked_meanwhile(henrys: Membership, erin: User) -> None:
    granting.revoke(certificate=henrys.certificate, by=erin, why="a mistake")
    with pytest.raises(Refusal, match="taken back"):
        invitations.accept(link=invited(), by=None, name="Henry", password=PASSWORD)
    assert not User.objects.filter(email=HENRY.email).exists(), "nothing is kept of it"


def test_taken_off_the_certificate_meanwhile(henrys: Membership, erin: User) -> None:
    granting.end_membership(membership=henrys, by=erin, why="never came")
    with pytest.raises(Refusal, match="taken back"):
        invitations.accept(link=invited(), by=None, name="Henry", password=PASSWORD)


def test_invited_again(henrys: Membership, erin: User) -> None:
    first = invited()
    granting.invite_again(membership=henrys, by=erin)
    with pytest.raises(Refusal, match="too old"):
        invitations.accept(link=first, by=None, name="Henry", password=PASSWORD)
    invitations.accept(link=invited(), by=None, name="Henry", password=PASSWORD)
    with pytest.raises(Refusal, match="settled"):
        granting.invite_again(membership=Membership.objects.get(id=henrys.id), by=erin)


def test_user_of_two_organisations(dale: Organisation, alice: User, erin: User) -> None:
    """Alice accepts with the account she has; before she signs in the link does nothing."""
    granted(dale, erin, Named("Alice Archer", alice.email))
    address = page_of(alice.email)
    assert "Sign in" in visit().get(address).content.decode()
    visit().post(address, ACCOUNT)
    assert alice.providers.count() == 1
    client = visit(alice)
    assert "Dale End" in client.get(address).content.decode()
    assert client.post(address)["Location"] == "/"
    assert [provider.code for provider in alice.providers] == ["RZ1", "RZ4"]
    assert visit(alice).get("/").content.decode().count("Send a file for") in {0, 2}


def test_closed_account(dale: Organisation, alice: User, erin: User) -> None:
    granted(dale, erin, Named("Alice Archer", alice.email))
    User.objects.filter(id=alice.id).update(is_active=False)
    with pytest.raises(Refusal, match="closed"):
        invitations.accept(link=invited(alice.email), by=None, name="A", password=PASSWORD)


def test_two_invitations_at_once_do_not_make_staff_a_data_user(
    transactional_db: None, everybody: dict[str, User]
) -> None:
    alice, erin = everybody["Alice"], everybody["Erin"]
    Membership.objects.filter(user=alice).delete()
    dale = new_organisation()
    on_register(dale, erin)
    granted(dale, erin, Named("Alice Archer", alice.email))
    links.make(Link.Purpose.STAFF, address=alice.email, name="Alice Archer")

    def take(link: Link) -> bool:
        try:
            invitations.accept(link=link, by=User.objects.get(id=alice.id))
        except Refusal:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as both:
        done = list(both.map(take, Link.objects.filter(address=alice.email, used_at=None)))
    assert sorted(done) == [False, True]
    alice.refresh_from_db()
    assert alice.is_staff is not alice.organisations.exists()


# -- the page ---------------------------------------------------------------------------------


def test_on_the_page(henrys: Membership) -> None:
    client = Client()
    address = page_of()
    page = client.get(address)
    assert page["Cache-Control"] == "no-store"
    assert HENRY.email in page.content.decode()
    answer = client.post(address, ACCOUNT, follow=True)
    assert answer.request["PATH_INFO"] == "/"
    assert "Dale End Talking Therapies" in answer.content.decode()
    assert client.get(address).status_code == 410


def test_outside_the_demonstration_a_second_factor_comes_next(
    henrys: Membership, settings: Settings
) -> None:
    settings.SECOND_FACTOR_FOR_EVERYONE = True
    client = Client()
    client.post(page_of(), ACCOUNT)
    assert client.get("/send/")["Location"].startswith("/account/second-factor/")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"again": "another one entirely"}, "not the same"),
        ({"password": "short", "again": "short"}, "at least 12"),
        ({"password": "password1234", "again": "password1234"}, "too common"),
        ({"name": ""}, "Enter your name"),
    ],
)
def test_wrong_entries_are_answered(henrys: Membership, wrong: dict, words: str) -> None:
    answer = visit().post(page_of(), ACCOUNT | wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not User.objects.filter(email=HENRY.email).exists()


def test_nothing_else_can_be_posted(henrys: Membership) -> None:
    tempting = {
        "is_staff": "on",
        "is_superuser": "on",
        "email": "other@dale.example",
        "organisation": "RZ1",
        "membership": "1",
        "purpose": "staff",
    }
    visit().post(page_of(), ACCOUNT | tempting)
    henry = User.objects.get(email=HENRY.email)
    assert not henry.is_staff
    assert not henry.is_superuser
    assert [one.code for one in henry.organisations] == ["RZ4"]


def test_too_old_on_the_page_and_a_new_one(henrys: Membership) -> None:
    old = page_of()
    Link.objects.update(expires_at=timezone.now())
    page = visit().get(old)
    assert page.status_code == 410
    assert "Send me a new invitation" in page.content.decode()
    visit().post(f"{old}again/")
    assert page_of() != old
    visit().post(page_of(), ACCOUNT)
    assert User.objects.filter(email=HENRY.email).exists()
    visit().post(f"{old}again/")
    assert Link.objects.filter(used_at=None, expires_at__gt=timezone.now()).count() == 0


@pytest.mark.parametrize("address", ["/invitation/{}/", "/approval/{}/"])
def test_unknown_link_is_not_there(everybody: object, address: str) -> None:
    for secret in ("no-such-secret", "x" * 5000, "'; DROP TABLE accounts_link; --"):
        assert visit().get(address.format(secret)).status_code == 404


def test_a_link_is_good_for_its_own_page_alone(dale: Organisation, erin: User) -> None:
    granted(dale, erin, HENRY, IVY)
    secret = secret_in(letter_to(HENRY.email, "invitation"))
    assert visit().get(f"/approval/{secret}/").status_code == 404
