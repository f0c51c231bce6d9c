"""The life of a data user certificate: applied for, approved by the guardian, granted, at its end."""

from datetime import timedelta
from itertools import product

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import applying, certificates, granting, guardians
from accounts.applying import Named
from accounts.certificates import STEPS
from accounts.models import (
    AuditEvent,
    CaldicottGuardian,
    CertificateChange,
    CertificateStatus,
    DataUserCertificate,
    Link,
    Mail,
    Membership,
    Organisation,
    User,
)
from accounts.refusals import NotNow, Refusal
from tests.accounts.registering import (
    GWEN,
    HENRY,
    IVY,
    applied,
    approved,
    granted,
    letter_to,
    link_in,
    new_organisation,
    on_register,
    secret_in,
)
from tests.pages import visit


@pytest.fixture
def dale(erin: User) -> Organisation:
    """A new organisation, whose guardian Gwen is on the register."""
    organisation = new_organisation()
    on_register(organisation, erin)
    return organisation


def alices() -> DataUserCertificate:
    return DataUserCertificate.objects.with_today().get(organisation__code="RZ1")


# -- the life ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), list(product(CertificateStatus, CertificateStatus)))
def test_every_step_is_in_the_table_or_refused(
    everybody: dict[str, User], before: CertificateStatus, after: CertificateStatus
) -> None:
    certificate = alices()
    DataUserCertificate.objects.filter(id=certificate.id).update(status=before)
    certificate.refresh_from_db()
    if after in STEPS[before]:
        with transaction.atomic():
            certificates.move(certificate, after, by=everybody["Erin"])
        change = certificate.changes.last()
        assert (change.before, change.after, change.by) == (before, after, everybody["Erin"])
        assert AuditEvent.objects.filter(what=f"certificate {after.lower()}").exists()
    else:
        with pytest.raises(NotNow), transaction.atomic():
            certificates.move(certificate, after, by=everybody["Erin"])
        assert not CertificateChange.objects.exists()


def test_somebody_was_first(erin: User, everybody: dict[str, User]) -> None:
    mine, theirs = alices(), alices()
    with transaction.atomic():
        certificates.move(theirs, CertificateStatus.REVOKED, by=erin)
    with pytest.raises(NotNow), transaction.atomic():
        certificates.move(mine, CertificateStatus.SUSPENDED, by=erin)


# -- applying and approving -------------------------------------------------------------------


def test_from_nothing_to_a_member(dale: Organisation, erin: User) -> None:
    certificate = applied(dale)
    assert certificate.status == CertificateStatus.APPLIED
    assert str(certificate.key) in letter_to(HENRY.email, "your application").body
    letter = letter_to(GWEN, "decision is needed")
    assert "Henry Hill" in letter.body
    applying.decide(link=link_in(letter), approve=True)
    assert letter_to(erin.email, "waits to be granted")
    certificate.refresh_from_db()
    granting.grant(
        certificate=certificate, expires=timezone.localdate() + timedelta(days=365), by=erin
    )
    assert "granted" in letter_to(HENRY.email, "granted").subject
    assert "/invitation/" in letter_to(HENRY.email, "invitation").body
    steps = CertificateChange.objects.filter(certificate=certificate)
    assert [(step.after, str(step.by or step.guardian or "")) for step in steps] == [
        ("APPLIED", ""),
        ("APPROVED", "Dr Gwen Grey"),
        ("GRANTED", "Erin Ellis"),
    ]


def test_no_guardian_no_certificate(everybody: object) -> None:
    with pytest.raises(Refusal, match="no Caldicott Guardian on the register"):
        applied(new_organisation())
    assert not DataUserCertificate.objects.filter(organisation__code="RZ4").exists()


@pytest.mark.parametrize("address", [GWEN, GWEN.upper(), GWEN.replace("@", "+me@")])
def test_guardian_does_not_approve_themselves(dale: Organisation, address: str) -> None:
    with pytest.raises(Refusal, match="names themselves"):
        applied(dale, HENRY, Named("Gwen Grey", address))


