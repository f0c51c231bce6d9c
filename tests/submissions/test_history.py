"""What only the portal knows: this month drawn beside last month, an arrow marks what is found.

Of dates the letter tells the month: L last month, N this month, B the one before last month. An
arrow in last month's drawing marks a referral that is missing now.
"""

import re
from collections.abc import Callable
from datetime import date

import pytest

from accounts.models import Mail, User
from submissions import history, reporting
from submissions.models import FindingPlace, Submission, Window
from submissions.models.calendar import Kind
from submissions.models.records import LocalKey
from submissions.periods import month_before
from submissions.withdrawing import withdraw
from tests.submissions.rows import Row, Rows, appointment, month, nhs_number, referral
from tests.submissions.sending import send_and_check
from validation.rule import HISTORY, RULEBOOK

OF_RECORDS = ["R16", "R20", "R21", "R22", "R23", "R24"]
Place = tuple[str, str]
Told = Callable[..., Submission]


def parsed(text: str, period: date) -> tuple[list[Row], set[Place]]:
    """The drawn referrals, and each mark with the ServiceID of its row."""
    lines = [line.strip() for line in text.strip().splitlines()]
    names = lines[0].split()
    months = {"N": period, "L": month_before(period), "B": month_before(month_before(period))}
    rows, marks = [], set()
    for line in lines[1:]:
        cells, _, arrow = line.partition("<-")
        row = dict(zip(names, cells.split(), strict=True))
        for name, cell in row.items():
            row[name] = re.sub("^[NLB](?=-)", lambda m: f"{months[m[0]]:%Y-%m}", cell)
        rows.append({name: "" if cell == "-" else cell for name, cell in row.items()})
        marks |= {(mark, row["ServiceID"]) for mark in re.findall("R[0-9]{2}", arrow)}
    return rows, marks


def file_of(period: date, drawn: list[Row], treated: tuple[str, ...]) -> Rows:
    """A month with the drawn referrals; each of `treated` has an attended treatment."""
    rows = month(period, persons=9)
    rows["Referral"] = [referral(0, period, **row) for row in drawn]
    lptids = {row["ServiceID"]: row.get("LPTID", "PAT000") for row in drawn}
    rows["Appointment"] = [
        appointment(0, period, ServiceID=service, LPTID=lptids[service]) for service in treated
    ]
    return rows


def found(submission: Submission) -> set[Place]:
    """What the rules of history found of records, each with the ServiceID of the place."""
    places = FindingPlace.objects.filter(finding__submission=submission)
    return {
        (one.finding.rule, reporting.unseal(bytes(one.detail))["key"])
        for one in places.filter(finding__rule__in=OF_RECORDS).select_related("finding")
    }


@pytest.fixture
def draw(alice: User, window: Window, period: date) -> Told:
    """Send last month and this month as drawn; what is found is what is marked."""

    def draw(
        *, last: str, now: str, treated: tuple[str, ...] = (), treated_now: tuple[str, ...] = ()
    ) -> Submission:
        drawn, missing = parsed(last, period)
        drawn_now, marks = parsed(now, period)
        before = file_of(window.refresh_period, drawn, treated)
        send_and_check(alice, window, before, Kind.REFRESH)
        submission = send_and_check(alice, window, file_of(period, drawn_now, treated_now))
        assert found(submission) == missing | marks
        return submission

    return draw


def test_the_same_referrals_again(draw: Told) -> None:
    draw(
        last="""
            ServiceID  RefRecDate  EndDate  EndCode
            S1         L-02        -        -
            S2         L-02        L-20     10
        """,
        now="""
            ServiceID  RefRecDate  EndDate  EndCode
            s1         L-02        -        -
            S3         N-05        -        -
        """,
    )


def test_an_open_referral_is_missing(draw: Told) -> None:
    submission = draw(
        last="""
            ServiceID  LPTID   RefRecDate  EndDate  EndCode
            S1         PAT001  L-02        -        -
            S2         PAT002  L-02        -        -        <- R20
            S3         PAT003  L-02        L-20     10
            S4         PAT004  L-02        N-03     10       <- R20
            S5         PAT005  L-02        -        -
        """,
        # S5 is there, and rejected for a fault of its own.
        now="""
            ServiceID  LPTID   RefRecDate
            S1         PAT001  L-02
            S5         PAT005  -
            S6         PAT006  N-02
        """,
    )
    place = FindingPlace.objects.filter(finding__rule="R20").first()
    assert (place.row, place.line, place.other_row) == (None, None, None)
    assert bytes(place.record_key) == reporting.record_key("RZ1", "Referral", "S2")
    count = submission.finding_counts.get(rule="R20")
    assert (count.count, count.table, count.column) == (2, "Referral", "")


