"""What the tests of submissions share."""

from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from submissions.models import Window
from tests.submissions.rows import Rows, month


@pytest.fixture(autouse=True)
def own_folder(settings: Settings, tmp_path: Path) -> Path:
    """Files go to a folder of the test's own."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.RECEIVING_DIR = tmp_path / "receiving"
    return tmp_path


@pytest.fixture
def period(window: Window) -> date:
    """The primary period of the open window."""
    return window.primary_period


@pytest.fixture
def rows(period: date) -> Rows:
    """A good month of RZ1."""
    return month(period)