def test_a_second_guardian_approves_the_first(dale: Organisation, erin: User) -> None:
    on_register(dale, erin, name="Dr Hugo Hunt", email="hugo@guardians.example")
    certificate = applied(dale, Named("Gwen Grey", GWEN))
    assert [str(guardian) for guardian in applying.approvers(certificate)] == ["Dr Hugo Hunt"]
    asked = Link.objects.filter(certificate=certificate).values_list("address", flat=True)
    assert list(asked) == ["hugo@guardians.example"]


def test_link_is_good_once(dale: Organisation) -> None:
    applied(dale)
    link = link_in(letter_to(GWEN, "decision is needed"))
    applying.decide(link=link, approve=True)
    with pytest.raises(Refusal, match="used already"):
        applying.decide(link=link, approve=False)
    assert DataUserCertificate.objects.get(organisation=dale).status == CertificateStatus.APPROVED


def test_link_is_too_old(dale: Organisation) -> None:
    applied(dale)
    link = link_in(letter_to(GWEN, "decision is needed"))
    Link.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refusal, match="too old"):
        applying.decide(link=link, approve=True)


def test_a_new_link_ends_the_one_before(dale: Organisation, erin: User) -> None:
    certificate = applied(dale)
    first = link_in(letter_to(GWEN, "decision is needed"))
    applying.ask_again(certificate=certificate, by=erin)
    asked = AuditEvent.objects.get(what="guardian asked again")
    assert (asked.by, asked.organisation) == (erin, dale)
    with pytest.raises(Refusal, match="too old"):
        applying.decide(link=first, approve=True)
    applying.decide(link=link_in(letter_to(GWEN, "decision is needed")), approve=True)


def test_link_of_a_guardian_who_has_left(dale: Organisation, erin: User) -> None:
    applied(dale)
    link = link_in(letter_to(GWEN, "decision is needed"))
    CaldicottGuardian.objects.filter(organisation=dale).update(
        starts=timezone.localdate() - timedelta(days=9)
    )
    guardians.depart(
        guardian=dale.guardians.get(),
        last_day=timezone.localdate() - timedelta(days=1),
        by=erin,
        note="a letter",
    )
    with pytest.raises(Refusal, match="not on the register"):
        applying.decide(link=link, approve=True)
    assert Link.objects.get(id=link.id).used_at is None


def test_of_two_guardians_the_first_decides(dale: Organisation, erin: User) -> None:
    on_register(dale, erin, name="Dr Hugo Hunt", email="hugo@guardians.example")
    applied(dale)
    applying.decide(link=link_in(letter_to(GWEN, "decision is needed")), approve=True)
    with pytest.raises(Refusal, match="decided already"):
        applying.decide(
            link=link_in(letter_to("hugo@guardians.example", "decision is needed")), approve=False
        )


def test_declined_by_the_guardian(dale: Organisation) -> None:
    applied(dale)
    applying.decide(
        link=link_in(letter_to(GWEN, "decision is needed")), approve=False, why="I do not know him"
    )
    assert "I do not know him" in letter_to(HENRY.email, "declined").body
    assert not Membership.objects.standing().filter(email=HENRY.email).exists()


def test_a_mailbox_is_not_flooded(dale: Organisation) -> None:
    for _ in range(applying.MOST_WAITING):
        applied(dale)
    with pytest.raises(Refusal, match="wait already"):
        applied(dale)


def test_strangers_hold_up_no_members_renewal(dora: User) -> None:
    organisation = dora.commissioners.get()
    for _ in range(applying.MOST_WAITING):
        applied(organisation)
    with pytest.raises(Refusal, match="wait already"):
        applied(organisation)
    renewal = applying.apply(
        organisation=organisation,
        applicant=Named("Dora Dean", dora.email),
        purpose="to receive",
        named=[Named("Dora Dean", dora.email)],
        by=dora,
    )
    assert renewal.status == CertificateStatus.APPLIED


# -- the helpdesk -----------------------------------------------------------------------------


