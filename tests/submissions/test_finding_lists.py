"""The full list of findings: every one of them, sealed, and gone with the raw file."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.files.storage import default_storage

from accounts.models import User
from submissions import checking, finding_lists, raw_files, verdicts
from submissions.finding_lists import NOT_KEPT, FindingList
from submissions.lifecycle import NotNow, Status
from submissions.loading import Hashes
from submissions.models import FindingPlace, Submission, Window
from tests.submissions.rows import Rows, month, nhs_number, person
from tests.submissions.sending import send, send_and_check
from tests.submissions.test_no_identifier import TOKENS, with_canary, with_faults, with_more_faults


def opened(submission: Submission) -> FindingList:
    found = finding_lists.open_list(submission)
    assert found is not None
    return found


def places(submission: Submission) -> list[tuple[str, str, int, int | None, int | None]]:
    """Rule, column, row, line and other row of everything that was found in rows."""
    found = opened(submission)
    listed = []
    for one in found.findings:
        if found.has_rows(one):
            rows = found.rows(one)
            lines = found.records(one.table).lines(rows)
            others = [other or None for other in found.others(one).tolist()]
            for row, line, other in zip(rows.tolist(), lines, others, strict=True):
                listed.append((one.rule, f"{one.table}.{one.column}", row, line, other))
    return listed


def stored_places(submission: Submission) -> list[tuple[str, str, int, int | None, int | None]]:
    """The same as the database has it: of each rule the first thousand."""
    found = FindingPlace.objects.filter(finding__submission=submission, row__isnull=False)
    return [
        (
            place.finding.rule,
            f"{place.finding.table}.{place.finding.column}",
            place.row,
            place.line,
            place.other_row,
        )
        for place in found.select_related("finding").order_by("id")
    ]


@pytest.fixture
def faulty(rows: Rows) -> Rows:
    """Findings of every kind: of rows, of pairs of rows, of children, of the file."""
    rows["Person"][0] |= {"LPTID": "", "Gender": "7"}
    rows["Person"][1] |= {"NHSNumber": nhs_number(99), "Postcode": "Leeds"}
    rows["Person"][2] |= {"NHSNumber": nhs_number(99), "Ethnicity": ""}
    rows["Person"][4]["LPTID"] = rows["Person"][5]["LPTID"]
    rows["Referral"][2]["ProvDiag"] = "depressed"
    rows["Appointment"][3]["PHQ9_Score"] = "99"
    rows["Header"][0]["DateCreated"] = "yesterday"
    return rows


@pytest.mark.parametrize("form", ["zip", "mdb"])
def test_it_holds_what_was_counted(alice: User, window: Window, faulty: Rows, form: str) -> None:
    if form == "mdb":
        del faulty["Header"][0]["DateCreated"]
    submission = send_and_check(alice, window, faulty, form=form)
    counted = submission.finding_counts.order_by("id")
    listed = [(f.rule, f.severity, f.table, f.column, f.words, f.count) for f in counted]
    found = opened(submission)
    assert listed == [
        (f.rule, f.severity, f.table, f.column, f.words, f.count) for f in found.findings
    ]
    assert len(listed) > 8
    assert sorted(places(submission)) == sorted(stored_places(submission))
    assert any(other for *_, other in places(submission))
    assert {line is None for *_, line, _ in places(submission)} == {form == "mdb"}


def test_it_holds_more_than_the_first_thousand(alice: User, window: Window, period: date) -> None:
    rows = month(period, persons=1)
    rows["Person"] += [person(p % 100, LPTID=f"N{p}", Gender="7") for p in range(1005)]
    submission = send_and_check(alice, window, rows)
    assert len(stored_places(submission)) < len(places(submission))
    assert [row for rule, _, row, *_ in places(submission) if rule == "P21"] == list(range(2, 1007))


def test_of_a_file_in_which_nobody_stands_too(alice: User, window: Window, rows: Rows) -> None:
    for row in rows["Person"]:
        row["OrgCodeProvider"] = "RZ9"
    submission = send_and_check(alice, window, rows)
    assert submission.status == Status.REJECTED
    found = opened(submission)
    [wrong] = [one for one in found.findings if one.rule == "T01"]
    assert found.rows(wrong).tolist() == [1, 2, 3, 4, 5, 6]
    assert found.records("Person").keys(found.rows(wrong))[:2] == ["PAT000", "PAT001"]


def test_the_record_around_a_finding_without_what_is_kept_nowhere(
    alice: User, window: Window, rows: Rows
) -> None:
    rows["Person"][2] |= {"Gender": "7", "Postcode": "Leeds"}
    found = opened(send_and_check(alice, window, rows))
    records = found.records("Person")
    assert records.rows.tolist() == [3]
    stands = {name: records.texts(name, records.rows)[0] for name in records.table.columns}
    assert stands == rows["Person"][2] | {"NHSNumber": NOT_KEPT, "BirthDate": NOT_KEPT}


def test_no_list_where_nothing_was_found(alice: User, window: Window, rows: Rows) -> None:
    submission = send_and_check(alice, window, rows)
    assert submission.findings_as == ""
    assert finding_lists.open_list(submission) is None


def test_no_identifier_in_clear(alice: User, window: Window, rows: Rows) -> None:
    submission = send_and_check(alice, window, with_more_faults(with_faults(with_canary(rows))))
    stored = (settings.MEDIA_ROOT / submission.findings_as).read_bytes()
    for token in TOKENS:
        for clear in (token.encode(), token.encode("utf-16-le")):
            assert clear not in stored
    found = opened(submission)
    everything = "".join(
        text
        for table in found.tables
        for name in found.records(table).table.columns
        for text in found.records(table).texts(name, found.records(table).rows)
    )
    assert "CANARY7731" in everything
    assert "1961-07-19" in everything, "typed as a diagnosis, and shown to its sender alone"


def test_it_is_opened_as_it_was_written_and_in_its_place_or_not_at_all(
    alice: User, window: Window, faulty: Rows
) -> None:
    one, other = (send_and_check(alice, window, faulty) for _ in range(2))
    path, second = (settings.MEDIA_ROOT / each.findings_as for each in (one, other))
    written = path.read_bytes()
    for at in (0, len(written) // 2, len(written) - 20):
        changed = bytearray(written)
        changed[at] ^= 1
        path.write_bytes(changed)
        with pytest.raises(InvalidTag):
            read_all(one)
    path.write_bytes(second.read_bytes())
    with pytest.raises(InvalidTag):
        read_all(one)
    path.write_bytes(written)
    assert read_all(one)


def read_all(submission: Submission) -> int:
    """How many texts the list holds."""
    found = opened(submission)
    records = [found.records(table) for table in found.tables]
    return len(places(submission)) + sum(
        len(each.texts(name, each.rows)) for each in records for name in each.table.columns
    )


def test_it_goes_with_the_raw_file(alice: User, window: Window, faulty: Rows) -> None:
    submission = send_and_check(alice, window, faulty)
    path = settings.MEDIA_ROOT / submission.findings_as
    assert path.exists()
    Submission.objects.filter(id=submission.id).update(erase_raw=True)
    submission.refresh_from_db()
    assert finding_lists.open_list(submission) is None, "on its way out"
    raw_files.erase_waiting()
    submission.refresh_from_db()
    assert (submission.findings_as, submission.stored_as) == ("", "")
    assert not path.exists()


def test_a_list_removed_this_moment_is_none(alice: User, window: Window, faulty: Rows) -> None:
    submission = send_and_check(alice, window, faulty)
    default_storage.delete(submission.findings_as)
    assert finding_lists.open_list(submission) is None


def test_of_a_strangers_file_nothing_stays(alice: User, window: Window, period: date) -> None:
    submission = send_and_check(alice, window, month(period, "RZ2"))
    assert (submission.status, submission.findings_as) == (Status.REJECTED, "")
    assert not lists()


def test_what_an_overtaken_attempt_leaves_the_sweeper_removes(
    alice: User, window: Window, faulty: Rows, tmp_path: Path
) -> None:
    """The transaction of the verdict decides which list is named."""
    late = checking.claim(send(alice, window, faulty).id)
    assert late is not None
    hashes = Hashes("RZ1", settings.READ_MASTER_KEY())
    path = raw_files.open_raw(late, tmp_path)
    verdict, sent = checking.read_and_check(path, late, hashes)
    Submission.objects.filter(id=late.id).update(attempt=late.attempt + 1)
    with pytest.raises(NotNow):
        verdicts.give(late, verdict, sent, hashes, folder=tmp_path, progress=lambda rows: None)
    assert lists() == []
    # One that was overtaken at its last step has stored a list by then.
    finding_lists.store(late, verdict, sent, tmp_path)
    kept = send_and_check(alice, window, faulty)
    assert len(lists()) == 2
    assert raw_files.remove_without_receipt(timedelta(hours=1)) == 0, "it may be in the making"
    assert raw_files.remove_without_receipt(timedelta(seconds=-60)) == 1
    assert lists() == [settings.MEDIA_ROOT / kept.findings_as]


def lists() -> list[Path]:
    folder = settings.MEDIA_ROOT / raw_files.LISTS
    return list(folder.iterdir()) if folder.is_dir() else []
