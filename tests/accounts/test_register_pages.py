"""The staff's page of the register of organisations."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import register
from accounts.models import RegisterEntry, RegisterLoad, User
from tests.accounts.lists import file, line
from tests.pages import visit


def post(user: User, content: bytes, kind: str = "etr") -> tuple[Client, HttpResponse]:
    client = visit(user)
    sent = {"kind": kind, "file": SimpleUploadedFile("etr.csv", content)}
    return client, client.post(reverse("register"), {k: v for k, v in sent.items() if v})


def words(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_it_says_what_is_loaded(erin: User) -> None:
    said = words(visit(erin).get(reverse("register")))
    assert "NHS trusts etr 4" in said
    assert "GP practices epraccur 31" in said
    assert "by a command" in said
    assert "They are not asked before" not in said
    RegisterLoad.objects.filter(kind="eccg").delete()
    assert "They are not asked before" in words(visit(erin).get(reverse("register")))


def test_a_list_is_loaded_and_the_next_page_says_what_came_of_it(erin: User) -> None:
    client, answer = post(erin, file([line("RZ1"), line("RZ9")]))
    assert (answer.status_code, answer["Location"]) == (302, reverse("register"))
    said = words(client.get(reverse("register")))
    assert "1 new, 1 changed, 0 as before, 3 not in the file" in said
    assert "by Erin Ellis" in said
    assert "RZ0, RZ2, RZ3" in said
    assert RegisterEntry.objects.filter(code="RZ2").exists()


def test_what_is_refused_is_said_at_the_field(erin: User) -> None:
    _, answer = post(erin, b"Organisation Code,Name\r\nRZ9,x\r\n")
    assert answer.status_code == 422
    said = words(answer)
    assert "line 1 has 2 columns" in said
    assert 'href="#id_file"' in answer.content.decode()


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"", "etr", "The file is empty"),
        (b"x", "", "Choose which list it is"),
        (b"x", "egpcur", "Select a valid choice"),
    ],
)
def test_what_is_filled_in_wrong(erin: User, content: bytes, kind: str, said: str) -> None:
    before = RegisterLoad.objects.count()
    _, answer = post(erin, content, kind)
    assert answer.status_code == 422
    assert said in words(answer)
    assert RegisterLoad.objects.count() == before


def test_a_file_that_is_too_large(erin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "LARGEST_FILE", 1_000_000)
    _, answer = post(erin, file([line("RZ9")]) * 9000)
    assert answer.status_code == 422
    assert "larger than 1 MB" in words(answer)


def test_it_is_staffs_alone(alice: User, dora: User) -> None:
    for user in (alice, dora):
        assert post(user, file([line("RZ9")]))[1].status_code == 404
    assert post(None, b"x")[1].status_code == 302
    assert not RegisterEntry.objects.filter(code="RZ9").exists()
