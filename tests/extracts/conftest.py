"""What the tests of extracts share: a window in which three files were sent."""

from datetime import date
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from extracts.models import Run
from submissions.models import Window
from submissions.models.calendar import Kind
from tests.extracts.reading import close_and_process
from tests.submissions.rows import Rows, month, referral
from tests.submissions.sending import send_and_check


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
    """RZ1's month: nine persons. One has two referrals, one none; one referral ends later."""
    rows = month(period, persons=9)
    rows["Referral"].append(referral(0, period, ServiceID="REF000B", OrgCodeComm="92A"))
    rows["Referral"] = [row for row in rows["Referral"] if row["LPTID"] != "PAT004"]
    rows["Appointment"] = [row for row in rows["Appointment"] if row["LPTID"] != "PAT004"]
    later = date(period.year + period.month // 12, period.month % 12 + 1, 2)
    rows["Referral"][1] |= {"EndDate": str(later), "EndCode": "10"}
    rows["Referral"][2] |= {"EndDate": f"{period:%Y-%m}-20", "EndCode": "10"}
    rows["Referral"][3] |= {"OrgCodeComm": "99Z"}
    return rows


@pytest.fixture
def refresh(window: Window) -> Rows:
    """RZ1's month before, once more."""
    return month(window.refresh_period, persons=4)


@pytest.fixture
def run(
    alice: User, charlie: User, erin: User, window: Window, rows: Rows, refresh: Rows, period: date
) -> Run:
    """Both providers have sent; the window is closed and processed."""
    send_and_check(alice, window, rows)
    send_and_check(alice, window, refresh, Kind.REFRESH)
    send_and_check(charlie, window, month(period, "RZ2", persons=5))
    return close_and_process(window, erin)
