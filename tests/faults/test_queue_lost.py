"""The queue is a bell: emptied, killed, or deaf, nothing that was received is lost."""

import signal
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from redis import Redis

from accounts.models import User
from iapt_portal.local import LOCAL, make_folder
from iapt_portal.local_redis import redis, redis_program
from iapt_portal.local_servers import Server, socket_folder
from submissions.lifecycle import Status
from submissions.models import Submission
from tests.conftest import Portal
from tests.faults.invariants import assert_all_is_well
from tests.faults.visitor import Visitor


@pytest.fixture
def bell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Redis of the test's own, which it may kill."""
    server = redis(make_folder(tmp_path_factory.mktemp("bell")), redis_program(LOCAL))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def deafened(bell: Server, own_portal: Callable[..., Portal], portal: Portal) -> Portal:
    """A portal whose only queue is that one."""
    portal.stop("worker")
    portal.stop("beat")
    place = socket_folder(bell.folder) / "redis.sock"
    return own_portal("web", "worker", "beat", REDIS_URL=f"redis+socket://{quote(str(place))}")


def empty(server: Server) -> None:
    place = socket_folder(server.folder) / "redis.sock"
    with Redis(unix_socket_path=str(place)) as asked:
        assert asked.flushall()


def assert_all_accepted(submissions: list[Submission]) -> None:
    assert_all_is_well()
    states = [Submission.objects.get(id=one.id).status for one in submissions]
    assert states == [Status.ACCEPTED] * len(submissions)


@pytest.mark.long
def test_all_that_were_queued_finish_when_the_queue_is_emptied(
    bell: Server, deafened: Portal, store: None, alice: User, small: bytes
):
    visitor = Visitor(deafened.address, alice)
    deafened.kill("worker")
    sent = [visitor.send(small).receipt for _ in range(8)]

    empty(bell)
    deafened.start("worker")
    sent.append(visitor.send(small).receipt)

    assert_all_accepted(sent)


@pytest.mark.long
def test_files_are_received_while_the_queue_is_deaf_or_dead_and_finish_when_it_is_back(
    bell: Server, deafened: Portal, store: None, alice: User, small: bytes
):
    visitor = Visitor(deafened.address, alice)
    assert bell.process
    bell.process.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    sent = [visitor.send(small).receipt]
    assert time.monotonic() - began < 15, "nobody is held up for long"

    bell.process.send_signal(signal.SIGKILL)
    bell.process.wait()
    sent += [visitor.send(small).receipt for _ in range(3)]
    assert {one.status for one in sent} == {Status.RECEIVED}
    assert "Waiting to be checked" in visitor.get(f"/submissions/{sent[-1].id}/").words

    bell.start()
    assert_all_accepted(sent)
