"""How the derived values of a referral came about, as its provider reads it and nobody else."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, User
from extracts import publishing, tracing
from extracts.holding import takings
from extracts.models import Extract, Run, Trace
from submissions.models import Window
from tests.extracts.reading import close_and_process, of
from tests.pages import visit
from tests.submissions.rows import Rows, appointment, month
from tests.submissions.sending import send_and_check


@pytest.fixture
def extract(alice: User, erin: User, window: Window) -> Extract:
    """RZ1's month: of the first referral, which has ended, two sessions and three that do not
    count: one was missed, one has no therapy, one is a follow-up."""
    period = window.primary_period
    rows: Rows = month(period, persons=2)
    rows["Referral"][0] |= {"EndDate": f"{period:%Y-%m}-25", "EndCode": "10"}
    said: list[dict[str, Any]] = [
        {"Appointment": f"{period:%Y-%m}-10", "PHQ9_Score": "15", "GAD7Score": "12"},
        {"Appointment": f"{period:%Y-%m}-12", "Attendance": "3", "PHQ9_Score": ""},
        {"Appointment": f"{period:%Y-%m}-14", "TherType1": "", "PHQ9_Score": "14"},
        {"Appointment": f"{period:%Y-%m}-20", "PHQ9_Score": "4", "GAD7Score": "3"},
        {"Appointment": f"{period:%Y-%m}-24", "AppType": "06", "PHQ9_Score": "1"},
    ]
    others = [row for row in rows["Appointment"] if row["LPTID"] != "PAT000"]
    rows["Appointment"] = [appointment(0, period, **one) for one in said] + others
    send_and_check(alice, window, rows)
    run = close_and_process(window, erin)
    publishing.publish(window=window, by=erin)
    return run.extracts.get(recipient__code="RZ1")


def referral_of(run: Run, lptid: str) -> dict[str, str]:
    return next(row for row in of(run, "RZ1")["Referral"] if row["LPTID"] == lptid)


def traced(extract: Extract, number: int, by: User) -> dict[str, Any] | None:
    asked = tracing.ask(extract=extract, referral_id=number, by=by)
    tracing.make(asked.id)
    asked.refresh_from_db()
    return tracing.told(asked)


def test_rows_and_steps_behind_the_extracts_own_values(extract: Extract, alice: User) -> None:
    row = referral_of(extract.run, "PAT000")
    found = traced(extract, int(row["REFERRAL_ID"]), alice)
    assert found is not None
    assert found["own"] == {"LPTID": row["LPTID"], "ServiceID": row["SERVICEID"]}
    lacks = [one["lacks"] for one in found["appointments"]]
    assert [one["day"][-2:] for one in found["appointments"]] == ["10", "12", "14", "20", "24"]
    assert lacks[0] == lacks[3] == ""
    assert "ATTENDANCE is 5 or 6" in lacks[1]
    assert "at least one valid therapy type" in lacks[2]
    assert "type is not 06" in lacks[4]
    for one in found["values"]:
        assert one["value"] == (row[one["name"]] or "blank"), one["name"]
    values = {one["name"]: one for one in found["values"]}
    assert values["IC_LAST_PHQ9"]["value"] == "4", "the follow-up's score is none"
    assert values["IC_RECOVERY_FLAG"]["value"] == "Y"
    assert {"paired scores yes", "IC_LAST_PHQ9 4", "IC_LAST_ADSM_SCORE 3"} <= set(
        values["IC_RECOVERY_FLAG"]["put_in"]
    )
    assert "a reliable fall yes" in values["IC_RELIABLE_IMPROV_FLAG"]["put_in"]
    assert "IC_COUNT_TREATMENT_APPOINTMENTS 2" in values["IC_COMPLETED_TREATMENT_FLAG"]["put_in"]


def test_a_number_that_is_not_there(extract: Extract, alice: User) -> None:
    assert traced(extract, 1, alice) == {}


def test_asked_on_the_page_and_read_there(extract: Extract, alice: User) -> None:
    number = referral_of(extract.run, "PAT000")["REFERRAL_ID"]
    client, address = visit(alice), f"/downloads/{extract.id}/referral/"
    assert address in client.get("/downloads/").content.decode()
    assert "has digits alone" in client.post(address, {"referral_id": "x"}).content.decode()
    waits = client.post(address, {"referral_id": number}, follow=True).content.decode()
    assert "rows are being put together" in waits
    again = client.post(address, {"referral_id": number}, follow=True).content.decode()
    assert "Wait for it first" in again
    assert Trace.objects.count() == 1
    tracing.make(Trace.objects.get().id)
    shown = client.get(address).content.decode()
    assert "PAT000" in shown
    assert "No. This is not so: ATTENDANCE is 5 or 6" in shown
    event = AuditEvent.objects.get(what="referral traced")
    assert (event.by, event.organisation) == (alice, extract.recipient)
    assert event.facts["referral"] == int(number)
    today = timezone.localdate()
    assert [one.what for one in takings(extract.recipient, today, today)] == ["referral traced"]


def test_nobody_elses(
    extract: Extract, alice: User, bob: User, charlie: User, dora: User, erin: User
) -> None:
    address = f"/downloads/{extract.id}/referral/"
    for user in (charlie, dora, erin):
        for answer in (visit(user).get(address), visit(user).post(address, {"referral_id": "1"})):
            assert answer.status_code == 404, user
    hers = extract.run.extracts.get(recipient__code="91A")
    assert visit(dora).get(f"/downloads/{hers.id}/").status_code == 200
    assert visit(dora).get(f"/downloads/{hers.id}/referral/").status_code == 404
    traced(extract, 1, alice)
    assert "no referral of that number" not in visit(bob).get(address).content.decode()


def test_what_lies_there_is_sealed_and_goes(extract: Extract, alice: User) -> None:
    traced(extract, int(referral_of(extract.run, "PAT000")["REFERRAL_ID"]), alice)
    assert b"PAT000" not in bytes(Trace.objects.get().found)
    Trace.objects.update(asked_at="2026-01-01T00:00:00Z")
    tracing.sweep()
    assert not Trace.objects.exists()


def test_a_worker_that_died_is_rung_for_and_given_up_at_last(extract: Extract, alice: User) -> None:
    asked = tracing.ask(extract=extract, referral_id=1, by=alice)
    Trace.objects.update(attempt=1, rung_at="2026-01-01T00:00:00Z")
    tracing.sweep()
    asked.refresh_from_db()
    assert (asked.is_waiting, asked.rung_at.year > 2025) == (True, True)
    Trace.objects.update(attempt=3, rung_at="2026-01-01T00:00:00Z")
    tracing.sweep()
    page = visit(alice).get(f"/downloads/{extract.id}/referral/").content.decode()
    assert "our fault, not yours" in page
