"""The portal under attack: its visitors, its files, its processes."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings

from accounts.models import User
from submissions.models import Submission, Window
from tests.conftest import Portal
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
def store() -> Iterator[None]:
    """An empty store: the database of every test begins empty, so must the disk."""
    for folder in (settings.MEDIA_ROOT / "raw", settings.RECEIVING_DIR):
        shutil.rmtree(folder, ignore_errors=True)
    yield


@pytest.fixture
def send(portal: Portal, store: None) -> Callable[..., Submission]:
    """Sends bytes as somebody through the web, and gives the receipt."""

    def send(user: User, content: bytes, **choices: str) -> Submission:
        return Visitor(portal.address, user).send(content, **choices).receipt

    return send


@pytest.fixture
def visit(portal: Portal, store: None) -> Callable[[User], Visitor]:
    return lambda user: Visitor(portal.address, user)


