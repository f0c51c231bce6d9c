"""The helpdesk's side of a certificate: granted, suspended, renewed, at its end."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import applying, certificates, granting
from accounts.applying import Named
from accounts.models import (
    CertificateStatus,
    DataUserCertificate,
    Link,
    Mail,
    Membership,
    Organisation,
    User,
)
from accounts.refusals import Refusal
from tests.accounts.registering import (
    HENRY,
    IVY,
    alices,
    applied,
    approved,
    granted,
    letter_to,
    link_in,
)
from tests.pages import visit


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
    answer = visit(alice).get("/send/", follow=True)
    if deed == granting.suspend:
        assert answer.request["PATH_INFO"] == "/"
        assert "Nobody may act for your organisation now" in answer.content.decode()
    else:
        assert answer.status_code == 404
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


def test_a_renewal_takes_the_place_of_the_certificate_before(
    alice: User, bob: User, erin: User, frank: User
) -> None:
    """Bob has left: he is out at once and is told. Alice goes on without an invitation."""
    old, tab = alices(), visit(bob)
    renewal = applying.apply(
        organisation=old.organisation,
        applicant=Named("Alice Archer", alice.email),
        purpose="to send",
        named=[Named("Alice Archer", alice.email), HENRY],
        by=alice,
        renews=old,
    )
    guardian = applying.approvers(renewal)[0]
    applying.decide(link=link_in(letter_to(guardian.email, "decision is needed")), approve=True)
    renewal.refresh_from_db()
    granting.grant(certificate=renewal, expires=timezone.localdate() + timedelta(days=9), by=erin)
    old.refresh_from_db()
    assert old.status == CertificateStatus.REVOKED
    assert alice.providers.exists()
    assert not bob.providers.exists()
    assert not bob.member_organisations.exists()
    assert tab.get("/")["Location"].startswith("/account/sign-in/")
    assert "renewed without your name" in letter_to(bob.email, "not named for RZ1 any more").body
    assert not Mail.objects.filter(to=alice, subject__contains="not named").exists()