def test_whoever_confirmed_the_guardian_does_not_grant(
    dale: Organisation, erin: User, frank: User
) -> None:
    """No one member of staff alone gives anybody access."""
    certificate = approved(dale)
    until = timezone.localdate() + timedelta(days=9)
    with pytest.raises(Refusal, match="You confirmed Dr Gwen Grey as guardian"):
        granting.grant(certificate=certificate, expires=until, by=frank)
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.APPROVED
    granting.grant(certificate=certificate, expires=until, by=erin)


@pytest.mark.parametrize(
    ("days", "renewed", "is_member"), [(-1, False, True), (-31, False, False), (-1, True, False)]
)
def test_a_member_after_the_certificate_has_expired(
    charlie: User, days: int, renewed: bool, is_member: bool
) -> None:
    """For a while, to renew it; not once it is renewed without them."""
    own = DataUserCertificate.objects.get(organisation__code="RZ2")
    DataUserCertificate.objects.filter(id=own.id).update(
        expires=timezone.localdate() + timedelta(days=days)
    )
    if renewed:
        DataUserCertificate.objects.create(
            organisation=own.organisation,
            renews=own,
            purpose="again",
            applicant_name="Ivy",
            applicant_email=IVY.email,
            status=CertificateStatus.GRANTED,
            expires=timezone.localdate(),
        )
    assert charlie.member_organisations.exists() is is_member
    assert not charlie.organisations.exists()


def test_not_granted_before_it_is_approved(dale: Organisation, erin: User) -> None:
    certificate = applied(dale)
    with pytest.raises(Refusal, match="applied for"):
        granting.grant(
            certificate=certificate, expires=timezone.localdate() + timedelta(days=9), by=erin
        )


@pytest.mark.parametrize("days", [0, -1, 731])
def test_good_until_a_sensible_day(dale: Organisation, erin: User, days: int) -> None:
    certificate = approved(dale)
    with pytest.raises(Refusal, match="within two years"):
        granting.grant(
            certificate=certificate, expires=timezone.localdate() + timedelta(days=days), by=erin
        )


def test_two_staff_grant(dale: Organisation, erin: User, frank: User) -> None:
    certificate = approved(dale)
    until = timezone.localdate() + timedelta(days=365)
    stale = DataUserCertificate.objects.get(id=certificate.id)
    granting.grant(certificate=certificate, expires=until, by=erin)
    with pytest.raises(Refusal, match="last step by Erin Ellis"):
        granting.grant(certificate=stale, expires=until, by=frank)
    assert Link.objects.filter(purpose=Link.Purpose.INVITATION).count() == 1


def test_staff_cannot_be_data_users(dale: Organisation, erin: User, frank: User) -> None:
    certificate = approved(dale, Named("Frank Foster", frank.email))
    with pytest.raises(Refusal, match="HSCIC staff"):
        granting.grant(
            certificate=certificate, expires=timezone.localdate() + timedelta(days=365), by=erin
        )
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.APPROVED


@pytest.mark.parametrize(
    ("deed", "words"), [(granting.suspend, "suspended"), (granting.revoke, "revoked")]
)
def test_access_ends_at_the_next_request(
    alice: User, charlie: User, erin: User, deed: object, words: str
) -> None:
    open_tab, others = visit(alice), visit(charlie)
    assert open_tab.get("/send/").status_code == 200
    deed(certificate=alices(), by=erin, why="a lost laptop")  # type: ignore[operator]
    assert open_tab.get("/send/")["Location"].startswith("/account/sign-in/")
    assert visit(alice).get("/send/").status_code == 404
    assert others.get("/send/").status_code == 200
    assert "a lost laptop" in letter_to(alice.email, words).body
    assert "a lost laptop" in letter_to("hart@guardians.example", words).body


def test_restored(alice: User, erin: User) -> None:
    granting.suspend(certificate=alices(), by=erin, why="a lost laptop")
    assert "a lost laptop" in certificates.hindered(alice)[0][1]
    granting.restore(certificate=alices(), by=erin, why="found again")
    assert alice.providers.exists()


