"""Downloading is written down, and very much of it is told to staff."""

import pytest

from accounts.models import AuditEvent, Mail, User
from extracts import downloading, publishing
from extracts.models import Download, Extract, Run
from submissions.models import Window
from tests.pages import visit


@pytest.fixture
def extract(run: Run, alice: User) -> Extract:
    return run.extracts.get(recipient__code="RZ1", stage="P")


def letters() -> list[str]:
    return list(Mail.objects.filter(subject__contains="in an hour").values_list("body", flat=True))


def test_where_from_is_written_down(
    extract: Extract, alice: User, erin: User, window: Window
) -> None:
    publishing.publish(window=window, by=erin)
    assert visit(alice).get(f"/downloads/{extract.id}/").status_code == 200
    event = AuditEvent.objects.get(what="extract downloaded")
    assert (event.by, event.organisation) == (alice, extract.recipient)
    assert event.facts == {"extract": extract.id, "file": extract.file_name, "address": "127.0.0.1"}


def test_staff_are_told_once_of_very_many(extract: Extract, alice: User, bob: User) -> None:
    Download.objects.bulk_create(Download(extract=extract, by=alice) for _ in range(49))
    downloading.download(extract=extract, by=alice)
    downloading.download(extract=extract, by=bob)
    assert letters() == []
    for _ in range(3):
        assert downloading.download(extract=extract, by=alice)
    told = letters()
    assert len(told) == User.objects.staff().count() == 2
    assert alice.email in told[0]


def test_many_over_a_longer_time_are_no_alarm(extract: Extract, alice: User) -> None:
    Download.objects.bulk_create(Download(extract=extract, by=alice) for _ in range(60))
    Download.objects.update(at="2026-01-01T00:00:00Z")
    downloading.download(extract=extract, by=alice)
    assert letters() == []
