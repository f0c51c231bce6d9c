"""Letters: with the deed or not at all, once, and later if the mail server is away."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.db import connection, transaction
from pytest_django import Settings

from accounts import outbox
from accounts.models import Mail, User
from tests.conftest import free_port


@dataclass
class Postman:
    """What a real mail server got; addresses in `refused` it does not take."""

    letters: list[tuple[str, str]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        subject = envelope.content.decode().split("Subject: ")[1].split("\r\n")[0]
        self.letters += [(to, subject) for to in envelope.rcpt_tos]
        return "250 OK"


@pytest.fixture
def postman(settings: Settings) -> Iterator[Postman]:
    """A mail server that works."""
    postman = Postman()
    port = free_port()
    controller = Controller(postman, hostname="127.0.0.1", port=port)
    goes_by_smtp(settings, port)
    controller.start()
    yield postman
    controller.stop()


def goes_by_smtp(settings: Settings, port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 10
    settings.EMAIL_USE_TLS, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = False, "", ""


def test_sent_once(postman: Postman, alice: User, bob: User) -> None:
    outbox.write([alice, bob], "Receipt", "We have received it.")
    assert outbox.send_waiting() == 2
    assert outbox.send_waiting() == 0
    assert postman.letters == [(alice.email, "Receipt"), (bob.email, "Receipt")]
    assert not Mail.objects.filter(sent_at=None).exists()


def test_nothing_to_send(postman: Postman, everybody: dict[str, User]) -> None:
    assert outbox.send_waiting() == 0
    assert postman.letters == []


def test_later_when_the_mail_server_is_back(
    everybody: dict[str, User], alice: User, settings: Settings
) -> None:
    port = free_port()
    goes_by_smtp(settings, port)
    outbox.write([alice], "Receipt", "We have received it.")
    for _ in range(2):
        assert outbox.send_waiting() == 0
    assert Mail.objects.get().sent_at is None
    postman = Postman()
    controller = Controller(postman, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        assert outbox.send_waiting() == 1
    finally:
        controller.stop()
    assert postman.letters == [(alice.email, "Receipt")]


def test_address_that_is_refused_holds_nobody_up(postman: Postman, alice: User, bob: User) -> None:
    postman.refused.add(alice.email)
    outbox.write([alice, bob], "Receipt", "We have received it.")
    rounds = [outbox.send_waiting() for _ in range(3)]
    assert sum(rounds) == 1
    assert postman.letters == [(bob.email, "Receipt")]
    assert Mail.objects.get(to=alice).tries >= 1


@pytest.mark.parametrize("address", ["alice@\u05d0a.example", "alice@\u00ad.example"])
def test_letter_that_can_never_go_out_is_set_aside(
    postman: Postman, bob: User, address: str
) -> None:
    outbox.write_to([address], "Receipt", "We have received it.")
    outbox.write([bob], "Receipt", "We have received it.")
    outbox.send_waiting()
    assert postman.letters == [(bob.email, "Receipt")]
    assert outbox.send_waiting() == 0
    waiting = Mail.objects.get(sent_at=None)
    assert (waiting.address, waiting.tries) == (address, outbox.SET_ASIDE)


def test_a_subject_is_one_line(postman: Postman, bob: User) -> None:
    outbox.write([bob], "Eve\nAdams is\r\nstaff", "Now.")
    assert outbox.send_waiting() == 1
    assert postman.letters == [(bob.email, "Eve Adams is staff")]


def test_a_letter_that_went_out_is_kept_without_its_link(postman: Postman, bob: User) -> None:
    ways = ("approval/SeCr-_et", "invitation/SeCr-_et", "account/password/reset/key/1-SeCret")
    body = "\n".join(f"http://localhost:8000/{way}/" for way in ways)
    outbox.write([bob], "Links", body)
    assert Mail.objects.get().body == body
    outbox.send_waiting()
    kept = Mail.objects.get().body
    assert "SeCr" not in kept
    assert kept.splitlines()[0] == "http://localhost:8000/approval/…/"


def test_deed_that_is_undone_writes_no_letter(postman: Postman, alice: User) -> None:
    with transaction.atomic():
        outbox.write([alice], "Receipt", "We have received it.")
        transaction.set_rollback(True)
    assert outbox.send_waiting() == 0


@pytest.mark.django_db(transaction=True)
def test_two_senders_send_each_letter_once(postman: Postman, alice: User, bob: User) -> None:
    subjects = [f"Receipt {number}" for number in range(20)]
    for subject in subjects:
        outbox.write([alice, bob], subject, "We have received it.")
    both = threading.Barrier(2)

    def send() -> int:
        try:
            both.wait(10)
            return outbox.send_waiting()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(send) for _ in range(2)]
    assert sum(one.result() for one in sent) == 40
    assert sorted(postman.letters) == sorted(
        (user.email, subject) for user in (alice, bob) for subject in subjects
    )