def test_revoked_for_good(alice: User, erin: User) -> None:
    granting.revoke(certificate=alices(), by=erin, why="over")
    with pytest.raises(Refusal, match="revoked"):
        granting.restore(certificate=alices(), by=erin, why="please")
    assert not alice.member_organisations.exists()


def test_expired(alice: User, erin: User) -> None:
    today = timezone.localdate()
    DataUserCertificate.objects.filter(organisation__code="RZ1").update(expires=today)
    assert alice.providers.exists()
    DataUserCertificate.objects.filter(organisation__code="RZ1").update(
        expires=today - timedelta(days=1)
    )
    assert not alice.providers.exists()
    assert "expired on" in certificates.hindered(alice)[0][1]


def test_a_leaver_with_an_open_tab(alice: User, bob: User, erin: User) -> None:
    tab, colleague = visit(alice), visit(bob)
    granting.end_membership(
        membership=alice.memberships.get(), by=erin, why="left the organisation"
    )
    assert tab.get("/send/")["Location"].startswith("/account/sign-in/")
    assert visit(alice).get("/send/").status_code == 404
    assert colleague.get("/send/").status_code == 200
    with pytest.raises(Refusal, match="not on this certificate"):
        granting.end_membership(membership=alice.memberships.get(), by=erin, why="again")


def test_a_supplier_for_two_organisations(dale: Organisation, erin: User, alice: User) -> None:
    """Each organisation approves for itself; losing one leaves the other."""
    supplier = Named("Alice Archer", alice.email, "Supplies & Co")
    granted(dale, erin, supplier)
    assert alice.providers.count() == 1, "invited, and not accepted yet"
    Membership.objects.filter(certificate__organisation=dale).update(
        user=alice, since=timezone.now()
    )
    assert [provider.code for provider in alice.providers] == ["RZ1", "RZ4"]
    granting.suspend(certificate=alices(), by=erin, why="a lost laptop")
    assert [provider.code for provider in alice.providers] == ["RZ4"]


def test_renewed_without_a_new_invitation(alice: User, bob: User, erin: User) -> None:
    old = alices()
    renewal = applying.apply(
        organisation=old.organisation,
        applicant=Named(str(alice), alice.email),
        purpose="to send",
        named=[Named(str(alice), alice.email), IVY],
        by=alice,
        renews=old,
    )
    applying.decide(
        link=link_in(letter_to("hart@guardians.example", "decision is needed")), approve=True
    )
    renewal.refresh_from_db()
    granting.grant(certificate=renewal, expires=timezone.localdate() + timedelta(days=500), by=erin)
    DataUserCertificate.objects.filter(id=old.id).update(
        expires=timezone.localdate() - timedelta(days=1)
    )
    assert alice.providers.exists()
    assert not bob.providers.exists(), "not named again"
    invited = Link.objects.filter(purpose=Link.Purpose.INVITATION)
    assert [link.address for link in invited] == [IVY.email]


def test_reminded_before_the_end_once_each_time(alice: User, dora: User) -> None:
    today = timezone.localdate()
    for days, expected in ((31, 0), (30, 1), (29, 0), (8, 0), (7, 1), (6, 0), (1, 1), (0, 0)):
        DataUserCertificate.objects.filter(organisation__code="RZ1").update(
            expires=today + timedelta(days=days)
        )
        assert granting.remind() == expected, days
        assert granting.remind() == 0
    assert Mail.objects.filter(to=alice, subject__contains="expires soon").count() == 3
    assert not Mail.objects.filter(to=dora).exists()


def test_not_reminded_while_it_is_renewed(alice: User) -> None:
    old = alices()
    DataUserCertificate.objects.filter(id=old.id).update(
        expires=timezone.localdate() + timedelta(days=7)
    )
    applying.apply(
        organisation=old.organisation,
        applicant=HENRY,
        purpose="to send",
        named=[HENRY],
        by=alice,
        renews=old,
    )
    assert granting.remind() == 0


