"""Months that hang together: what a run freezes of earlier ones, whose pathway is whose, and two
providers with the same person and service request."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import RegisterLoad, User
from extracts import processing
from extracts.models import Frozen, Run
from submissions.models import Submission, Window
from submissions.models.calendar import Kind
from submissions.periods import month_before
from tests.extracts.reading import close_and_process, column, content, manifest, of
from tests.pages import visit
from tests.submissions.rows import Rows, month, nhs_number, referral
from tests.submissions.sending import send_and_check


@contextmanager
def as_window_of(window: Window, primary: date) -> Iterator[Window]:
    """The open window takes an earlier month for a moment."""
    asked = Window.objects.filter(id=window.id)
    asked.update(primary_period=primary, refresh_period=month_before(primary))
    yield asked.get()
    asked.update(primary_period=window.primary_period, refresh_period=window.refresh_period)


def going_on(period: date, since: date, persons: int = 3) -> Rows:
    """A month of referrals that were received in an earlier one; two sessions each."""
    rows = month(period, persons=persons)
    for row in rows["Referral"]:
        row["RefRecDate"] = f"{since:%Y-%m}-02"
    return rows


@pytest.fixture
def months(window: Window) -> list[date]:
    """Four months, the primary period last."""
    found = [window.primary_period]
    for _ in range(3):
        found.insert(0, month_before(found[0]))
    return found


@pytest.fixture
def sent(alice: User, window: Window, months: list[date]) -> list[Submission]:
    """RZ1 has sent each of them."""
    with as_window_of(window, months[0]) as earlier:
        first = send_and_check(alice, earlier, going_on(months[0], months[0]))
    with as_window_of(window, months[1]) as earlier:
        second = send_and_check(alice, earlier, going_on(months[1], months[0]))
    third = send_and_check(alice, window, going_on(months[2], months[0]), Kind.REFRESH)
    return [first, second, third, send_and_check(alice, window, going_on(months[3], months[0]))]


def test_a_run_freezes_the_months_before(
    sent: list[Submission], window: Window, erin: User
) -> None:
    run = close_and_process(window, erin)
    stages = {frozen.submission_id: frozen.stage for frozen in run.frozen.all()}
    assert [stages[one.id] for one in sent] == [Frozen.EARLIER, Frozen.EARLIER, "R", "P"]
    for recipient in ("RZ1", "91A"):
        for stage, treatments in (("P", "8"), ("R", "6")):
            referrals = of(run, recipient, stage)["Referral"]
            assert set(column(referrals, "IC_COUNT_TREATMENT_APPOINTMENTS")) == {treatments}
    ranks = column(of(run, "RZ1")["Appointment"], "IC_TREATMENT_APPOINTMENT_RANK")
    assert ranks == ["7", "8"] * 3
    told = manifest(content(run.extracts.get(recipient__code="RZ1", stage="P")))
    assert told["earlier_submissions"] == 3


def rebuilt(run: Run) -> None:
    """Every extract of the run is made again, byte for byte."""
    for extract in run.extracts.all():
        call_command("rebuild", run.id, extract.code, extract.stage, stdout=StringIO())


def test_an_earlier_month_that_changes_later_changes_no_run(
    sent: list[Submission], window: Window, months: list[date], alice: User, erin: User
) -> None:
    run = close_and_process(window, erin)
    assert not processing.needs_processing_again(run)
    Window.objects.filter(id=window.id).update(closes_at=window.closes_at)
    with as_window_of(window, months[1]) as earlier:
        better = send_and_check(alice, earlier, going_on(months[1], months[0], persons=1))
    assert processing.needs_processing_again(run)
    rebuilt(run)
    again = close_and_process(window, erin)
    assert again.frozen.filter(submission=better, stage=Frozen.EARLIER).exists()
    treatments = column(of(again, "RZ1")["Referral"], "IC_COUNT_TREATMENT_APPOINTMENTS")
    assert sorted(treatments) == ["6", "6", "8"]
    rebuilt(run)


def test_of_an_earlier_month_the_refresh_counts(
    sent: list[Submission], window: Window, months: list[date], alice: User, erin: User
) -> None:
    with as_window_of(window, months[1]) as later:
        refresh = send_and_check(
            alice, later, going_on(months[0], months[0], persons=2), Kind.REFRESH
        )
    run = close_and_process(window, erin)
    frozen = set(run.frozen.filter(stage=Frozen.EARLIER).values_list("submission_id", flat=True))
    assert frozen == {refresh.id, sent[1].id}


def test_person_and_service_at_two_providers_are_two_pathways_and_told_to_staff(
    run: Run, erin: User
) -> None:
    """RZ2's five persons are RZ1's too, under the same service request; one RZ1 did not refer."""
    assert run.clashes == [["RZ1", "RZ2", 4]]
    page = visit(erin).get(f"/windows/{run.window_id}/").content.decode()
    assert "RZ1 and RZ2: 4" in page
    assert "REF00" not in page
    extract = of(run, "91A")["Referral"]
    by_provider = {
        code: {r["IC_PATHWAY_ID"] for r in extract if r["ORGCODEPROVIDER"] == code}
        for code in ("RZ1", "RZ2")
    }
    assert by_provider["RZ1"].isdisjoint(by_provider["RZ2"])


def test_without_an_nhs_number_nobody_is_the_same_at_two_providers(
    alice: User, charlie: User, erin: User, window: Window
) -> None:
    here, there = month(window.primary_period), month(window.primary_period, "RZ2")
    for row in here["Person"]:
        row["NHSNumber"] = ""
    send_and_check(alice, window, here)
    send_and_check(charlie, window, there)
    assert close_and_process(window, erin).clashes == []


def test_pathways_broken_by_identifier_change_are_counted(
    alice: User, charlie: User, erin: User, window: Window
) -> None:
    """Of RZ1's four persons one has got an NHS number since the month before, with two service
    requests of which one is new, and one has another number than then."""
    before, now = month(window.refresh_period, persons=4), month(window.primary_period, persons=4)
    before["Person"][0]["NHSNumber"] = ""
    now["Person"][1]["NHSNumber"] = nhs_number(900)
    now["Referral"].append(referral(0, window.primary_period, ServiceID="REF900"))
    send_and_check(alice, window, before, Kind.REFRESH)
    send_and_check(alice, window, now)
    send_and_check(charlie, window, month(window.primary_period, "RZ2"))
    run = close_and_process(window, erin)
    assert run.broken == [["P", "RZ1", 2]]
    page = visit(erin).get(f"/windows/{run.window_id}/").content.decode()
    assert "broken by identifier change" in page
    assert "RZ1, provisional: 2" in page
    assert "REF00" not in page
    assert "PAT00" not in page


def test_final_month_beside_the_one_before_it(alice: User, erin: User, window: Window) -> None:
    earlier = month_before(window.refresh_period)
    past, now = month(earlier, persons=3), month(window.refresh_period, persons=3)
    past["Person"][2]["NHSNumber"] = ""
    with as_window_of(window, earlier) as its_own:
        send_and_check(alice, its_own, past)
    send_and_check(alice, window, now, Kind.REFRESH)
    run = close_and_process(window, erin)
    assert run.broken == [["R", "RZ1", 1]]


def test_commissioner_for_statistics_is_the_first_that_the_register_knows(
    alice: User, erin: User, window: Window
) -> None:
    rows = month(window.primary_period, persons=4)
    rows["Referral"][0]["OrgCodeComm"] = "99Z"
    rows["Referral"][1]["OrgCodeComm"] = "99Z"
    rows["Person"][1] |= {"OrgCodeGPPractice": "98Z", "OrgCodeResidence": "92A"}
    rows["Referral"][2]["OrgCodeComm"] = "99Z"
    rows["Person"][2] |= {"OrgCodeGPPractice": "98Z", "OrgCodeResidence": "97Z"}
    rows["Referral"][3]["OrgCodeComm"] = "XMD00"
    send_and_check(alice, window, rows)
    run = close_and_process(window, erin)

    def found(run: Run) -> list[str]:
        referrals = {row["SERVICEID"]: row["IC_CCG"] for row in of(run, "RZ1")["Referral"]}
        return [referrals[f"REF00{place}"] for place in range(4)]

    assert found(run) == ["91A", "92A", "99Z", "XMD00"]
    # A run knows what the register said when it froze.
    Submission.objects.update(register=None)
    RegisterLoad.objects.all().delete()
    rebuilt(run)
    assert found(processing_again(window, erin)) == ["99Z", "99Z", "99Z", "XMD00"]


def processing_again(window: Window, by: User) -> Run:
    run = processing.ask(window=window, by=by)
    processing.process(run.id)
    return Run.objects.get(id=run.id)
