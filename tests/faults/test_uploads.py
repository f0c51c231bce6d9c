"""Uploads that break off, lie about their size, or are too large; a disk and a database away."""

import resource
import socket
from collections.abc import Callable

import pytest

from accounts.models import User
from submissions.models import Submission
from tests.conftest import Portal, wait_until
from tests.faults.invariants import arriving, assert_all_is_well, stored_files
from tests.faults.processes import children
from tests.faults.visitor import Answer, Form, Visitor

Visit = Callable[[User], Visitor]
MEGABYTE = 1024 * 1024


def assert_nothing_was_kept() -> None:
    wait_until(lambda: not arriving(), 20, "what came in half is gone")
    assert not Submission.objects.exists()
    assert not stored_files()


def noise(megabytes: float) -> bytes:
    """It begins as a zip does, so that it is let in."""
    return b"PK\3\4" + bytes(range(256)) * int(megabytes * MEGABYTE / 256)


def test_an_upload_that_breaks_off_leaves_nothing(portal: Portal, visit: Visit, alice: User):
    visitor = visit(alice)
    form = visitor.form()
    held = visitor.begin(form, form.body(("sent.zip", noise(4))), hold_back=2 * MEGABYTE)
    wait_until(arriving, 20, "it begins to arrive")

    held.abort()

    assert_nothing_was_kept()


def test_an_upload_reset_by_the_network_leaves_nothing(portal: Portal, visit: Visit, alice: User):
    visitor = visit(alice)
    form = visitor.form()
    held = visitor.begin(form, form.body(("sent.zip", noise(4))), hold_back=2 * MEGABYTE)
    wait_until(arriving, 20, "it begins to arrive")

    # Closed at once, with what is not sent yet thrown away: the portal sees a reset.
    held.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    held.abort()

    assert_nothing_was_kept()


@pytest.mark.parametrize("difference", [-300, 300])
def test_a_wrong_length_is_refused(
    portal: Portal, visit: Visit, alice: User, small: bytes, difference: int
):
    """Too short cuts the file, too long waits for bytes that never come."""
    visitor = visit(alice)
    form = visitor.form()
    body = form.body(("sent.zip", small))
    held = visitor.begin(form, body, hold_back=0, length=len(body) + difference)

    answer = held.end_of_sending()

    if difference < 0:
        assert answer.status == 422
        assert_nothing_was_kept()
    else:
        # All of the file is here, with its closing boundary: what is missing is nothing.
        assert answer.receipt
        assert_all_is_well()


def test_a_body_that_ends_within_the_file_is_refused(
    portal: Portal, visit: Visit, alice: User, small: bytes
):
    visitor = visit(alice)
    form = visitor.form()
    body = form.body(("sent.zip", small))
    held = visitor.begin(form, body[:-400], hold_back=0, length=len(body))

    answer = held.end_of_sending()

    assert answer.status in {400, 422}
    assert_nothing_was_kept()


def post(visitor: Visitor, form: Form, body: bytes) -> Answer:
    return visitor.ask("POST", "/send/", body, form.content_type)


def test_two_files_in_one_form_are_refused(portal: Portal, visit: Visit, alice: User, small: bytes):
    visitor = visit(alice)
    form = visitor.form()

    answer = post(visitor, form, form.body(("one.zip", small), ("two.zip", small)))

    assert answer.status == 422
    assert "Send one file at a time" in answer.words
    assert_nothing_was_kept()


