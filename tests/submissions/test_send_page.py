"""The page one sends from, and the handler that takes the file while it arrives."""

import io
import re
import uuid
from datetime import date
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import SkipFile, StopUpload
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from accounts.models import Organisation, User
from iapt_portal.demonstration import let_in
from submissions import calendar, raw_files
from submissions.models import Submission, Window
from submissions.uploading import FIELD, LockingUploadHandler
from tests.pages import same_page, visit
from tests.submissions.rows import Rows, month
from tests.submissions.sending import content, send, send_and_check

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 500


def send_form(client: Client, data: bytes, name: str = "April.zip", **changes: object):
    """Fill in the form as it is shown, and send it."""
    page = client.get("/send/").content.decode()
    once = re.search(r'name="once" value="([^"]+)"', page)
    provider = re.search(
        r'name="provider"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="provider"', page
    )
    fields = {
        "once": once[1] if once else str(uuid.uuid4()),
        "provider": (provider[1] or provider[2]) if provider else "",
        "kind": "P",
        "file": SimpleUploadedFile(name, data),
    } | changes
    return client.post("/send/", {k: v for k, v in fields.items() if v is not None})


def words(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def nothing_is_kept(folder: Path) -> None:
    assert not Submission.objects.exists()
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_good_file(alice: User, window: Window, rows: Rows, tmp_path: Path) -> None:
    data = content(rows)
    answer = send_form(visit(alice), data)
    submission = Submission.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/submissions/{submission.id}/")
    assert submission.sent_by == alice
    assert raw_files.open_raw(submission, tmp_path).read_bytes() == data
    assert list((tmp_path / "receiving").iterdir()) == []


def test_pages_own_script_is_told_where_to_go_on(alice: User, window: Window, rows: Rows) -> None:
    client = visit(alice)
    client.defaults["HTTP_X_REQUESTED_WITH"] = "XMLHttpRequest"
    answer = send_form(client, content(rows))
    assert answer.status_code == 201
    assert answer["X-Continue-At"] == f"/submissions/{Submission.objects.get().id}/"


def test_same_form_twice_leads_to_the_same_receipt(alice: User, window: Window, rows: Rows) -> None:
    once = str(uuid.uuid4())
    answers = [send_form(visit(alice), content(rows), once=once) for _ in range(2)]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert Submission.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("April.mdb", PNG, "PNG picture"),
        ("April.mdb", b"", "The file is empty"),
        ("April.zip", b"%PDF-1.4" + b"x" * 100, "PDF"),
        ("April.csv", b"LPTID,NHSNumber\r\n1,2\r\n", "zip"),
    ],
)
def test_refused_at_the_door(
    alice: User, window: Window, tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    answer = send_form(visit(alice), data, name)
    assert answer.status_code == 422
    assert said in words(answer)
    assert "Nothing was kept" in words(answer)
    nothing_is_kept(tmp_path)


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "Q"), ("kind", None), ("provider", "0"), ("once", "mine"), ("file", None)],
)
def test_form_that_is_not_filled_in(
    alice: User, window: Window, rows: Rows, tmp_path: Path, field: str, value: str | None
) -> None:
    answer = send_form(visit(alice), content(rows), **{field: value})
    assert answer.status_code == 422
    assert "There is a problem" in words(answer)
    nothing_is_kept(tmp_path)


def test_not_a_member_of_that_provider(
    alice: User, window: Window, period: date, tmp_path: Path
) -> None:
    other = Organisation.objects.get(code="RZ2")
    answer = send_form(visit(alice), content(month(period, "RZ2")), provider=str(other.id))
    assert answer.status_code == 422
    nothing_is_kept(tmp_path)


def test_too_large_by_its_own_word(
    alice: User, window: Window, tmp_path: Path, settings: Settings
) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    answer = send_form(visit(alice), b"PK\3\4" + b"x" * 200_000)
    assert answer.status_code == 413
    assert "larger than" in words(answer)
    nothing_is_kept(tmp_path)


def test_too_large_while_it_arrives(
    alice: User, window: Window, tmp_path: Path, settings: Settings
) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    answer = send_form(visit(alice), b"PK\3\4" + b"x" * 2000)
    assert answer.status_code == 422
    assert "larger than" in words(answer)
    nothing_is_kept(tmp_path)


def test_closed_window(alice: User, erin: User, window: Window, rows: Rows, tmp_path: Path) -> None:
    client = visit(alice)
    upcoming = Window.objects.upcoming().get()
    calendar.close(window=window, by=erin)
    answer = send_form(client, content(rows))
    assert answer.status_code == 422
    assert f"{upcoming.opens_at:%-d %B %Y}" in words(answer)
    nothing_is_kept(tmp_path)


def test_without_the_forms_token(alice: User, window: Window, rows: Rows, tmp_path: Path) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert send_form(client, content(rows)).status_code == 403
    nothing_is_kept(tmp_path)


