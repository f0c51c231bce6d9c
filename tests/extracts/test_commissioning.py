"""The commissioner's page: its own providers, what they sent and how good, and no patients."""

import re
from datetime import date
from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, User
from extracts import commissioning, processing, publishing
from extracts.models import Extract, Run
from iapt_portal.demonstration import let_in
from iapt_portal.demonstration_months import windows_before
from submissions import calendar, withdrawing
from submissions.lifecycle import Status
from submissions.models import CommissionerCount, Submission, Window
from submissions.models.calendar import Kind
from tests.extracts.released import drawn, release
from tests.pages import visit
from tests.submissions.rows import Rows, month
from tests.submissions.sending import send, send_and_check


@pytest.fixture
def of_92a(everybody: dict[str, User]) -> User:
    """Somebody of the other commissioner."""
    user = User.objects.create_user("ivy@portal.example", "invented-for-tests", first_name="Ivy")
    let_in(user, Organisation.objects.get(code="92A"))
    return user


def page(user: User) -> str:
    """The words of the page."""
    answer = visit(user).get(reverse("services"))
    assert answer.status_code == 200
    text = answer.content.decode().split("<main")[1].split("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def line(words: str, name: str) -> str:
    """What the first table says of one provider."""
    return words.split(name)[1].split("A Primary is mandatory", maxsplit=1)[0]


def only_91a(period: date, provider: str = "RZ1", persons: int = 6) -> Rows:
    rows = month(period, provider, persons)
    for row in rows["Referral"]:
        row["OrgCodeComm"] = "91A"
    return rows


def shown_to(user: User) -> list[commissioning.Provider]:
    (commissioner,) = user.commissioners
    windows = commissioning.windows()
    return commissioning.position(commissioner, windows, windows[0])["providers"]


def test_each_commissioner_sees_its_own_providers(dora, of_92a, alice, charlie, window, period):
    send_and_check(alice, window, only_91a(period))
    send_and_check(charlie, window, month(period, "RZ2", commissioner="92A"))
    hers, others = page(dora), page(of_92a)
    assert "RZ1" in hers
    assert "RZ2" not in hers
    assert "Birch Moor" not in hers
    assert "RZ2" in others
    assert "RZ1" not in others
    assert "Alder Valley Talking Therapies" not in others


def test_a_provider_leads_to_its_published_figures(dora, erin, alice, charlie, window, period):
    send_and_check(alice, window, only_91a(period))
    send_and_check(charlie, window, only_91a(period, "RZ2"))
    assert {one.page for one in shown_to(dora)} == {""}
    release(
        erin,
        period,
        P=drawn("""
                           received
            national           1000
            provider RZ1       1000
    """),
    )
    assert [one.page for one in shown_to(dora)] == ["/statistics/provider/RZ1/", ""]
    shown = visit(dora).get(reverse("services")).content.decode()
    assert shown.count('<a href="/statistics/provider/RZ1/">Its published figures<') == 1
    assert shown.count("Its published figures") == 1


def test_who_names_both_is_seen_by_both(dora, of_92a, alice, window, period):
    send_and_check(alice, window, month(period))
    assert "RZ1" in page(dora)
    assert "RZ1" in page(of_92a)


def test_a_file_that_was_replaced_or_withdrawn_names_nobody(dora, of_92a, alice, window, period):
    """Sent with the wrong commissioner, and put right: 92A knows nothing of it."""
    send_and_check(alice, window, month(period, commissioner="92A"))
    assert "RZ1" in page(of_92a)
    right = send_and_check(alice, window, only_91a(period))
    assert "RZ1" not in page(of_92a)
    assert "RZ1" in page(dora)
    withdrawing.withdraw(submission=right, by=alice)
    assert "RZ1" in page(of_92a)
    assert "RZ1" not in page(dora)


def test_a_rejected_file_names_nobody(dora, alice, window, period):
    rows = only_91a(period)
    rows["Header"][0]["OrgCodeProvider"] = "RZ2"
    assert send_and_check(alice, window, rows).status == Status.REJECTED
    assert "RZ1" not in page(dora)


def test_what_it_says_of_a_file(dora, alice, window, period):
    rows = only_91a(period)
    rows["Person"][0]["Ethnicity"] = ""
    rows["Referral"][0]["RefRecDate"] = ""
    sent = send_and_check(alice, window, rows)
    assert sent.finding_counts.filter(severity="REJECT_ROW").exists()
    (provider,) = shown_to(dora)
    primary, refresh = provider.lines
    assert primary.sent is not None
    assert primary.sent.submission == sent
    # A referral and its two appointments of 25 rows.
    assert primary.sent.rejected == "12%"
    warned = set(sent.finding_counts.filter(severity="WARN").values_list("rule", flat=True))
    assert primary.sent.warnings == len(warned) > 0
    assert 0 < primary.sent.quality.valid < primary.sent.quality.asked
    assert primary.sent.lowest == ("Ethnicity", "83%")
    assert (refresh.sent, refresh.otherwise) == (None, "Not sent yet")
    words = line(page(dora), "Alder Valley Talking Therapies (RZ1)")
    assert "Accepted" in words
    assert "Ethnicity, 83%" in words
    assert f"{sent.received_at:%Y}" in words


def test_who_named_it_before_is_missed_now(dora, alice, window, period):
    """The month before was sent, this month is not: said so, and once the window is closed too."""
    send_and_check(alice, window, only_91a(window.refresh_period), Kind.REFRESH)
    assert "Not sent yet" in line(page(dora), "(RZ1)")
    (provider,) = shown_to(dora)
    assert [bool(one.sent) for one in provider.lines] == [False, True]


@pytest.mark.parametrize(
    ("status", "said"),
    [(Status.RECEIVED, "Being checked"), (Status.FAILED, "Sent, not accepted")],
)
def test_a_file_that_is_not_accepted(dora, alice, window, period, status, said):
    send_and_check(alice, window, only_91a(window.refresh_period), Kind.REFRESH)
    waiting = send(alice, window, only_91a(period))
    Submission.objects.filter(id=waiting.id).update(status=status)
    assert said in line(page(dora), "(RZ1)")


def test_after_the_close_not_sent_is_no_yet(dora, erin, alice, window, period):
    send_and_check(alice, window, only_91a(window.refresh_period), Kind.REFRESH)
    calendar.close(window=window, by=erin)
    words = line(page(dora), "(RZ1)")
    assert "Not sent" in words
    assert "Not sent yet" not in words


def test_its_extracts_and_not_those_of_others(run: Run, dora, of_92a, erin, window):
    assert "IAPT_91A" not in page(dora)
    publishing.publish(window=window, by=erin)
    assert "IAPT_91A" in page(dora)
    assert "IAPT_92A" not in page(dora)
    assert "IAPT_RZ1" not in page(dora)
    extract = Extract.objects.get(recipient__code="91A", stage="P")
    link = reverse("download", args=[extract.id])
    assert link in visit(dora).get(reverse("services")).content.decode()


def test_the_run_reads_the_same_table(run: Run):
    assert processing.commissioner_codes(run, "P") == {"91A", "92A", "99Z"}
    assert run.without_account == ["92A", "99Z"]


def test_no_number_of_patients_or_referrals(dora, alice, window, period):
    """The page says shares and rules: twice as many people with as few faults look alike."""
    send_and_check(alice, window, only_91a(period, persons=6))
    few = page(dora)
    send_and_check(alice, window, only_91a(period, persons=12))
    assert without_moments(page(dora)) == without_moments(few)


def without_moments(words: str) -> str:
    return re.sub(r"\d+ \w+ \d{4} at \d\d:\d\d", "", words)


def test_questions_do_not_grow_with_providers(dora, alice, charlie, everybody, window, period):
    send_and_check(alice, window, only_91a(period))
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert len(shown_to(dora)) == 1
    send_and_check(alice, window, only_91a(window.refresh_period), Kind.REFRESH)
    send_and_check(charlie, window, only_91a(period, "RZ2"))
    send_and_check(everybody["Grace"], window, only_91a(period, "RZ3"))
    with CaptureQueriesContext(connection) as many:
        assert len(shown_to(dora)) == 3
    assert len(many) == len(few)


def test_only_commissioners_have_it(alice, erin, dora):
    for user, status in ((alice, 404), (erin, 404), (dora, 200)):
        assert visit(user).get(reverse("services")).status_code == status
    assert "My services" in visit(dora).get("/").content.decode()
    assert "My services" not in visit(alice).get("/").content.decode()


def test_without_any_window(dora):
    Window.objects.all().delete()
    assert "No accepted file" in page(dora)


def test_what_is_counted(alice, window, period):
    """Standing referrals by the code that is recorded; 91a is 91A, a rejected one does not count."""
    rows = month(period, persons=6, commissioner="91a")
    rows["Referral"][0] |= {"OrgCodeComm": "91A"}
    rows["Referral"][1] |= {"RefRecDate": ""}
    sent = send_and_check(alice, window, rows)
    counted = CommissionerCount.objects.filter(submission=sent)
    assert set(counted.values_list("commissioner", "referrals")) == {("91A", 3), ("92A", 2)}
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT orgcodecomm, count(*) FROM submissions_referralrecord
               WHERE submission_id = %s GROUP BY 1""",
            [sent.id],
        )
        assert set(cursor.fetchall()) == {("91A", 3), ("92A", 2)}


def test_what_was_loaded_before_is_counted_by_the_migration(alice, charlie, window, period):
    """From the records, it comes to what the verdict counted."""
    send_and_check(alice, window, month(period))
    send_and_check(charlie, window, month(period, "RZ2", commissioner="99Z"))
    columns = ("submission", "commissioner", "referrals")
    counted = set(CommissionerCount.objects.values_list(*columns))
    CommissionerCount.objects.all().delete()
    name = "submissions.migrations.0004_count_commissioners_of_earlier_submissions"
    (operation,) = import_module(name).Migration.operations
    with connection.cursor() as cursor:
        cursor.execute(operation.sql)
    assert set(CommissionerCount.objects.values_list(*columns)) == counted
    assert len(counted) == 4


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, ""),
        (0, 50, "0%"),
        (1, 1000, "under 1%"),
        (1, 8, "12%"),
        (999, 1000, "over 99%"),
        (5, 5, "100%"),
    ],
)
def test_a_share_is_said_in_whole_percent(part, whole, said):
    assert commissioning.share(part, whole) == said


def test_a_month_before_can_be_looked_at(dora, alice, window, period):
    """The month asked for in full; what is no month of the page is the newest."""
    earlier = windows_before(window)[-1]
    earlier.save()
    send_and_check(alice, window, only_91a(period))
    client = visit(dora)
    for asked, shown in (
        (f"{earlier.primary_period:%Y-%m}", earlier),
        (f"{period:%Y-%m}", window),
        ("", window),
        ("1999-01", window),
        ("x", window),
    ):
        text = client.get(reverse("services"), {"period": asked}).content.decode()
        assert f">{shown}</caption>" in text
        assert ("Not sent<" in text) == (shown == earlier), "it is closed"


def test_twelve_months_at_most(window, dora):
    """The newest that have opened; neither windows to come nor those of years ago."""
    windows = commissioning.windows()
    assert windows[0] == window
    assert windows == sorted(windows, key=lambda one: one.opens_at, reverse=True)
    newest = window.primary_period
    ago = newest.replace(year=newest.year - 1)
    assert all(ago < one.primary_period <= newest for one in windows)
