"""The verdict: counts, findings, records, audit and the step of life in one transaction."""

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection, transaction

from accounts import audit, outbox
from accounts.models import Organisation
from submissions import finding_lists, history, raw_files, reporting
from submissions.lifecycle import NotNow, Status, move
from submissions.loading import Hashes, Loading
from submissions.models import (
    CommissionerCount,
    FindingCount,
    FindingPlace,
    QualityCount,
    Submission,
    TableCount,
    TrialCount,
)
from submissions.models.calendar import clock
from validation import quality, report
from validation.engine import REJECTED, Verdict, severity
from validation.finding import Found
from validation.rows import Rows
from validation.rule import RULEBOOK_VERSION
from validation.sent import Sent
from validation.values import canonical

# Between two statements of a verdict's transaction lie moments: a worker that stands still longer
# (a paused machine) loses its connection before its successor begins, whose records would else
# wait for it.
STANDS_STILL = "20s"


def give(
    submission: Submission,
    verdict: Verdict,
    sent: Sent | None,
    hashes: Hashes,
    *,
    folder: Path,
    progress: Callable[[int], None],
) -> None:
    """Write the verdict of this attempt and its records. Raises NotNow, and leaves nothing but
    what the sweeper removes, when the attempt was overtaken meanwhile."""
    if verdict.outcome != REJECTED:
        history.of_the_file(submission, verdict)
    with transaction.atomic():
        with connection.cursor() as cursor:
            for setting in ("idle_in_transaction_session_timeout", "lock_timeout"):
                cursor.execute(f"SET LOCAL {setting} = '{STANDS_STILL}'")
        _refuse_when_overtaken(submission)
        # A verdict given before by an attempt that died after it is impossible: one transaction.
        _write_counts(submission, verdict)
        provider = submission.provider.code
        if verdict.rows:
            with Loading(submission, hashes, progress) as loading:
                loading.load(verdict.rows)
                # Worked out while the last blocks are still on their way.
                places = _places_kept(provider, verdict, sent)
                counted = quality.counts(verdict.rows)
                paid_by = _commissioners(verdict.rows["Referral"])
            so_far = len(verdict.findings)
            history.of_the_records(submission, verdict, hashes)
            places += _places_kept(provider, verdict, sent, begin=so_far)
            _write_quality(submission, counted)
            _write_commissioners(submission, paid_by)
        else:
            places = _places_kept(provider, verdict, sent)
        _write_findings(submission, verdict, places)
        _write_trials(submission, verdict)
        # What history asks of the records is known by now; the transaction decides whether the list
        # is named.
        findings_as = finding_lists.store(submission, verdict, sent, folder)
        _step(submission, verdict, sent, findings_as)
    if submission.erase_raw:
        raw_files.erase(submission)


def _refuse_when_overtaken(submission: Submission) -> None:
    """Early, so that whoever comes late does not first copy all records. Raises NotNow."""
    mine = Submission.objects.filter(
        id=submission.id, status=Status.CHECKING, attempt=submission.attempt
    )
    if not mine.exists():
        raise NotNow(f"{submission.reference}: attempt {submission.attempt} was overtaken")


def _write_counts(submission: Submission, verdict: Verdict) -> None:
    TableCount.objects.bulk_create(
        TableCount(
            submission=submission, table=table, received=rows.received, standing=rows.standing
        )
        for table, rows in verdict.tables.items()
    )


def _write_quality(submission: Submission, counted: dict[str, dict[str, int]]) -> None:
    tables = {item.name: item.table for item in quality.items()}
    QualityCount.objects.bulk_create(
        QualityCount(
            submission=submission,
            item=item,
            table=tables[item],
            definitions=quality.DEFINITIONS_VERSION,
            **counts,
        )
        for item, counts in counted.items()
    )


def _commissioners(referral: Rows) -> Counter[str]:
    """Referrals that stand, by the commissioner that their records name."""
    column = referral.OrgCodeComm
    stored = column.stored()
    standing = np.bincount(column.codes[referral.stands], minlength=len(stored))
    counted: Counter[str] = Counter()
    for code, referrals in zip(stored, standing.tolist(), strict=True):
        if code and referrals:
            counted[code] += referrals
    return counted


