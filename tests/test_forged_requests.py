"""Requests that no page of ours made, and addresses written so as to slip through."""

import re
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from accounts import permissions
from accounts.models import User
from extracts.models import Run
from iapt_portal.demonstration import PASSWORD
from submissions.models import Window
from tests import test_house
from tests.accounts.signing import SIGN_IN, is_in
from tests.pages import same_page, visit

pytestmark = pytest.mark.usefixtures("nothing_counted")

published = test_house.published
# Written by looking: sessions, who looked at what, and what was downloaded.

BY_LOOKING = {"django_session", "accounts_auditevent", "extracts_download"}
TAKES_A_FILE = ("send", "check")


def everything(but: set[str] | None = None) -> dict[str, list[Any]]:
    """Every row of every table that the models know, but sessions."""
    leave_out = {"django_session"} | (but or set())
    return {
        model._meta.db_table: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.db_table not in leave_out
    }


def checked(user: User | None) -> Client:
    """A browser whose forms are asked for their token."""
    client = visit(user)
    client.handler.enforce_csrf_checks = True
    return client


def token_of(client: Client) -> str:
    page = client.get("/help/" if "session" in client.cookies else SIGN_IN).content.decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    return found[1]


# -- forms ------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("person", ["nobody", "Alice", "Erin"])
def test_nothing_is_taken_without_the_forms_own_token(
    published: Run, everybody: dict[str, User], person: str
) -> None:
    user = everybody.get(person)
    client, thief = checked(user), checked(everybody["Charlie"])
    token_of(client)  # the browser has its cookie
    forged: list[dict[str, Any]] = [
        {},
        {"data": {"csrfmiddlewaretoken": token_of(thief)}},
        {"headers": {"x-csrftoken": token_of(thief)}},
    ]
    before = everything()
    for name in permissions.TABLE:
        for sent in forged:
            answer = client.post(test_house.place(name, published), **sent)
            # What takes a file asks for the token once the file is let in: below.
            assert answer.status_code == 403 or name in TAKES_A_FILE, (name, sent)
    assert everything() == before


@pytest.mark.parametrize("name", TAKES_A_FILE)
def test_no_file_is_taken_without_the_forms_own_token(
    window: Window, alice: User, charlie: User, name: str
) -> None:
    client, tokens = checked(alice), ["", token_of(checked(charlie))]
    before = everything()
    for token in tokens:
        file = SimpleUploadedFile("month.zip", b"PK rows")
        form = {"kind": "P", "provider": alice.providers.get().id, "file": file}
        answer = client.post(f"/{name}/", form | {"csrfmiddlewaretoken": token})
        assert answer.status_code == 403
    assert everything() == before


def test_the_forms_own_token_is_taken(alice: User) -> None:
    client = checked(alice)
    sent = {"csrfmiddlewaretoken": token_of(client)}
    assert client.post("/account/session/", sent).status_code == 204


def test_nobody_is_signed_in_as_somebody_else_unawares(alice: User) -> None:
    client, thief = checked(None), checked(None)
    token_of(client)
    words = {"login": alice.email, "password": PASSWORD, "csrfmiddlewaretoken": token_of(thief)}
    assert client.post(SIGN_IN, words).status_code == 403
    assert not is_in(client)


@pytest.mark.parametrize("person", ["Alice", "Dora", "Erin"])
def test_looking_changes_nothing(published: Run, everybody: dict[str, User], person: str) -> None:
    client, before = visit(everybody[person]), everything(BY_LOOKING)
    for name in permissions.TABLE:
        address = test_house.place(name, published)
        if name != "account_logout":
            client.get(address)
            client.get(f"{address}?_method=POST", headers={"x-http-method-override": "POST"})
            client.head(address)
    assert everything(BY_LOOKING) == before


# -- addresses --------------------------------------------------------------------------------


def raw(client: Client, path: str, method: str = "GET", **more: Any) -> HttpResponse:
    """As the server hands a path on, whatever is in it."""
    answer: Any = client.generic(method, "/", PATH_INFO=path.encode().decode("latin-1"), **more)
    return answer


