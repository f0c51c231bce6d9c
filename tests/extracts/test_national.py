"""The national extract: all rows, no identifier, joining with nothing, and for staff alone."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError

from accounts.models import AuditEvent, Organisation, User
from extracts import publishing, purging
from extracts.holding import downloads_holding
from extracts.models import NATIONAL, Download, Extract, Run
from iapt_portal.demonstration import PASSWORD
from submissions.models import PersonRecord, ReferralRecord, Submission, Window
from tests.extracts.reading import content, manifest, members, of, tables
from tests.pages import confirmed, same_page, visit
from tests.submissions.rows import Rows, month

PSEUDONYMS = ("IAPT_PERSON_ID", "PSEUDONUMBER", "IC_PATHWAY_ID", "IC_SERVICEID")


@pytest.fixture
def published(run: Run, window: Window, erin: User) -> Run:
    publishing.publish(window=window, by=erin)
    return run


def national(run: Run, stage: str = "P") -> Extract:
    return run.extracts.national().get(stage=stage)


def without_numbers(rows: list[dict[str, str]]) -> list[tuple[str, ...]]:
    """What rows say apart from what is a recipient's own: numbers, pseudonyms, local keys."""
    own = {*PSEUDONYMS, "HEADER_ID", "IAPT_RECORD_NUMBER", "REFERRAL_ID", "APPOINTMENT_ID"}
    own |= {"DISABILITY_ID", "BSP_UNIQUE_ID", "LPTID", "SERVICEID"}
    return [tuple(text for name, text in row.items() if name not in own) for row in rows]


def test_it_has_every_row_of_every_provider(run: Run) -> None:
    england, providers = of(run, NATIONAL), [of(run, code) for code in ("RZ1", "RZ2")]
    for table, rows in england.items():
        theirs = [row for one in providers for row in one[table]]
        assert sorted(without_numbers(rows)) == sorted(without_numbers(theirs)), table
    assert [row["ORGCODEPROVIDER"] for row in england["Header"]] == ["RZ1", "RZ2"]
    assert "92A" in {row["ORGCODECOMM"] for row in england["Referral"]}, "who has no account too"


def test_it_is_named_and_described(run: Run) -> None:
    extract = national(run)
    assert extract.file_name == f"IAPT_ENGLAND_{extract.period:%Y-%m}_P_post.zip"
    told = manifest(content(extract))
    assert told["recipient"] == "ENGLAND"
    assert told["submissions"] == 2, "how many, and no receipt number"
    assert told["rebuild"] == f"./portal manage rebuild {run.id} ENGLAND P"
    assert extract.figures["received"] > 0


def identifiers(sent: list[Rows]) -> set[str]:
    names = ("NHSNumber", "LPTID", "ServiceID", "BirthDate", "Postcode")
    rows = [row for rows in sent for table in rows.values() for row in table]
    return {row[name] for row in rows for name in names if row.get(name)}


def test_no_cell_tells_who_anybody_is(run: Run, rows: Rows, window: Window) -> None:
    sent = [rows, month(window.primary_period, "RZ2", persons=5)]
    keys = {str(key) for key in PersonRecord.objects.values_list("person", flat=True)}
    keys |= {str(key) for key in PersonRecord.objects.values_list("local", flat=True)}
    keys |= {str(key) for key in ReferralRecord.objects.values_list("service", flat=True)}
    receipts = {one.reference for one in Submission.objects.all()}
    forbidden = identifiers(sent) | keys | {key.replace("-", "") for key in keys}
    england = of(run, NATIONAL)
    cells = {cell for table in england.values() for row in table for cell in row.values()}
    assert len(identifiers(sent)) > 20
    assert not cells & forbidden
    whole = b"".join(members(content(national(run))).values()).decode()
    assert [text for text in forbidden if text in whole] == []
    assert [text for text in receipts if f'"{text}"' in whole] == []
    assert not {"LPTID", "SERVICEID"} & set(england["Appointment"][0])


def pseudonyms(run: Run, code: str) -> set[str]:
    rows = [row for table in of(run, code).values() for row in table]
    return {row[name] for row in rows for name in PSEUDONYMS if row.get(name)}


def test_it_joins_with_no_other_extract(run: Run) -> None:
    ours = pseudonyms(run, NATIONAL)
    assert len(ours) > 30
    for code in ("RZ1", "RZ2", "91A"):
        assert not ours & pseudonyms(run, code), code


