"""A signed-in person without a browser: asks for pages, fills in the send form, sends bytes."""

import html
import re
import socket
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from typing import Self
from urllib.parse import urlencode, urlsplit

from django.test import Client

from accounts.doors import SECOND_FACTOR
from accounts.models import User
from iapt_portal.demonstration import PASSWORD
from submissions.models import Submission

HIDDEN = r'name="{name}"[^>]*value="([^"]*)"'
ENTITIES = re.compile(r"<[^>]+>|\s+")


@dataclass(frozen=True)
class Answer:
    """What the portal answered; `words` are the page's, without its tags."""

    status: int
    headers: Mapping[str, str]
    page: str

    @property
    def words(self) -> str:
        return html.unescape(" ".join(ENTITIES.sub(" ", self.page).split()))

    @property
    def receipt(self) -> Submission:
        """The submission whose receipt the answer leads to."""
        assert self.status == 302, f"{self.status}: {self.words[:1500]}"
        found = re.fullmatch(r"/submissions/(\d+)/", self.headers["location"])
        assert found, self.headers["location"]
        return Submission.objects.get(id=int(found[1]))


@dataclass
class Form:
    """The send form as it was shown: its own key, its token, the providers to choose from."""

    fields: dict[str, str]
    boundary: str = field(default_factory=lambda: uuid.uuid4().hex)

    def part(self, head: str, content: bytes) -> bytes:
        head = f"--{self.boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n"
        return head.encode() + content + b"\r\n"

    def body(self, *files: tuple[str, bytes]) -> bytes:
        """The multipart body, the files last, as a browser sends it."""
        parts = [self.part(f'name="{name}"', value.encode()) for name, value in self.fields.items()]
        parts += [self.part(f'name="file"; filename="{name}"', data) for name, data in files]
        return b"".join(parts) + f"--{self.boundary}--\r\n".encode()

    @property
    def content_type(self) -> str:
        return f"multipart/form-data; boundary={self.boundary}"


class Visitor:
    """`user`, signed in at the portal at `address`."""

    def __init__(self, address: str, user: User):
        self.place = urlsplit(address).netloc
        client = Client()
        client.force_login(user)
        session = client.session
        session[SECOND_FACTOR] = user.pk
        session.save()
        self.cookies = {name: morsel.value for name, morsel in client.cookies.items()}

    def headers(self, **more: str) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Host": self.place, "Cookie": cookies} | more

    def ask(
        self, method: str, path: str, body: bytes | None = None, content_type: str = ""
    ) -> Answer:
        connection = HTTPConnection(self.place, timeout=60)
        try:
            more = {"Content-Type": content_type} if content_type else {}
            connection.request(method, path, body, self.headers(**more))
            return self.answer(connection.getresponse())
        finally:
            connection.close()

    def answer(self, response: HTTPResponse) -> Answer:
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, response.read().decode(errors="replace"))

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def press(self, path: str, **fields: str) -> Answer:
        """Press a button: a form without a file. Its token comes from the sign-out page, which
        everybody who is signed in may see."""
        token = re.search(HIDDEN.format(name="csrfmiddlewaretoken"), self.get(SIGN_OUT).page)
        assert token
        body = urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        return self.ask("POST", path, body, "application/x-www-form-urlencoded")

    def says_who(self) -> Self:
        """As is asked before a deed that weighs most; good for five minutes."""
        assert self.press("/account/confirm/", password=PASSWORD).status == 302
        return self

    def form(self, kind: str = "P", provider: str = "") -> Form:
        """Open the send page, choose, and do not send yet. `provider`: its code, where the user
        has several."""
        page = self.get("/send/").page
        fields = {}
        for name in ("csrfmiddlewaretoken", "once"):
            found = re.search(HIDDEN.format(name=name), page)
            assert found, page
            fields[name] = found[1]
        choices = re.findall(r'name="provider"[^>]*value="(\d+)"', page)
        choices += re.findall(r'value="(\d+)"[^>]*name="provider"', page)
        return Form(fields | {"provider": choices[0], "kind": kind})

    def send(
        self, content: bytes, name: str = "sent.zip", kind: str = "P", form: Form | None = None
    ) -> Answer:
        form = form or self.form(kind)
        return self.ask("POST", "/send/", form.body((name, content)), form.content_type)

    def begin(self, form: Form, body: bytes, hold_back: int, length: int | None = None) -> "Held":
        """Begin to send a body and hold back its last bytes. `length` is what is claimed."""
        return Held(self, form, body, hold_back, len(body) if length is None else length)


class Held:
    """An upload in flight: all but the last bytes have gone out."""

    def __init__(self, visitor: Visitor, form: Form, body: bytes, hold_back: int, length: int):
        self.visitor, self.left = visitor, body[len(body) - hold_back :]
        host, _, port = visitor.place.partition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        headers = visitor.headers(
            **{
                "Content-Type": form.content_type,
                "Content-Length": str(length),
                "Connection": "close",
            }
        )
        lines = [f"{name}: {value}" for name, value in headers.items()]
        self.socket.sendall("\r\n".join(["POST /send/ HTTP/1.1", *lines, "", ""]).encode())
        self.socket.sendall(body[: len(body) - hold_back])

    def finish(self) -> Answer:
        self.socket.sendall(self.left)
        return self.answer()

    def end_of_sending(self) -> Answer:
        """Say that nothing more comes, and hear what the portal says to that."""
        self.socket.shutdown(socket.SHUT_WR)
        return self.answer()

    def answer(self) -> Answer:
        with self:
            response = HTTPResponse(self.socket, method="POST")
            response.begin()
            return self.visitor.answer(response)

    def abort(self) -> None:
        """The line goes dead in the middle."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


SIGN_OUT = "/account/sign-out/"