def test_several_providers_to_choose_from(
    alice: User, window: Window, rows: Rows, period: date
) -> None:
    other = Organisation.objects.get(code="RZ2")
    let_in(alice, other)
    send_form(visit(alice), content(month(period, "RZ2")), provider=str(other.id))
    assert Submission.objects.get().provider == other


def beginning(name: str = "April.zip") -> LockingUploadHandler:
    handler = LockingUploadHandler()
    handler.new_file(FIELD, name, "application/zip", None)
    return handler


def test_stopped_at_the_chunk_that_is_too_much(tmp_path: Path, settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 150_000
    handler = beginning()
    handler.receive_data_chunk(b"PK\3\4" + b"x" * 100_000, 0)
    with pytest.raises(StopUpload) as stop:
        handler.receive_data_chunk(b"x" * 60_000, 100_004)
    assert stop.value.connection_reset
    assert list((tmp_path / "receiving").iterdir()) == []


def test_nothing_unlocked_while_it_arrives(tmp_path: Path) -> None:
    handler = beginning()
    handler.receive_data_chunk(b"PK\3\4" + b"PATIENT" * 50_000, 0)
    lying = b"".join(path.read_bytes() for path in (tmp_path / "receiving").iterdir())
    assert b"PATIENT" not in lying
    handler.upload_interrupted()
    assert list((tmp_path / "receiving").iterdir()) == []


def test_line_breaks_in_the_middle(alice: User, window: Window, tmp_path: Path) -> None:
    """The body ends before its announced length: nothing of it stays."""
    client = visit(alice)
    fields = b"".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in {
            "once": str(uuid.uuid4()),
            "provider": str(alice.providers.get().id),
            "kind": "P",
        }.items()
    )
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.zip"\r\n\r\n'
    body = fields + head + b"PK\3\4" + b"x" * 70_000
    answer = client.generic(
        "POST",
        "/send/",
        body,
        "multipart/form-data; boundary=b",
        **{"CONTENT_LENGTH": str(len(body) + 50_000), "wsgi.input": io.BytesIO(body)},
    )
    assert answer.status_code in {400, 422}
    nothing_is_kept(tmp_path)


def test_only_the_field_of_the_form_is_taken() -> None:
    with pytest.raises(SkipFile):
        LockingUploadHandler().new_file("other", "a.zip", "application/zip", None)


def test_submission_is_seen_by_its_provider_and_staff(
    alice: User, bob: User, charlie: User, dora: User, erin: User, window: Window, rows: Rows
) -> None:
    submission = send_and_check(alice, window, rows)
    for place in (f"/submissions/{submission.id}/", f"/submissions/{submission.id}/status/"):
        for user in (alice, bob, erin):
            assert visit(user).get(place).status_code == 200
        for user in (charlie, dora):
            client = visit(user)
            answer = client.get(place)
            assert answer.status_code == 404
            assert same_page(answer, client.get("/submissions/999999/"))


def test_page_says_the_verdict_and_what_to_do(alice: User, window: Window, rows: Rows) -> None:
    rows["Appointment"][3]["PHQ9_Score"] = "99"
    rows["Person"][0]["LPTID"] = ""
    submission = send_and_check(alice, window, rows)
    said = words(visit(alice).get(f"/submissions/{submission.id}/"))
    for part in ("accepted with findings", "A20", "PHQ9_Score", "To mend first", "P01", "stands"):
        assert part in said, part
    assert submission.sha256 in said


def test_withdraw_by_the_page(alice: User, charlie: User, window: Window, rows: Rows) -> None:
    first, second = (send_and_check(alice, window, rows) for _ in range(2))
    place = f"/submissions/{second.id}/withdraw/"
    assert visit(charlie).post(place).status_code == 404
    assert visit(alice).get(place)["Location"] == f"/submissions/{second.id}/"
    answer = visit(alice).post(place, follow=True)
    assert "The one before it stands again" in words(answer)
    assert first.stands


def test_progress_goes_on_until_the_answer(alice: User, window: Window, rows: Rows) -> None:
    submission = send(alice, window, rows)
    place = f"/submissions/{submission.id}/status/"
    assert "HX-Refresh" not in visit(alice).get(place).headers
    send_and_check(alice, window, rows)
    Submission.objects.filter(id=submission.id).update(status="REJECTED")
    assert visit(alice).get(place)["HX-Refresh"] == "true"


def test_a_stream_that_ends_is_still_closed(tmp_path: Path) -> None:
    """Many small chunks make the same file as one."""
    handler = beginning()
    whole = b"PK\3\4" + bytes(range(256)) * 500
    source = io.BytesIO(whole)
    while chunk := source.read(777):
        handler.receive_data_chunk(chunk, 0)
    file = handler.file_complete(len(whole))
    assert file is not None
    assert (file.size, Path(file.temporary_file_path()).exists()) == (len(whole), True)
    file.discard()