def _write_commissioners(submission: Submission, counted: Counter[str]) -> None:
    CommissionerCount.objects.bulk_create(
        CommissionerCount(submission=submission, commissioner=code, referrals=referrals)
        for code, referrals in counted.items()
    )


Place = tuple[Any, ...]


def _write_findings(
    submission: Submission, verdict: Verdict, places: list[tuple[int, Place]]
) -> None:
    """Exact counts of every finding; the first places of each rule, each with the number of its
    finding."""
    counts = FindingCount.objects.bulk_create(
        FindingCount(
            submission=submission,
            rule=found.rule,
            severity=severity(found),
            table=reporting.masked(found.table or "")[:100],
            column=reporting.masked(found.column or "")[:100],
            words=reporting.masked(found.words),
            count=found.count,
        )
        for found in verdict.findings
    )
    table = FindingPlace._meta.db_table
    names = "finding_id, row, line, other_row, record_key, detail"
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for number, place in places:
            copy.write_row((counts[number].id, *place))


def _write_trials(submission: Submission, verdict: Verdict) -> None:
    """What rules on trial would have found."""
    TrialCount.objects.bulk_create(
        TrialCount(
            submission=submission,
            rule=found.rule,
            table=found.table or "",
            column=found.column or "",
            count=found.count,
        )
        for found in verdict.shadow
    )


def _places_kept(
    provider: str, verdict: Verdict, sent: Sent | None, begin: int = 0
) -> list[tuple[int, Place]]:
    """The first places of each rule, each with the number of its finding among all; of the findings
    from `begin` on."""
    kept: list[tuple[int, Place]] = []
    taken: dict[str, int] = {}
    tables = finding_lists.rows_of(verdict, sent)
    for number, found in enumerate(verdict.findings[begin:], begin):
        left = settings.FINDINGS_KEPT_PER_RULE - taken.get(found.rule, 0)
        places = [(number, place) for place in _places(provider, tables, found, sent, left)]
        taken[found.rule] = taken.get(found.rule, 0) + len(places)
        kept += places
    return kept


def _places(
    provider: str, tables: dict[str, Rows], found: Found, sent: Sent | None, most: int
) -> Iterator[Place]:
    """Row, line, other row, hash of the record's key, sealed key and value."""
    if isinstance(found, history.Missing):
        yield from _places_missing(provider, found, most)
        return
    rows = tables.get(found.table or "")
    if rows is None or not len(found.rows):
        if found.line:
            yield None, found.line, None, b"", reporting.seal({})
        return
    keys = rows.table.key
    before = found.before if isinstance(found, history.Changed) else ()
    for place, was in zip_longest(report.places(found, sent, most), before[:most]):
        own = " ".join(_cell(rows, name, place["row"]) for name in keys)
        same = " ".join(_folded(rows, name, place["row"]) for name in keys)
        yield (
            place["row"],
            place["line"],
            place["other_row"],
            reporting.record_key(provider, rows.table.name, same),
            reporting.seal({"key": own, "value": _value(rows, found.column, place["row"], was)}),
        )


def _places_missing(provider: str, found: history.Missing, most: int) -> Iterator[Place]:
    """Records that are not in this file, by the keys that they had last month."""
    for key in found.keys[:most]:
        record_key = reporting.record_key(provider, found.table or "", key)
        yield None, None, None, record_key, reporting.seal({"key": key, "value": ""})


def _value(rows: Rows, column: str | None, row: int, before: str | None) -> str:
    """The cell that is wrong, and what stood there last month where that is the matter. A valid
    NHS number, birth date or postcode is kept nowhere."""
    if column is None:
        return ""
    judged = rows.columns[column]
    text = judged.texts[judged.codes[row - 1]]
    # Of this text alone: not every column with a finding is judged.
    if text and judged.column.sensitivity == "identifying" and canonical(text, judged.column):
        text = ""
    return "; ".join(part for part in (text, before and f"last month {before}") if part)


