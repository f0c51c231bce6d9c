"""Checking a file without sending it: kept is the answer alone, for its one user, for an hour.

No window has to be open, and no submission is made. The file goes the way of every raw file:
locked while it arrives, opened by the worker alone, and erased once it is checked.
"""

import uuid
from datetime import timedelta

from django.db import transaction

from accounts import audit
from accounts.models import AuditEvent, User
from accounts.refusals import Refusal
from submissions import reporting, reports
from submissions.models import Report
from submissions.models.calendar import clock
from submissions.receiving import safe_name
from submissions.ringing import REPORT, ring_after_commit
from submissions.storing import store_once
from submissions.uploading import ReceivedFile
from validation import report, workbook

EVENT = "file checked"
MOST_IN_AN_HOUR = 20


def ask(*, by: User, once: uuid.UUID, file: ReceivedFile) -> Report:
    """Have a file checked that is wholly here. The same form (`once`) sent twice is one check.

    Raises Refusal when the user has had too many checked within the hour.
    """
    mine = Report.objects.filter(once=once, asked_by=by)
    return store_once(file, reports.SENT, mine, lambda stored_as: _ask(by, once, file, stored_as))


@transaction.atomic
def _ask(by: User, once: uuid.UUID, file: ReceivedFile, stored_as: str) -> Report:
    # One check of a user after the other, so that two at once cannot pass the limit.
    User.objects.select_for_update(no_key=True).get(id=by.id)
    _refuse_beyond_limit(by)
    asked = Report.objects.create(
        asked_by=by,
        once=once,
        file_name=reporting.seal({"name": safe_name(file.name or "")}),
        sha256=file.sha256,
        stored_as=stored_as,
    )
    audit.record(EVENT, by=by)
    ring_after_commit(REPORT, asked.id)
    return asked


def _refuse_beyond_limit(by: User) -> None:
    """By the audit, as what was checked may be forgotten."""
    hour_ago = clock() - timedelta(hours=1)
    checked = AuditEvent.objects.filter(what=EVENT, by=by, at__gt=hour_ago).count()
    if checked >= MOST_IN_AN_HOUR:
        raise Refusal(
            f"You have had {checked} files checked within an hour, which is the most. Nothing was "
            "kept. Wait a while, or check at your desk, where there is no limit."
        )


def file_name(asked: Report) -> str:
    """What its user calls the file."""
    return reporting.unseal(bytes(asked.file_name))["name"]


def answer(asked: Report) -> report.Report:
    """What was found in a file whose check is ready."""
    return report.from_json(reports.take(asked, reports.FINDINGS).decode())


def findings(asked: Report) -> bytes:
    """The same as a workbook."""
    return workbook.write(answer(asked), reports.rule_page)
