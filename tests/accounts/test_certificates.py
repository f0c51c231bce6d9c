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
    Membership,
    Organisation,
    User,
)
from accounts.refusals import NotNow, Refusal
from tests.accounts.registering import (
    GWEN,
    HENRY,
    alices,
    applied,
    letter_to,
    link_in,
    new_organisation,
    on_register,
    registered,
)

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


def test_applied_too_early(erin: User) -> None:
    dale = new_organisation()
    registered(dale)
    with pytest.raises(Refusal, match="waits for the helpdesk's confirmation"):
        applied(dale)
