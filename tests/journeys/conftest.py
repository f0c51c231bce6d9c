"""Chromium for the journeys, and the people who sit before it."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from celery import current_app
from playwright.sync_api import Browser, sync_playwright

from submissions.models import Window
from tests.conftest import Portal, wait_until
from tests.journeys import files
from tests.journeys.people import PATIENCE_SECONDS, People, forget_yesterday

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all journeys, gone after them: its event loop would trouble other tests."""
    chromium = shutil.which("chromium")
    assert chromium, "The journeys need a browser: sudo apt-get install chromium"
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, in which Django would refuse to ask the
        # database; nothing here runs inside that loop.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def people(portal: Portal, browser: Browser) -> Iterator[People]:
    """The portal with everybody registered, and browser windows for them."""
    forget_yesterday()
    people = People(browser, portal)
    yield people
    people.leave()
    assert people.complaints() == []


@pytest.fixture(scope="session")
def shots() -> Path | None:
    """The folder SHOTS, where pictures of the pages are kept for whoever wants to look at them."""
    named = os.environ.get("SHOTS")
    if not named:
        return None
    folder = Path(named)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def make(tmp_path: Path, window: Window) -> files.Maker:
    """Makes files of the open window's primary period."""
    return files.Maker(tmp_path, window)


@pytest.fixture
def letters(portal: Portal) -> Callable[[str, str], str]:
    """letters(to, about): the letter that was really sent to that person, whose subject or body
    names `about`."""
    folder = Path(portal.environment["MAIL_DIR"])
    of_others = set(folder.glob("*.log"))

    def find(to: str, about: str) -> str:
        for path in set(folder.glob("*.log")) - of_others:
            for letter in path.read_text().split("-" * 79):
                if f"To: {to.lower()}@" in letter and about in letter:
                    return letter
        return ""

    def wait(to: str, about: str) -> str:
        current_app.send_task("accounts.send_mails")
        wait_until(lambda: find(to, about), PATIENCE_SECONDS, f"a letter to {to} about {about}")
        return find(to, about)

    return wait
