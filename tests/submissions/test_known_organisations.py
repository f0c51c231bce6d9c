"""The register of organisations at a check: portal and desk give the same answer."""

from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse

from accounts import register
from accounts.models import RegisterEntry, RegisterKind, RegisterLoad, User
from submissions.models import Submission, Window
from tests.accounts.lists import file, line, practice
from tests.pages import visit
from tests.submissions.rows import Rows
from tests.submissions.sending import content, send_and_check
from validation import desk
from validation.report import as_data

ASKS = {"F09", "P17", "R17"}


def counts(submission: Submission) -> dict[str, int]:
    found = submission.finding_counts.filter(rule__in=ASKS)
    return {
        rule: sum(one.count for one in found if one.rule == rule)
        for rule in {one.rule for one in found}
    }


def at_the_desk(tmp_path: Path, sent: Rows, period: date) -> dict[str, int]:
    """What `./portal check` counts, with the portal's own list."""
    address = reverse("register_file", args=[f"{period:%Y}", f"{period:%m}"])
    answer = visit().get(address)
    assert answer.status_code == 200
    (tmp_path / "known.csv").write_bytes(answer.content)
    (tmp_path / "sent.zip").write_bytes(content(sent))
    words = ["--period", f"{period:%Y-%m}", "--organisations", str(tmp_path / "known.csv")]
    args = desk.arguments([str(tmp_path / "sent.zip"), *words])
    said = as_data(*desk.verdict_on(args.file, desk.context_of(args)), True)
    assert not ASKS & set(said["not_asked"])
    return {rule: count for rule, count in said["counts"].items() if rule in ASKS}


def closes_on(code: str, day: date) -> None:
    RegisterEntry.objects.filter(code=code).update(closes=day)


def test_known_organisations_find_nothing(alice: User, window: Window, rows: Rows) -> None:
    sent = send_and_check(alice, window, rows)
    assert counts(sent) == {}
    assert not ASKS & set(sent.not_asked)
    assert sent.register == RegisterLoad.objects.latest("id")


def test_portal_and_desk_agree(
    alice: User, window: Window, rows: Rows, period: date, tmp_path: Path
) -> None:
    """Closed before the month, closed in it, never heard of, in small letters, a default code."""
    closes_on("Q99001", date(period.year - 1, 1, 1))
    closes_on("92A", period)
    rows["Person"][0]["GMPC"] = "Q99002"
    rows["Person"][1]["GMPC"] = "q99002"
    rows["Person"][2]["GMPC"] = "V81999"
    rows["Person"][3]["OrgCodeResidence"] = "5XX"
    rows["Referral"][0]["OrgCodeComm"] = "99Z"
    rows["Referral"][1]["OrgCodeComm"] = "91a"
    sent = send_and_check(alice, window, rows)
    # Three persons are still with the closed practice, one lives nowhere known.
    assert counts(sent) == {"P17": 4, "R17": 1}
    assert at_the_desk(tmp_path, rows, period) == counts(sent)


def test_a_provider_that_is_closed(
    alice: User, window: Window, rows: Rows, period: date, tmp_path: Path
) -> None:
    closes_on("RZ1", date(period.year - 1, 1, 1))
    sent = send_and_check(alice, window, rows)
    assert counts(sent) == {"F09": 1}
    assert at_the_desk(tmp_path, rows, period) == {"F09": 1}


def test_without_a_register_they_are_not_asked(alice: User, window: Window, rows: Rows) -> None:
    RegisterEntry.objects.all().delete()
    RegisterLoad.objects.all().delete()
    sent = send_and_check(alice, window, rows)
    assert set(sent.not_asked) >= ASKS
    assert sent.register is None
    page = visit(alice).get(f"/submissions/{sent.id}/").content.decode()
    assert "because no register of organisations is loaded" in page
    assert visit().get(reverse("register_file", args=["2013", "04"])).status_code == 404


def test_the_receipt_says_which_register(alice: User, window: Window, rows: Rows) -> None:
    """A later load changes nothing of what was judged before."""
    sent = send_and_check(alice, window, rows)
    before = sent.register
    register.load(
        kind=RegisterKind.CCG, content=file([line("91A"), line("92A"), line("95A")]), by=None
    )
    sent.refresh_from_db()
    assert sent.register == before
    page = visit(alice).get(f"/submissions/{sent.id}/").content.decode()
    assert "Register of organisations" in page
    assert "loaded " in page
    assert "is not loaded" not in page
    later = send_and_check(alice, window, rows)
    assert later.register == RegisterLoad.objects.latest("id") != before


# -- the list for the desk --------------------------------------------------------------------


def test_the_list_has_no_header_and_names_with_commas(everybody: dict[str, User]) -> None:
    register.load(
        kind=RegisterKind.PRACTICE,
        content=file([practice("A81001"), practice("B00001", "20130501")]),
        by=None,
    )
    answer = visit().get(reverse("register_file", args=["2013", "04"]))
    lines = answer.content.decode().splitlines()
    assert lines[0] == "91A,ALDER VALLEY COMMISSIONING GROUP,eccg,2012-04-01,"
    assert '"THE A81001 ORGANISATION, LEEDS",epraccur,1974-04-01,' in answer.content.decode()
    assert "B00001" not in answer.content.decode()
    assert "organisations_2013-04.csv" in answer["Content-Disposition"]


def test_the_list_is_not_sent_again_while_nothing_was_loaded(everybody: dict[str, User]) -> None:
    address = reverse("register_file", args=["2013", "04"])
    first = visit().get(address)
    again = visit().get(address, headers={"If-Modified-Since": first["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("period", ["2013-13", "2013-4", "1913-04", "2013-04-01", "x"])
def test_a_month_that_is_none(everybody: dict[str, User], period: str) -> None:
    assert visit().get(f"/organisations/known/{period}.csv").status_code == 404
