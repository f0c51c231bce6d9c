"""Making reports in the worker, which alone can open raw files."""

import logging
from datetime import date
from pathlib import Path

import numpy as np

from accounts import register
from accounts.models import User
from submissions import check_only, raw_files, reports
from submissions.models import Report, Submission
from submissions.reports import ANNOTATED, FINDINGS, Made
from validation import annotated, dataset, report
from validation.engine import REJECTED, Verdict, check, unreadable
from validation.finding import Found
from validation.reading.child import read_in_child
from validation.rows import Header
from validation.rule import HISTORY, RULEBOOK
from validation.rules import file as file_rules
from validation.rules.file import Context
from validation.sent import Sent, Unreadable

log = logging.getLogger("portal.making")

ANOTHERS = (
    "The header names a provider for which you may not send. Nothing else was checked, and nothing "
    "was kept."
)


def make(key: int) -> None:
    """Make one report if it is to be made: may be called twice, and may die."""
    asked = reports.claim(key)
    if asked is None:
        return
    try:
        with reports.heartbeat(asked), reports.working_folder(asked) as folder:
            of = asked.submission
            reports.keep(asked, _annotate(of, folder) if of else _check(asked, folder))
    except Exception as error:
        # Our fault, whatever it is: the text of the error may hold a value, its type cannot.
        log.exception("report %s attempt %s: %s", key, asked.attempt, type(error).__name__)
        reports.stumble(asked)
    for answered in Report.objects.filter(id=key).exclude(finished_at=None).exclude(stored_as=""):
        reports.erase_sent(answered)


def _annotate(submission: Submission, folder: Path) -> Made:
    """The annotated copy: the raw file is read and checked again."""
    path = raw_files.open_raw(submission, folder)
    sent = _read(path, submission.file_name)
    verdict = sent if isinstance(sent, Verdict) else _judged(sent, _as_sent(submission))
    verdict.findings += _of_history(submission)
    rows = None if isinstance(sent, Verdict) else sent
    return {ANNOTATED: annotated.write(verdict, rows, submission.message)}


def _check(asked: Report, folder: Path) -> Made:
    """The answer to a file that is not sent: what was found, and the annotated copy."""
    path = raw_files.open_raw(asked, folder)
    sent = _read(path, check_only.file_name(asked))
    if isinstance(sent, Sent) and _is_anothers(sent, asked.asked_by):
        sent = _refused()
    verdict = sent if isinstance(sent, Verdict) else _judged(sent, _as_known(sent, asked.asked_by))
    rows = None if isinstance(sent, Verdict) else sent
    told = report.report(verdict, rows)
    return {
        FINDINGS: told.as_json().encode(),
        ANNOTATED: annotated.write(verdict, rows, told.message),
    }


def _read(path: Path, name: str) -> Sent | Verdict:
    """What the file holds, or the verdict on one that is no submission at all."""
    try:
        return read_in_child(path, name)
    except Unreadable as error:
        return unreadable(Found("F01", error.table, words=error.words, line=error.line))
    finally:
        path.unlink(missing_ok=True)


def _judged(sent: Sent, context: Context) -> Verdict:
    """The verdict without the judged rows: they are large, and a report asks them nothing."""
    verdict = check(sent, context)
    verdict.rows.clear()
    return verdict


def _as_sent(submission: Submission) -> Context:
    """What the portal knew when the submission was checked."""
    provider = submission.provider
    return Context(
        period=f"{submission.period:%Y-%m}",
        provider=provider.code,
        organisations=_organisations(submission.period),
        pilot_site=provider.pilot_site,
    )


def _as_known(sent: Sent, by: User) -> Context:
    """What the portal knows of a file that was sent for no window: which provider and month it is
    of stands in its header."""
    header = _header(sent)
    provider = by.providers.filter(code=header.provider).first() if header else None
    return Context(
        provider=provider.code if provider else None,
        organisations=_organisations(date.fromisoformat(f"{header.period}-01")) if header else None,
        pilot_site=provider.pilot_site if provider else None,
    )


def _header(sent: Sent) -> Header | None:
    """The header, where it is in order."""
    if "Header" not in sent.tables:
        return None
    version = file_rules.version_of(sent)
    if isinstance(version, Found):
        return None
    return file_rules.header(sent, dataset.dataset(version), Context())[0]


def _organisations(period: date) -> frozenset[str] | None:
    known = register.known(period)
    return known.codes if known else None


def _is_anothers(sent: Sent, by: User) -> bool:
    """The header names a provider for which the user may not send."""
    named = file_rules.named_provider(sent)
    return named is not None and not by.providers.filter(code=named).exists()


def _refused() -> Verdict:
    """Of another's file nothing is told."""
    found = Found("F10", "Header", "OrgCodeProvider", words=ANOTHERS)
    return Verdict(REJECTED, None, {}, [found], [])


def _of_history(submission: Submission) -> list[Found]:
    """What was found beside earlier files is not asked again: its rows as they are stored."""
    history = [code for code, rule in RULEBOOK.items() if rule.needs == HISTORY]
    found = []
    for one in submission.finding_counts.filter(rule__in=history).exclude(table=""):
        rows = one.places.exclude(row=None).order_by("row").values_list("row", flat=True)
        places = np.array(list(rows), dtype=np.int32)
        found.append(Found(one.rule, one.table, one.column or None, places, words=one.words))
    return found