def test_one_person_at_two_providers_is_one_person(run: Run) -> None:
    """The months of `rows` have the same NHS numbers at both; their pathways stay apart."""
    england = of(run, NATIONAL)
    at = {
        code: {row["IAPT_PERSON_ID"] for row in england["Person"] if row["ORGCODEPROVIDER"] == code}
        for code in ("RZ1", "RZ2")
    }
    assert len(at["RZ1"] & at["RZ2"]) == 4
    pathways = {
        code: {
            row["IC_PATHWAY_ID"] for row in england["Referral"] if row["ORGCODEPROVIDER"] == code
        }
        for code in ("RZ1", "RZ2")
    }
    assert not pathways["RZ1"] & pathways["RZ2"]


def test_pseudonyms_stay_from_month_to_month(run: Run) -> None:
    now, before = (of(run, NATIONAL, stage)["Person"] for stage in ("P", "R"))
    assert {row["IAPT_PERSON_ID"] for row in before} <= {row["IAPT_PERSON_ID"] for row in now}


def test_one_of_a_run_and_stage(run: Run) -> None:
    extract = national(run)
    extract.pk = None
    with pytest.raises(IntegrityError, match="one_extract_each"):
        extract.save()


# -- who may take it --------------------------------------------------------------------------


def address(run: Run) -> str:
    return f"/downloads/national/{national(run).id}/"


def test_staff_take_it_once_they_have_said_who_they_are(published: Run, erin: User) -> None:
    client = visit(erin)
    sent_away = client.post(address(published))
    assert sent_away["Location"].startswith("/account/confirm/")
    assert not Download.objects.exists()
    answer = client.post(sent_away["Location"], {"password": PASSWORD}, follow=True)
    assert answer.content == content(national(published))
    assert national(published).file_name in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store"
    taken = Download.objects.get()
    assert (taken.by, taken.extract) == (erin, national(published))
    event = AuditEvent.objects.get(what="extract downloaded")
    assert (event.by, event.organisation) == (erin, None)
    assert event.facts["file"] == national(published).file_name


@pytest.mark.parametrize("person", ["alice", "charlie", "dora"])
def test_nobody_else_gets_it(published: Run, request: pytest.FixtureRequest, person: str) -> None:
    client = confirmed(request.getfixturevalue(person))
    nothing = client.get("/downloads/999999/")
    assert same_page(client.post(address(published)), nothing)
    assert same_page(client.get("/downloads/national/"), nothing)
    assert same_page(client.get(f"/downloads/{national(published).id}/"), nothing)
    assert NATIONAL not in client.get("/downloads/").content.decode()
    assert not Download.objects.exists()


def test_not_by_the_address_of_other_extracts_nor_others_by_its_own(
    published: Run, erin: User
) -> None:
    client = confirmed(erin)
    assert client.get(f"/downloads/{national(published).id}/").status_code == 404
    for code in ("RZ1", "91A"):
        other = published.extracts.get(recipient__code=code, stage="P")
        assert client.post(f"/downloads/national/{other.id}/").status_code == 404
    assert not Download.objects.exists()


def test_before_publishing_it_is_not_there(run: Run, erin: User) -> None:
    client = confirmed(erin)
    assert client.post(address(run)).status_code == 404
    assert "None is published yet" in client.get("/downloads/national/").content.decode()


def test_pages_of_staff_list_it(published: Run, erin: User, window: Window) -> None:
    for page in ("/downloads/national/", f"/windows/{window.id}/"):
        told = visit(erin).get(page).content.decode()
        for stage in ("P", "R"):
            assert told.count(national(published, stage).file_name) == 2, page
    assert "/downloads/national/" in visit(erin).get("/desk/").content.decode()


def test_providers_see_that_staff_took_it(published: Run, erin: User, alice: User) -> None:
    confirmed(erin).post(address(published))
    for code in ("RZ1", "RZ2"):
        assert downloads_holding(Organisation.objects.get(code=code)).count() == 1
    assert downloads_holding(Organisation.objects.get(code="RZ3")).count() == 0
    told = visit(alice).get("/organisation/RZ1/audit/").content.decode()
    assert national(published).file_name in told
    assert "HSCIC staff" in told
    assert "Erin" not in told


# -- afterwards -------------------------------------------------------------------------------


def test_it_stays_when_local_identifiers_are_purged(published: Run, window: Window) -> None:
    purging.purge(window.primary_period)
    purging.remove_files()
    extract = national(published)
    assert extract.purged_at is None
    said = StringIO()
    call_command("rebuild", published.id, NATIONAL, "P", stdout=said)
    assert "equal, byte for byte" in said.getvalue()
    assert tables(content(extract))["Person"]