def spellings(path: str) -> set[str]:
    """Other ways to write an address, decoded and not."""
    bare = path.rstrip("/")
    return {
        *(f"/{path}", path.replace("/", "//"), path.replace("/", "\\"), f"/.{path}"),
        *(f"/%2e{path}", f"/x/..{path}", f"/help/..{path}", f"/help/%2e%2e{path}", f"/help{path}"),
        *(f"{bare}.", f"{bare}./", f"{bare};", f"{bare};/", f"{bare};x=1/", f"{bare}%2f", bare),
        *(f"{path}.", f"{path};", f"{path}..", f"{path}%00", f"{path}\x00", f"{bare}.html"),
        *(f"{path} ", f"{path}%20", f"{path}\n", f" {path}", f"{bare}?/", f"{bare}#/"),
        *(path.upper(), path.title(), path.replace("s", "\u017f"), path.replace("k", "\u212a")),
    } - {path}


@pytest.mark.long
@pytest.mark.parametrize("person", ["nobody", "Charlie"])
def test_spelling_an_address_otherwise_opens_nothing(
    published: Run, everybody: dict[str, User], person: str
) -> None:
    user = everybody.get(person)
    client = visit(user)
    nowhere = client.get("/nowhere/")
    asked = 0
    # Each address in a third of the spellings, in turns.
    for turn, (name, row) in enumerate(permissions.TABLE.items()):
        is_theirs = permissions.may(user, name) if user else row.who in permissions.PUBLIC
        if is_theirs and name not in test_house.OF_ALICE:
            continue
        path = test_house.place(name, published)
        if path == "/":
            continue
        for spelling in sorted(spellings(path))[turn % 3 :: 3]:
            answer = raw(client, spelling)
            asked += 1
            if answer.status_code in {301, 302}:
                # To the plain address, or to sign in: both ask again.
                assert answer["Location"] == path or answer["Location"].startswith(SIGN_IN)
            else:
                assert answer.status_code == 404, (spelling, answer.status_code)
                assert same_page(answer, nowhere), spelling
    assert asked > 500


@pytest.mark.parametrize("person", ["nobody", "Alice", "Charlie", "Dora", "Erin"])
def test_head_is_decided_like_get(published: Run, everybody: dict[str, User], person: str) -> None:
    for name in permissions.TABLE:
        path = test_house.place(name, published)
        got, head = (raw(visit(everybody.get(person)), path, method) for method in ("GET", "HEAD"))
        assert head.status_code in {got.status_code, 405}, name
        assert not head.content
        if head.status_code != 405:
            assert head.get("Location") == got.get("Location"), name


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_do_nothing(published: Run, everybody: dict[str, User], method: str) -> None:
    client, before = checked(everybody["Erin"]), everything(BY_LOOKING)
    for name in permissions.TABLE:
        answer = raw(client, test_house.place(name, published), method)
        assert answer.status_code < 500, name
    assert everything(BY_LOOKING) == before


def test_part_of_an_extract_is_an_extract(published: Run, everybody: dict[str, User]) -> None:
    path = test_house.place("download", published)
    for person, taken in (("Alice", {200, 206}), ("Charlie", {404}), ("Dora", {404})):
        answer = visit(everybody[person]).get(path, headers={"range": "bytes=0-9"})
        assert answer.status_code in taken, person


# -- elsewhere --------------------------------------------------------------------------------

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    " https://evil.example",
    "/\t/evil.example/",
    "https://testserver@evil.example/",
    "https://testserver.evil.example/",
]


@pytest.mark.parametrize("there", ELSEWHERE)
def test_nobody_is_led_elsewhere(alice: User, there: str) -> None:
    words = {"login": alice.email, "password": PASSWORD}
    ways = [
        (Client(), SIGN_IN, words),
        (visit(alice), "/account/confirm/", {"password": PASSWORD}),
        (visit(alice), "/account/sign-out/", {}),
    ]
    for client, address, form in ways:
        answers = [
            client.post(address, form | {"next": there}),
            client.post(address, form, query_params={"next": there}),
            client.get(address, query_params={"next": there}),
        ]
        for answer in answers:
            place = answer.get("Location", "/")
            assert re.match(r"/(?![/\\])", place), (address, place)
            assert "evil" not in place.split("?")[0], (address, place)


def test_asking_to_sign_in_leads_back_here(db: None) -> None:
    for path in ("//evil.example/", "//evil.example/../submissions/", "/\\evil.example/"):
        assert raw(Client(), path).status_code == 404, path
    answer = Client().get("/submissions/?next=https://evil.example/")
    assert answer["Location"] == f"{SIGN_IN}?next=/submissions/%3Fnext%3Dhttps%3A//evil.example/"