# -- pages ------------------------------------------------------------------------------------

FORM = {
    "organisation": "RZ4",
    "purpose": "to send the monthly return",
    "applicant_name": "Henry Hill",
    "applicant_email": "henry@dale.example",
    "people-TOTAL_FORMS": "6",
    "people-INITIAL_FORMS": "0",
    "people-0-name": "Henry Hill",
    "people-0-email": "henry@dale.example",
}


def test_applied_for_on_the_page(dale: Organisation) -> None:
    client = visit()
    answer = client.post("/access/certificate/", FORM, follow=True)
    certificate = DataUserCertificate.objects.get(organisation=dale)
    assert answer.request["PATH_INFO"] == f"/access/certificate/{certificate.key}/"
    page = answer.content.decode()
    assert "Applied for" in page
    assert "The Caldicott Guardian of the organisation decides" in page
    assert HENRY.email not in page
    assert [one.email for one in certificate.memberships.all()] == [HENRY.email]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"people-0-name": "", "people-0-email": ""}, "Enter this person"),
        ({"people-1-name": "Twin", "people-1-email": "HENRY@dale.example"}, "named twice"),
        ({"people-1-name": "Half"}, "Enter this person"),
        ({"purpose": ""}, "Enter why"),
        ({"organisation": "QQQ"}, "has this code"),
        ({"people-0-email": GWEN}, "names themselves"),
        ({"people-TOTAL_FORMS": "99999"}, "6"),
    ],
)
def test_wrong_entries_are_answered(dale: Organisation, wrong: dict, words: str) -> None:
    answer = visit().post("/access/certificate/", FORM | wrong)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not DataUserCertificate.objects.filter(organisation=dale).exists()


def test_guardian_decides_on_the_page(dale: Organisation) -> None:
    applied(dale, HENRY, IVY)
    address = f"/approval/{secret_in(letter_to(GWEN, 'decision is needed'))}/"
    client = visit()
    page = client.get(address)
    assert "no-store" in page["Cache-Control"]
    for words in ("Henry Hill", "Ivy Irons", "Supplies &amp; Co"):
        assert words in page.content.decode()
    assert client.get(address).status_code == 200, "looking uses nothing up"
    assert client.post(address, {"decision": "decline"}).status_code == 422
    assert "You approved" in client.post(address, {"decision": "approve"}).content.decode()
    again = client.get(address)
    assert again.status_code == 410
    assert "used already" in again.content.decode()
    assert client.post(address, {"decision": "decline"}).status_code == 410


def test_renewal_is_filled_in_for_members_alone(alice: User, charlie: User) -> None:
    address = f"/access/certificate/?renews={alices().id}"
    assert "bob@portal.example" in visit(alice).get(address).content.decode()
    for somebody in (charlie, None):
        assert "bob@portal.example" not in visit(somebody).get(address).content.decode()


def test_staff_see_and_grant_it_on_the_page(dale: Organisation, erin: User) -> None:
    certificate = approved(dale)
    client = visit(erin)
    assert certificate.reference in client.get("/desk/applications/").content.decode()
    expires = (timezone.localdate() + timedelta(days=365)).isoformat()
    sent_away = client.post(f"/desk/certificates/{certificate.id}/grant/", {"expires": expires})
    assert sent_away["Location"].startswith("/account/confirm/")
    client.post(sent_away["Location"], {"password": "demonstration-only"})
    certificate.refresh_from_db()
    assert certificate.status == CertificateStatus.GRANTED


def test_members_see_their_organisation(alice: User, charlie: User, erin: User) -> None:
    page = visit(alice).get("/organisation/RZ1/").content.decode()
    for words in ("Dr Hannah Hart", "Bob Barker", "Good until", "You may act"):
        assert words in page
    assert visit(charlie).get("/organisation/RZ1/").status_code == 404
    granting.suspend(certificate=alices(), by=erin, why="a lost laptop")
    page = visit(alice).get("/organisation/RZ1/").content.decode()
    assert "a lost laptop" in page
    assert "You may not act now" in page
