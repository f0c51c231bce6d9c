"""Addresses: one plain spelling of each, so that nobody passes for two."""

import pytest
from django.core.exceptions import ValidationError

from accounts.mailboxes import PLAIN, is_of_staff, mailbox
from accounts.models import DataUserCertificate, User
from tests.accounts.registering import HENRY
from tests.pages import visit


@pytest.mark.parametrize(
    "address",
    ["name@example.nhs.uk", "o'neil@trust.nhs.uk", "a.b-c+iapt@x1.example", "1@a.b.c.example"],
)
def test_plain(address: str) -> None:
    PLAIN(address)


OTHERWISE = [
    '"hart"@guardians.example',
    "hart@\uff47uardians.example",
    "h\u0430rt@guardians.example",
    "=?utf-8?q?hart?=@guardians.example",
    "hart@gu\u00adardians.example",
    "hart@\u200b.example",
    "hart@xn--\u00e9.example",
    "alice@\u05d0a.example",
    "hart@guardians.example\n",
    "hart@[127.0.0.1]",
    ".hart@guardians.example",
    "hart@guardians",
]


@pytest.mark.parametrize("address", OTHERWISE)
def test_any_other_spelling_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        PLAIN(address)


@pytest.mark.parametrize("address", OTHERWISE[:8])
def test_a_guardian_is_not_named_by_another_spelling(
    everybody: dict[str, User], address: str
) -> None:
    before = DataUserCertificate.objects.count()
    form = {
        **{"organisation": "RZ1", "purpose": "to send", "applicant_name": HENRY.name},
        **{"applicant_email": HENRY.email, "people-TOTAL_FORMS": 1, "people-INITIAL_FORMS": 0},
        **{"people-0-name": "Hart", "people-0-email": address},
    }
    answer = visit().post("/access/certificate/", form)
    assert answer.status_code == 422
    assert "plain letters" in answer.content.decode() or "email address" in answer.content.decode()
    assert DataUserCertificate.objects.count() == before


def test_capitals_and_plus_are_the_same_mailbox(erin: User) -> None:
    assert mailbox("Erin+iapt@Portal.EXAMPLE") == "erin@portal.example"
    assert is_of_staff("ERIN+g@portal.example")
    assert not is_of_staff("alice@portal.example")


@pytest.mark.parametrize("name", ["Eve\nAdams", "Eve\r\nBcc: x@y.example", "Eve\u2028Adams"])
def test_a_name_is_one_line(everybody: dict[str, User], name: str) -> None:
    form = {
        **{"organisation": "NZ901", "name": name, "email": "eve@x.example"},
        "starts": "2026-01-01",
    }
    page = visit().post("/access/guardian/", form).content.decode()
    assert " ".join(name.split()) in page


def test_what_is_not_printed_is_refused(everybody: dict[str, User]) -> None:
    form = {"organisation": "NZ901", "name": "E\u202eve", "email": "eve@x.example"}
    answer = visit().post("/access/guardian/", form | {"starts": "2026-01-01"})
    assert answer.status_code == 422
