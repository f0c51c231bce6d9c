"""A portal of its own for these tests, beside the one that the suite runs on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from iapt_portal.local_keys import KEYS
from iapt_portal.local_processes import MARK

OF_THE_SUITE = {
    "DATABASE_URL",
    "REDIS_URL",
    "DATA_DIR",
    "AUDIT_HEADS",
    "MAIL_DIR",
    "STATIC_DIR",
    "DEMO",
    "TEST",
}
OF_THE_SUITE |= {"SITE_ADDRESS", "PORTAL_PROCESS", "DATABASE_URL_WEB", "DATABASE_URL_WORKER", MARK}
OF_THE_SUITE |= {name + end for name in KEYS for end in ("", "_FILE")}


@pytest.fixture(scope="module", autouse=True)
def nothing_set() -> Iterator[None]:
    """The suite's own servers and keys are not in the environment, as when a person types."""
    before = {name: os.environ.pop(name) for name in OF_THE_SUITE if name in os.environ}
    yield
    os.environ.update(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a portal keeps its state; its path holds a space and what supervisor takes for more."""
    return tmp_path_factory.mktemp("a portal, 100% local") / ".local"
