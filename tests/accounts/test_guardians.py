"""The guardian register: put forward, confirmed, and what a departure means."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts import certificates, guardians
from accounts.models import AuditEvent, CaldicottGuardian, Mail, Organisation, User
from accounts.refusals import Refusal
from iapt_portal.demonstration import PASSWORD
from tests.accounts.registering import GWEN, letter_to, new_organisation, on_register, registered
from tests.pages import confirmed, visit

TODAY = timezone.localdate


def rz1() -> Organisation:
    return Organisation.objects.get(code="RZ1")


def guardian_of_rz1() -> CaldicottGuardian:
    return rz1().guardians.get(name="Dr Hannah Hart")


def leaves(last_day: date, by: User) -> None:
    guardians.depart(guardian=guardian_of_rz1(), last_day=last_day, by=by, note="a letter")


def test_not_on_the_register_before_staff_confirm(erin: User) -> None:
    guardian = registered(new_organisation())
    assert not guardian.organisation.guardians.on_register().exists()
    assert letter_to(erin.email, "waits to be confirmed")
    guardians.confirm(guardian=guardian, by=erin, note="called the switchboard")
    assert guardian.organisation.guardians.on_register().get() == guardian
    assert "on the register" in letter_to(GWEN, "register").body
    told = AuditEvent.objects.filter(what__startswith="guardian").order_by("id")
    assert [(event.what, event.by) for event in told] == [
        ("guardian registered", None),
        ("guardian confirmed", erin),
    ]


def test_on_the_register_from_the_first_day_to_the_last(erin: User) -> None:
    guardian = on_register(new_organisation(), erin)
    for starts, ends, is_there in [
        (0, None, True),
        (1, None, False),
        (-9, 0, True),
        (-9, -1, False),
        (-9, 1, True),
    ]:
        CaldicottGuardian.objects.filter(id=guardian.id).update(
            starts=TODAY() + timedelta(days=starts),
            ends=None if ends is None else TODAY() + timedelta(days=ends),
        )
        assert CaldicottGuardian.objects.on_register().filter(id=guardian.id).exists() is is_there


def test_two_staff_confirm(erin: User, frank: User) -> None:
    guardian = registered(new_organisation())
    guardians.confirm(guardian=guardian, by=erin, note="called")
    with pytest.raises(Refusal, match="confirmed already, by Erin Ellis"):
        guardians.confirm(guardian=guardian, by=frank, note="called")
    with pytest.raises(Refusal, match="confirmed already"):
        guardians.decline(guardian=guardian, by=frank, note="unknown")


def test_declined(erin: User, frank: User) -> None:
    guardian = registered(new_organisation())
    guardians.decline(guardian=guardian, by=erin, note="nobody there knows the name")
    assert not guardian.organisation.guardians.on_register().exists()
    with pytest.raises(Refusal, match="declined already, by Erin Ellis"):
        guardians.confirm(guardian=guardian, by=frank, note="called")
    # The right one may come afterwards, from the same address.
    registered(guardian.organisation)


def test_staff_do_not_confirm_themselves(erin: User, frank: User) -> None:
    guardian = registered(new_organisation(), email=erin.email.replace("@", "+g@").upper())
    with pytest.raises(Refusal, match="cannot be a guardian as well"):
        guardians.confirm(guardian=guardian, by=frank, note="it is her")


def test_staff_do_not_confirm_whom_they_put_forward(erin: User, frank: User) -> None:
    dale = new_organisation()
    guardian = guardians.register(
        organisation=dale, name="Dr Gwen Grey", email=GWEN, starts=TODAY(), by=erin
    )
    with pytest.raises(Refusal, match="put this guardian forward yourself"):
        guardians.confirm(guardian=guardian, by=erin, note="called")
    guardians.confirm(guardian=guardian, by=frank, note="called")
    assert dale.guardians.on_register().get() == guardian


def test_put_forward_twice(erin: User) -> None:
    organisation = new_organisation()
    guardian = registered(organisation)
    with pytest.raises(Refusal, match="registered already"):
        registered(organisation, email=GWEN.upper())
    guardians.confirm(guardian=guardian, by=erin, note="called")
    with pytest.raises(Refusal, match="on the register already"):
        registered(organisation)


def test_departure_suspends_and_says_who_must_act(alice: User, bob: User, erin: User) -> None:
    leaves(TODAY() - timedelta(days=1), erin)
    assert not alice.providers.exists()
    assert visit(alice).get("/send/")["Location"] == "/"
    home = visit(alice).get("/").content.decode()
    assert "no Caldicott Guardian on the register" in home
    for user in (alice, bob):
        assert "/access/guardian/" in letter_to(user.email, "leaves").body
    # Nothing is deleted, and all of it is back with a successor.
    on_register(rz1(), erin)
    assert alice.providers.get().code == "RZ1"
    assert [one.name for one in rz1().guardians.all()] == ["Dr Gwen Grey", "Dr Hannah Hart"]


def test_departure_known_before(alice: User, erin: User) -> None:
    leaves(TODAY() + timedelta(days=3), erin)
    assert alice.providers.exists()
    assert "nobody can send" in letter_to(alice.email, "leaves").body


def test_departure_with_a_successor(alice: User, erin: User) -> None:
    on_register(rz1(), erin, starts=TODAY())
    leaves(TODAY() - timedelta(days=1), erin)
    assert alice.providers.exists()
    assert "nothing changes for you" in letter_to(alice.email, "leaves").body


def test_departure_of_another_organisation_touches_nobody(charlie: User, erin: User) -> None:
    leaves(TODAY() - timedelta(days=1), erin)
    assert charlie.providers.exists()
    assert not Mail.objects.filter(to=charlie).exists()


@pytest.mark.parametrize("last_day", [date(2012, 3, 31)])
def test_departure_before_the_first_day(erin: User, everybody: object, last_day: date) -> None:
    with pytest.raises(Refusal, match="before the first"):
        leaves(last_day, erin)


def test_departure_twice(erin: User) -> None:
    leaves(TODAY() - timedelta(days=1), erin)
    with pytest.raises(Refusal, match="not on the register"):
        leaves(TODAY(), erin)


def test_who_must_act_is_said_of_each_hindrance(alice: User, erin: User) -> None:
    assert certificates.hindered(alice) == []
    leaves(TODAY() - timedelta(days=1), erin)
    [(organisation, words)] = certificates.hindered(alice)
    assert organisation == rz1()
    assert "guardian must register" in words


def test_registering_on_the_page(erin: User) -> None:
    organisation = new_organisation()
    page = visit().get("/access/?organisation=rz4").content.decode()
    assert "no Caldicott Guardian on the register" in page
    form = {"organisation": "rz4", "name": "Dr Gwen Grey", "email": GWEN, "starts": "2026-01-01"}
    answer = visit().post("/access/guardian/", form)
    assert "What happens next" in answer.content.decode()
    assert organisation.guardians.waiting().get().registered_by is None


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"organisation": "XXX"}, "No provider or commissioner has this code"),
        ({"organisation": ""}, "Enter the code"),
        ({"email": "nobody"}, "Enter an email address"),
        ({"name": ""}, "Enter the guardian"),
        ({"starts": "31/02/2013"}, "Enter a real date"),
        ({"starts": "0013-01-01"}, "Ensure this value"),
    ],
)
def test_wrong_entries_are_answered(everybody: object, wrong: dict, words: str) -> None:
    new_organisation()
    form = {"organisation": "RZ4", "name": "Gwen", "email": GWEN, "starts": "2026-01-01"} | wrong
    answer = visit().post("/access/guardian/", form)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not CaldicottGuardian.objects.waiting().exists()


def test_staff_confirm_on_the_page(erin: User) -> None:
    guardian = registered(new_organisation())
    client = confirmed(erin)
    assert "Dr Gwen Grey" in client.get("/desk/applications/").content.decode()
    client.post(f"/desk/guardians/{guardian.id}/confirm/", {"note": ""})
    assert not guardian.organisation.guardians.on_register().exists()
    client.post(f"/desk/guardians/{guardian.id}/confirm/", {"note": "called the switchboard"})
    assert guardian.organisation.guardians.on_register().exists()
    client.post(
        f"/desk/guardians/{guardian.id}/departure/",
        {"last_day": TODAY().isoformat(), "note": "a letter"},
    )
    guardian.refresh_from_db()
    assert guardian.ends == TODAY()


def test_one_visitor_does_not_flood_the_helpdesk(everybody: object) -> None:
    new_organisation()
    client = visit()
    answers = [
        client.post(
            "/access/guardian/",
            {
                "organisation": "RZ4",
                "name": "Gwen",
                "email": f"gwen{number}@guardians.example",
                "starts": "2026-01-01",
            },
        ).status_code
        for number in range(25)
    ]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert CaldicottGuardian.objects.waiting().count() <= 20
    assert PASSWORD not in str(answers)