def test_a_referral_changes(draw: Told) -> None:
    draw(
        last="""
            ServiceID  LPTID   RefRecDate  EndDate  EndCode
            S1         PAT001  L-02        -        -
            S2         PAT002  L-02        -        -
            S3         PAT003  L-02        L-20     10
            S4         PAT004  L-02        L-20     10
            S5         PAT005  L-02        L-20     10
            S6         PAT006  L-02        N-05     10
        """,
        now="""
            ServiceID  LPTID   RefRecDate  EndDate  EndCode
            S1         PAT007  L-03        -        -        <- R21
            S2         PAT002  L-03        -        -        <- R22
            S3         PAT003  L-02        -        -        <- R23
            S4         PAT004  L-02        N-20     10
            S5         PAT005  L-05        -        -        <- R22 R23
            S6         PAT006  L-02        N-06     10
        """,
    )


def test_what_was_said_last_month_is_told(draw: Told, period: date) -> None:
    draw(
        last="""
            ServiceID  LPTID   RefRecDate  EndDate  EndCode
            S1         PAT001  L-02        L-20     10
            S2         PAT002  L-03        -        -
        """,
        now="""
            ServiceID  LPTID   RefRecDate  EndDate  EndCode
            S1         PAT001  L-02        -        -        <- R23
            S2         PAT002  L-07        -        -        <- R22
        """,
    )
    last = f"{month_before(period):%Y-%m}"
    values = {
        one.finding.rule: reporting.unseal(bytes(one.detail))["value"]
        for one in FindingPlace.objects.filter(finding__rule__in=["R22", "R23"])
    }
    assert values == {"R22": f"{last}-07; last month {last}-03", "R23": f"last month {last}-20"}


def test_treatment_is_known_from_this_file_or_an_earlier_month(draw: Told) -> None:
    draw(
        last="""
            ServiceID  LPTID   RefRecDate  EndDate  EndCode
            S1         PAT001  L-02        -        -
            S2         PAT002  L-02        -        -
            S3         PAT003  L-02        -        -
            S5         PAT005  B-02        -        -
            S6         PAT006  L-02        -        -
        """,
        treated=("S1",),
        # Of S5 the portal does not know all months, as it was received before any file.
        now="""
            ServiceID  LPTID   RefRecDate  EndDate  EndCode
            S1         PAT001  L-02        N-20     42
            S2         PAT002  L-02        N-20     42
            S3         PAT003  L-02        N-20     42      <- R16
            S4         PAT004  N-02        N-20     98      <- R16
            S5         PAT005  B-02        N-20     42
            S6         PAT006  L-02        N-20     10
        """,
        treated_now=("S2",),
    )


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"Attendance": "6", "AppType": "05"}, set()),
        ({"Attendance": "3"}, {"R16"}),
        ({"AppType": "01"}, set()),  # with a therapy
        ({"AppType": "01", "TherType1": ""}, {"R16"}),
        ({"AppType": "06"}, {"R16"}),
        ({"Appointment": "2001-01-01"}, {"R16"}),  # its row is rejected
    ],
)
def test_what_counts_as_treatment(
    alice: User, window: Window, period: date, changes: Row, codes: set[str]
) -> None:
    rows = month(period, persons=1)
    rows["Referral"][0] |= {"EndDate": f"{period:%Y-%m}-20", "EndCode": "42"}
    rows["Appointment"] = [appointment(0, period, **changes)]
    submission = send_and_check(alice, window, rows)
    assert {code for code, _ in found(submission)} == codes


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ({}, {}, None),
        ({"NHSNumber": "", "NHSNoStatus": "07"}, {}, "last month no valid NHS number"),
        ({}, {"NHSNumber": nhs_number(500)}, "last month another NHS number"),
        ({}, {"NHSNumber": "", "NHSNoStatus": "07"}, "last month another NHS number"),
        ({}, {"LPTID": "pat001"}, None),
    ],
)
def test_an_nhs_number_changes(
    alice: User, window: Window, rows: Rows, before: Row, now: Row, said: str | None
) -> None:
    last = month(window.refresh_period)
    last["Person"][1] |= before
    rows["Person"][1] |= now
    send_and_check(alice, window, last, Kind.REFRESH)
    submission = send_and_check(alice, window, rows)
    places = FindingPlace.objects.filter(finding__submission=submission, finding__rule="R24")
    details = [reporting.unseal(bytes(one.detail)) for one in places]
    assert details == ([{"key": "PAT001", "value": said}] if said else [])