BROKEN = {
    "no boundary in the body": lambda form: b"nothing of the sort",
    "nothing at all": lambda form: b"",
    "no file": lambda form: form.body(),
    "an empty file": lambda form: form.body(("sent.zip", b"")),
    "no name of a file": lambda form: form.body(("", noise(0.01))),
    "another field's file": lambda form: form.body(("a.zip", noise(0.01))).replace(
        b'name="file"', b'name="photo"'
    ),
    "a thousand fields": lambda form: Form(
        form.fields | {f"field{n}": "" for n in range(1000)}, form.boundary
    ).body(("sent.zip", noise(0.01))),
    "a field as large as a file": lambda form: Form(
        form.fields | {"more": "x" * 3 * MEGABYTE}, form.boundary
    ).body(("sent.zip", noise(0.01))),
    "another provider's number": lambda form: Form(
        form.fields | {"provider": "999999"}, form.boundary
    ).body(("sent.zip", noise(0.01))),
    "another kind": lambda form: Form(form.fields | {"kind": "X"}, form.boundary).body(
        ("sent.zip", noise(0.01))
    ),
    "no key of the form": lambda form: Form(form.fields | {"once": "1"}, form.boundary).body(
        ("sent.zip", noise(0.01))
    ),
    "no token": lambda form: Form(form.fields | {"csrfmiddlewaretoken": ""}, form.boundary).body(
        ("sent.zip", noise(0.01))
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_form_is_answered_in_words_and_leaves_nothing(
    portal: Portal, visit: Visit, alice: User, what: str
):
    visitor = visit(alice)
    form = visitor.form()

    answer = post(visitor, form, BROKEN[what](form))

    assert answer.status in {400, 403, 422}, answer.words
    assert "Traceback" not in answer.page
    assert_nothing_was_kept()


def test_more_than_the_limit_is_stopped_while_it_arrives(
    own_portal: Callable[..., Portal], store: None, alice: User, everybody: dict[str, User]
):
    own = own_portal("web", MAX_UPLOAD_MEGABYTES="1")
    visitor = Visitor(own.address, alice)

    # What is announced too large is refused before a byte of it came.
    form = visitor.form()
    body = form.body(("sent.zip", noise(64)))
    told = visitor.begin(form, body, hold_back=len(body)).answer()
    assert told.status == 413
    assert "larger than 1 MB" in told.words

    # Who sends it all the same is not listened to.
    accepted = push(visitor, form, body)
    assert accepted < 16 * MEGABYTE

    # Just over the limit, within the room for the form's other fields.
    over = visitor.send(noise(1.01), form=visitor.form())
    assert over.status == 422
    assert "larger than 1 MB" in over.words

    assert_nothing_was_kept()


def push(visitor: Visitor, form: Form, body: bytes) -> int:
    """Send it all without a look at the answer; how many bytes were taken."""
    held = visitor.begin(form, body, hold_back=len(body))
    taken = 0
    with held:
        held.socket.settimeout(5)
        try:
            while taken < len(body):
                taken += held.socket.send(body[taken : taken + 65536])
        except OSError:
            pass
    return taken


def test_a_full_disk_is_said_and_leaves_nothing(
    own_portal: Callable[..., Portal], store: None, alice: User, everybody: dict[str, User]
):
    own = own_portal("web")
    visitor = Visitor(own.address, alice)
    limited = [own.processes["web"].pid, *children(own.processes["web"].pid)]
    for pid in limited:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (MEGABYTE, MEGABYTE))

    answer = visitor.send(noise(3))

    assert answer.status == 503
    assert "We cannot take files now. Nothing was saved." in answer.words
    assert_nothing_was_kept()
    assert visitor.get("/").status == 200


def test_a_database_away_is_said_plainly_and_gives_no_receipt(
    own_portal: Callable[..., Portal], visit: Visit, alice: User, small: bytes
):
    """Nobody listens at the address of this web process's database."""
    form = visit(alice).form()
    own = own_portal("web", DATABASE_URL="postgresql://iapt@127.0.0.1:9/iapt")
    visitor = Visitor(own.address, alice)

    answers = [visitor.get(path) for path in ("/", "/send/", "/windows/", "/health")]
    answers.append(post(visitor, form, form.body(("sent.zip", small))))

    for answer in answers:
        assert answer.status == 503
        assert "Try again shortly" in answer.words
        assert answer.headers["retry-after"]
        assert "Traceback" not in answer.page
    assert_nothing_was_kept()