def _cell(rows: Rows, column: str, row: int) -> str:
    judged = rows.columns[column]
    return judged.texts[judged.codes[row - 1]]


def _folded(rows: Rows, column: str, row: int) -> str:
    """The value by which records are compared: `9:30` is `09:30:00`, whatever the form."""
    judged = rows.columns[column]
    return judged.folded_distinct[judged.codes[row - 1]]


def _step(submission: Submission, verdict: Verdict, sent: Sent | None, findings_as: str) -> None:
    """The step of life, last: it fences off whoever comes late."""
    accepted = verdict.outcome != REJECTED
    move(
        submission,
        Status.ACCEPTED if accepted else Status.REJECTED,
        by=None,
        seen_attempt=submission.attempt,
        finished_at=clock(),
        message=_message(submission, verdict),
        findings_as=findings_as,
        form=sent.form if sent else "",
        dataset_version=verdict.header.version if verdict.header else "",
        rulebook_version=RULEBOOK_VERSION,
        register_id=submission.register_id,
        not_asked=verdict.not_asked,
        erase_raw=_of_a_stranger(submission, verdict),
    )
    outbox.write(outbox.users_of(submission.provider), *_letter(submission, verdict))
    if _of_a_stranger(submission, verdict):
        _tell_of_a_stranger(submission)


def _letter(submission: Submission, verdict: Verdict) -> tuple[str, str]:
    """Subject and body for the provider's users: the result and where to see it. What was found
    stays out: it may quote what the sender wrote."""
    rejected = sum(table.rejected for table in verdict.tables.values())
    result, told = "Accepted", "It was accepted, and every row stands."
    if verdict.outcome == REJECTED:
        result = "Rejected"
        told = "It was rejected and does not count. An earlier file, if one was accepted, stands."
    elif rejected:
        result = "Accepted, with rows rejected"
        told = f"It was accepted, but {rejected:,} of its rows are rejected and do not count."
    elif any(found.rule == history.VOLUME for found in verdict.findings):
        told = (
            "It was accepted, but its number of rows differs markedly from an earlier file. Make "
            "sure that it holds the whole month."
        )
    address = f"{settings.SITE_ADDRESS}/submissions/{submission.reference}/"
    body = f"""The submission with receipt number {submission.reference} is checked.

Provider: {submission.provider}
Period and kind: {submission.kind_and_period}

{told}

The result, with whatever was found and how to put it right:
{address}
"""
    return f"{result}: {submission.kind_and_period}, receipt {submission.reference}", body


def _named_provider(verdict: Verdict) -> str | None:
    """The provider that the header names, where that is not the one chosen (F10)."""
    if not any(found.rule == "F10" for found in verdict.findings):
        return None
    return verdict.named_provider


def _of_a_stranger(submission: Submission, verdict: Verdict) -> bool:
    """The file is of a provider for which its sender may not send."""
    code = _named_provider(verdict)
    return code is not None and not submission.sent_by.providers.filter(code=code).exists()


def _message(submission: Submission, verdict: Verdict) -> str:
    code = _named_provider(verdict)
    if code is None:
        return reporting.masked(report.message(verdict))
    if _of_a_stranger(submission, verdict):
        return (
            "The file is rejected. Its header names another provider, for which you may not "
            "send. The file was erased and staff have been told."
        )
    owner = Organisation.objects.get(code=code)
    return (
        f"The file is rejected. This is the file of {owner}, and {submission.provider} was "
        f"chosen. Send it again for {owner.code}."
    )


def _tell_of_a_stranger(submission: Submission) -> None:
    audit.record(
        "another provider's file",
        by=submission.sent_by,
        organisation=submission.provider,
        submission=submission.reference,
    )
    outbox.write(
        outbox.staff(),
        f"Submission {submission.reference} holds another provider's data",
        f"{submission.sent_by.email} sent, for {submission.provider}, a file whose header names "
        "a provider they may not send for. It was rejected and erased.\n",
    )