def test_a_renumbered_patient_with_the_same_nhs_number_is_the_same(
    alice: User, window: Window, rows: Rows
) -> None:
    send_and_check(alice, window, month(window.refresh_period), Kind.REFRESH)
    for table in ("Person", "Referral", "Appointment", "Disability"):
        for row in rows[table]:
            row["LPTID"] = row["LPTID"].replace("PAT", "NEW")
    for row in rows["Referral"]:
        row["RefRecDate"] = f"{window.refresh_period:%Y-%m}-02"
    assert found(send_and_check(alice, window, rows)) == set()


def volumes(submission: Submission) -> list[str]:
    return [one.words for one in submission.finding_counts.filter(rule="F13")]


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (5, 6, None),  # twenty percent, which is not more than twenty
        (5, 4, None),
        (4, 6, "6 rows, 50% more: Refresh"),
        (6, 3, "3 rows, 50% fewer: Refresh"),
        (6, 1, "1 row, 83% fewer: Refresh"),
    ],
)
def test_volumes_beside_last_month(
    alice: User, window: Window, period: date, before: int, now: int, said: str | None
) -> None:
    last = send_and_check(alice, window, month(window.refresh_period, persons=before), Kind.REFRESH)
    submission = send_and_check(alice, window, month(period, persons=now))
    words = volumes(submission)
    assert len(words) == (3 if said else 0)
    if said:
        had = f"{last.kind_and_period} had {before} (receipt {last.reference})."
        assert words[0].startswith(f"Person has {said}")
        assert words[0].endswith(had)
        assert submission.status == "ACCEPTED"


def test_where_nothing_was_everything_is_more(alice: User, window: Window, rows: Rows) -> None:
    last = month(window.refresh_period)
    last["Appointment"] = []
    sent = send_and_check(alice, window, last, Kind.REFRESH)
    submission = send_and_check(alice, window, rows)
    assert volumes(submission) == [
        f"Appointment has 12 rows: {sent.kind_and_period} had 0 (receipt {sent.reference})."
    ]


def test_a_file_far_smaller_than_the_one_that_stands(
    alice: User, window: Window, rows: Rows, period: date
) -> None:
    first = send_and_check(alice, window, rows)
    smaller = send_and_check(alice, window, month(period, persons=2))
    assert smaller.status == "ACCEPTED"
    assert volumes(smaller)[0] == (
        f"Person has 2 rows, 67% fewer: {first.kind_and_period} had 6 (receipt {first.reference})."
    )
    letter = Mail.objects.filter(subject__contains=f"receipt {smaller.reference}").last()
    assert "Make sure that it holds the whole month" in letter.body
    # A whole file after it is no matter, whatever it replaces.
    assert volumes(send_and_check(alice, window, rows)) == []


def test_only_what_stands_is_compared(alice: User, window: Window, rows: Rows) -> None:
    small = month(window.refresh_period, persons=1)
    send_and_check(alice, window, month(window.refresh_period), Kind.REFRESH)
    withdraw(submission=send_and_check(alice, window, small, Kind.REFRESH), by=alice)
    assert volumes(send_and_check(alice, window, rows)) == []


def test_another_providers_months_are_no_history(
    alice: User, charlie: User, window: Window, period: date
) -> None:
    theirs = month(window.refresh_period, "RZ2", persons=1)
    send_and_check(charlie, window, theirs, Kind.REFRESH)
    submission = send_and_check(alice, window, month(period))
    assert (found(submission), volumes(submission)) == (set(), [])


def test_history_counts_as_asked_though_nothing_came_before(
    alice: User, window: Window, rows: Rows
) -> None:
    submission = send_and_check(alice, window, rows)
    of_history = {code for code, rule in RULEBOOK.items() if rule.needs == HISTORY}
    assert {*OF_RECORDS, "F04", "F12", "F13"} == of_history
    assert not of_history & set(submission.not_asked)
    rows["Header"][0]["EndDate"] = ""
    assert of_history <= set(send_and_check(alice, window, rows).not_asked)


def test_without_the_keys_of_last_month_the_count_is_told(
    alice: User, window: Window, rows: Rows
) -> None:
    last = send_and_check(alice, window, month(window.refresh_period), Kind.REFRESH)
    LocalKey.objects.filter(submission_id=last.id).delete()
    rows["Referral"].pop()
    submission = send_and_check(alice, window, rows)
    count = submission.finding_counts.get(rule=history.MISSING)
    assert (count.count, count.places.count()) == (1, 0)


def test_a_thousand_keys_of_what_is_missing_and_the_exact_count(
    alice: User, window: Window, period: date
) -> None:
    last = month(window.refresh_period, persons=1)
    own = [referral(0, window.refresh_period, ServiceID=f"N{n}") for n in range(1005)]
    last["Referral"] += own
    send_and_check(alice, window, last, Kind.REFRESH)
    submission = send_and_check(alice, window, month(period, persons=1))
    count = submission.finding_counts.get(rule="R20")
    assert (count.count, count.places.count()) == (1005, 1000)
