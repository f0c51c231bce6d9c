"""The pages on which a certificate is applied for, approved, granted and looked at."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import granting
from accounts.models import (
    CertificateStatus,
    DataUserCertificate,
    Organisation,
    User,
)
from tests.accounts.registering import (
    GWEN,
    HENRY,
    IVY,
    alices,
    applied,
    approved,
    letter_to,
    secret_in,
)
from tests.pages import visit

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
        ({"people-0-name": "", "people-0-email": ""}, "Name at least one person"),
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


def test_whoever_has_left_is_taken_out_of_a_renewal(alice: User) -> None:
    """A row that the page had filled in is emptied, the first one too."""
    own = alices()
    client = visit(alice)
    page = client.get(f"/access/certificate/?renews={own.id}").content.decode()
    assert 'value="bob@portal.example"' in page
    named = [one.email for one in own.memberships.all()]
    form = FORM | {
        **{"organisation": "RZ1", "people-INITIAL_FORMS": str(len(named))},
        **{"people-0-name": "", "people-0-email": "", "people-1-name": "Henry Hill"},
        "people-1-email": HENRY.email,
    }
    client.post(f"/access/certificate/?renews={own.id}", form)
    renewal = DataUserCertificate.objects.latest("id")
    assert renewal.renews == own
    assert [one.email for one in renewal.memberships.all()] == [HENRY.email]
