"""The portal under attack: its visitors, its files, its processes."""

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from accounts.models import User
from submissions.models import Submission, Window
from tests.conftest import Portal, free_port, wait_until
from tests.faults import invariants
from tests.faults.visitor import Visitor
from validation.sample import Asked, write

Make = Callable[..., bytes]
LARGE = 60_000


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Makes the bytes of a submission for the Primary of the open window; each is made once."""
    folder, made = tmp_path_factory.mktemp("samples"), {}

    def make(appointments: int = 30, form: str = "zip", provider: str = "RZ1", seed: int = 1):
        period = f"{Window.objects.open().get().primary_period:%Y-%m}"
        asked = Asked(appointments, 0, form, provider, ("91A",), period, seed=seed)
        if asked not in made:
            made[asked] = write(folder / str(len(made)), asked).read_bytes()
        return made[asked]

    return make


@pytest.fixture
def small(everybody: dict[str, User], make: Make) -> bytes:
    return make()


@pytest.fixture
def large(everybody: dict[str, User], make: Make) -> bytes:
    """Large enough to be killed in the middle of it."""
    return make(LARGE)


@pytest.fixture
def store() -> None:
    """The store as this test finds it: what earlier tests left there is not asked about."""
    invariants.EARLIER_FILES = invariants.all_files()


@pytest.fixture
def send(portal: Portal, store: None) -> Callable[..., Submission]:
    """Sends bytes as somebody through the web, and gives the receipt."""

    def send(user: User, content: bytes, **choices: str) -> Submission:
        return Visitor(portal.address, user).send(content, **choices).receipt

    return send


@pytest.fixture
def visit(portal: Portal, store: None) -> Callable[[User], Visitor]:
    return lambda user: Visitor(portal.address, user)


@pytest.fixture
def own_portal(portal: Portal) -> Iterator[Callable[..., Portal]]:
    """Starts processes of its own beside the suite's, on the same database, with other settings."""
    started: list[Portal] = []

    def start(*names: str, **settings: str) -> Portal:
        port = free_port()
        address = f"http://localhost:{port}"
        environment = {**portal.environment, "SITE_ADDRESS": address, **settings}
        own = Portal(address, environment, portal.logs, {})
        started.append(own)
        for name in names:
            own.start(name)
        wait_until(lambda: is_listening(port), 60, "its own web process listens")
        return own

    yield start
    for own in started:
        for name in list(own.processes):
            own.stop(name)


def is_listening(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
        return True
    return False
