"""Who took what holding a provider's data: what the page shows to whom, and what the command says.

The run's extracts, by what they hold:
               own      91A      92A (no account)
  RZ1, P and R  x       names it  named in one referral
  RZ2, P        x       names it
"""

import csv
import io
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import audit
from accounts.models import AuditEvent, Organisation, User
from extracts import downloading, publishing
from extracts.holding import downloads_holding, extracts_holding
from extracts.models import Download, Run
from iapt_portal.demonstration import let_in
from submissions.models import CommissionerCount, Submission, Window
from tests.extracts.reading import of
from tests.pages import visit

TODAY = str(timezone.localdate())


@pytest.fixture
def published(run: Run, window: Window, erin: User) -> Run:
    publishing.publish(window=window, by=erin)
    return run


def organisation(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


def take(run: Run, recipient: str, stage: str, by: User) -> Download:
    extract = run.extracts.get(recipient__code=recipient, stage=stage)
    downloading.download(extract=extract, by=by)
    return Download.objects.latest("id")


@pytest.fixture
def taken(published: Run, alice: User, charlie: User, dora: User) -> dict[str, Download]:
    return {
        "RZ1 P": take(published, "RZ1", "P", alice),
        "RZ1 R": take(published, "RZ1", "R", alice),
        "RZ2 P": take(published, "RZ2", "P", charlie),
        "91A P": take(published, "91A", "P", dora),
        "91A R": take(published, "91A", "R", dora),
    }


def names(taken: dict[str, Download], code: str, **days: date) -> set[str]:
    found = set(downloads_holding(organisation(code), **days))
    return {name for name, download in taken.items() if download in found}


def test_own_extracts_and_those_of_commissioners_that_it_names(taken: dict[str, Download]) -> None:
    assert names(taken, "RZ1") == {"RZ1 P", "RZ1 R", "91A P", "91A R"}
    # RZ2 sent a Primary alone: the final extract of the month before holds nothing of it.
    assert names(taken, "RZ2") == {"RZ2 P", "91A P"}
    assert names(taken, "91A") == {"91A P", "91A R"}
    assert names(taken, "RZ3") == set()


def test_a_commissioner_whom_a_submission_does_not_name_holds_nothing_of_it(
    taken: dict[str, Download],
) -> None:
    CommissionerCount.objects.filter(submission__provider__code="RZ2", commissioner="91A").delete()
    assert names(taken, "RZ2") == {"RZ2 P"}


def test_a_submission_that_the_run_did_not_use_gives_nothing(
    taken: dict[str, Download], published: Run
) -> None:
    published.frozen.filter(submission__provider__code="RZ2").delete()
    assert names(taken, "RZ2") == {"RZ2 P"}


def test_extracts_hold_what_the_numbers_say(published: Run) -> None:
    """Against the extracts themselves: the providers in each commissioner's file."""
    for stage in ("P", "R"):
        extract = published.extracts.get(recipient__code="91A", stage=stage)
        inside = {row["ORGCODEPROVIDER"] for row in of(published, "91A", stage)["Header"]}
        for code in ("RZ1", "RZ2", "RZ3"):
            holds = extracts_holding(organisation(code)).filter(id=extract.id).exists()
            assert holds == (code in inside), (code, stage)


def test_days_are_londons_and_the_last_one_counts(taken: dict[str, Download]) -> None:
    night = datetime(2026, 6, 30, 22, 59, tzinfo=UTC)
    Download.objects.filter(id=taken["91A P"].id).update(at=night)
    first, last = date(2026, 6, 30), date(2026, 7, 1)
    assert names(taken, "RZ1", first_day=first, last_day=first) == {"91A P"}
    assert names(taken, "RZ1", first_day=last, last_day=last) == set()
    Download.objects.filter(id=taken["91A P"].id).update(at=night.replace(hour=23))
    assert names(taken, "RZ1", first_day=first, last_day=first) == set()


# -- the page ---------------------------------------------------------------------------------


def page(user: User, code: str, **asked: str) -> str:
    answer = visit(user).get(f"/organisation/{code}/audit/", asked)
    assert answer.status_code == 200, code
    return answer.content.decode()


def test_a_provider_sees_its_own_people_by_name_and_of_others_the_organisation(
    taken: dict[str, Download], alice: User, dora: User
) -> None:
    told = page(alice, "RZ1")
    assert "IAPT_91A_" in told
    assert "a data user of 91A" in told
    assert "Alice Archer" in told
    assert "Dora" not in told
    assert "dora@" not in told
    assert "IAPT_RZ2_" not in told


def test_another_member_sees_the_same(taken: dict[str, Download], bob: User) -> None:
    assert "a data user of 91A" in page(bob, "RZ1")


def test_a_commissioner_sees_its_own_people(taken: dict[str, Download], dora: User) -> None:
    told = page(dora, "91A")
    assert "Dora Draper" in told
    assert "Alice" not in told
    assert "IAPT_RZ1_" not in told


def test_staff_see_all_names(taken: dict[str, Download], erin: User) -> None:
    told = page(erin, "RZ1")
    assert "Dora Draper (dora@portal.example)" in told
    assert "Alice Archer (alice@portal.example)" in told


def test_deeds_on_its_submissions_are_there_and_no_others(
    taken: dict[str, Download], alice: User
) -> None:
    own = Submission.objects.filter(provider__code="RZ1").first()
    others = Submission.objects.filter(provider__code="RZ2").first()
    assert own is not None
    assert others is not None
    told = page(alice, "RZ1")
    assert "Submission received" in told
    assert "Submission accepted" in told
    assert f"submission {own.reference}" in told
    assert others.reference not in told


def test_what_staff_did_is_said_without_a_name(alice: User, erin: User) -> None:
    audit.record("submission checking", by=erin, organisation=organisation("RZ1"), address="::1")
    assert "HSCIC staff" in page(alice, "RZ1")
    assert "Erin" not in page(alice, "RZ1")
    assert "::1" not in page(alice, "RZ1")
    assert "Erin Ellis" in page(erin, "RZ1")


def test_by_days(taken: dict[str, Download], alice: User) -> None:
    assert "IAPT_91A_" in page(alice, "RZ1", first_day=TODAY, last_day=TODAY)
    told = page(alice, "RZ1", last_day="2026-01-01")
    assert "Nobody has taken anything" in told
    assert "Nothing was done" in told
    assert "There is a problem" in page(alice, "RZ1", first_day="2026-02-30")


def test_anothers_is_not_there(
    taken: dict[str, Download], alice: User, charlie: User, dora: User
) -> None:
    for user, code in ((alice, "RZ2"), (charlie, "RZ1"), (dora, "RZ1"), (alice, "ZZ9")):
        assert visit(user).get(f"/organisation/{code}/audit/").status_code == 404


def test_somebody_of_two_organisations_sees_each_apart(
    taken: dict[str, Download], charlie: User
) -> None:
    """Charlie's supplier works for 91A too; as RZ2's man he is told nothing of Dora."""
    let_in(charlie, organisation("91A"))
    assert "Dora" not in page(charlie, "RZ2")
    assert "Dora Draper" in page(charlie, "91A")


def test_the_home_page_leads_there(alice: User, dora: User) -> None:
    """By the page of the organisation."""
    for user, code in ((alice, "RZ1"), (dora, "91A")):
        client, page = visit(user), f"/organisation/{code}/"
        assert f'href="{page}"' in client.get("/").content.decode()
        assert f'href="{page}audit/"' in client.get(page).content.decode()


# -- the command ------------------------------------------------------------------------------


def said(*words: str) -> str:
    told = StringIO()
    call_command("who_took", *words, stdout=told)
    return told.getvalue()


def rows(code: str) -> list[dict[str, str]]:
    text = said(code, TODAY, TODAY, "--csv")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_command_answers_who_took_what(taken: dict[str, Download], alice: User) -> None:
    seen = Submission.objects.filter(provider__code="RZ1").first()
    assert seen is not None
    findings = f"/submissions/{seen.id}/findings"
    assert visit(alice).get(f"{findings}/", {"records": "shown"}).status_code == 200
    assert visit(alice).get(f"{findings}.csv").status_code == 200
    assert visit(alice).get(f"/submissions/{seen.id}/workbook/").status_code == 200
    found = rows("RZ1")
    assert [(row["What"], row["Person"], row["Organisation"]) for row in found] == [
        ("extract downloaded", "Alice Archer", "RZ1"),
        ("extract downloaded", "Alice Archer", "RZ1"),
        ("extract downloaded", "Dora Draper", "91A"),
        ("extract downloaded", "Dora Draper", "91A"),
        ("findings seen", "Alice Archer", "RZ1"),
        ("findings seen", "Alice Archer", "RZ1"),
        ("report downloaded", "Alice Archer", "RZ1"),
    ]
    extract = taken["91A P"].extract
    assert (found[2]["File"], found[2]["SHA-256"]) == (extract.file_name, extract.sha256)
    assert found[2]["E-mail"] == "dora@portal.example"
    assert [row["File"] for row in found[4:]] == [
        f"findings of submission {seen.reference}",
        f"all findings, as CSV, of submission {seen.reference}",
        f"workbook of submission {seen.reference}",
    ]


def test_command_prints_a_table(taken: dict[str, Download]) -> None:
    told = said("rz2", TODAY, TODAY)
    assert told.splitlines()[0].split()[:2] == ["Moment", "What"]
    assert len(told.splitlines()) == 3
    assert taken["91A P"].extract.sha256 in told


def test_an_extract_rebuilt_into_a_folder_was_taken_too(
    taken: dict[str, Download], published: Run, tmp_path
) -> None:
    call_command("rebuild", published.id, "91A", "P", into=tmp_path, stdout=StringIO())
    assert AuditEvent.objects.filter(what="extract rebuilt").count() == 1
    assert [row["Person"] for row in rows("RZ2") if row["What"] == "extract rebuilt"] == [
        "on the portal's machine"
    ]
    assert not [row for row in rows("RZ3") if row["What"] == "extract rebuilt"]


def test_a_rebuild_that_only_compares_takes_nothing(published: Run) -> None:
    call_command("rebuild", published.id, "91A", "P", stdout=StringIO())
    assert not AuditEvent.objects.filter(what="extract rebuilt").exists()


def test_a_name_that_a_spreadsheet_would_reckon_with_is_inert(
    taken: dict[str, Download], dora: User
) -> None:
    User.objects.filter(id=dora.id).update(first_name="=HYPERLINK(1)", last_name="")
    assert {row["Person"] for row in rows("RZ2")} == {"Charlie Carter", "'=HYPERLINK(1)"}


def test_command_says_when_nobody_did(everybody: dict[str, User]) -> None:
    assert "Nobody took anything" in said("RZ1", "2026-01-01", "2026-01-31")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("ZZ9", TODAY, TODAY), "There is no organisation ZZ9"),
        (("RZ1", TODAY, "2020-01-01"), "The last day is before the first"),
        (("RZ1", "yesterday", TODAY), "yesterday is not a day"),
    ],
)
def test_command_refuses_what_it_cannot_answer(
    everybody: dict[str, User], words: tuple[str, ...], why: str
) -> None:
    with pytest.raises(CommandError, match=why):
        said(*words)
