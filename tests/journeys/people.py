"""A person at a browser: what the journeys let people do and see."""

import base64
import hmac
import re
import struct
import time
from dataclasses import dataclass, field
from pathlib import Path

from django.core.cache import cache
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect

from accounts.models import User
from iapt_portal.demonstration import PASSWORD, totp_secret
from submissions.models import Submission
from tests.conftest import Portal, wait_until

# Checking takes a second; the machine may be busy with other things.
PATIENCE_SECONDS = 60
# The browser says so of every page that is answered with it, which is not a fault by itself.
EXPECTED_STATUS = re.compile(r"Failed to load resource.* status of (404|413|422|429)")


def code_of_now(secret: str) -> str:
    """The six digits that an authenticator app shows (RFC 6238), with time left to type them."""
    wait_until(lambda: time.time() % 30 < 26, 10, "a new code is shown")
    step = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(base64.b32decode(secret), step, "sha1")
    at = digest[-1] & 15
    number = struct.unpack_from(">I", digest, at)[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


@dataclass
class Person:
    """Somebody with a browser of their own. `complaints` is what the browser found fault with."""

    name: str
    page: Page
    portal: Portal
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_SECONDS * 1000)
        self.page.on("console", self._hears)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("response", self._gets)

    def _hears(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not EXPECTED_STATUS.match(message.text):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _gets(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status} at {response.url}")

    @property
    def user(self) -> User:
        return User.objects.get(email=f"{self.name.lower()}@portal.example")

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    @property
    def text(self) -> str:
        """What the page says, in one line."""
        return " ".join(self.main.inner_text().split())

    def goes_to(self, address: str) -> int:
        """The status of the answer."""
        there = f"{self.portal.address}{address}"
        # A page that refreshes itself at that very moment takes the answer away.
        answer = self.page.goto(there) or self.page.goto(there)
        assert answer is not None
        return answer.status

    def presses(self, words: str) -> None:
        self.main.get_by_role("button", name=words).click()

    def opens(self, words: str) -> None:
        """What is folded behind those words."""
        self.main.locator("summary").get_by_text(words).click()

    def follows(self, words: str) -> None:
        self.page.get_by_role("link", name=words).first.click()

    def sees(self, *words: str) -> None:
        for each in words:
            expect(self.main).to_contain_text(each, timeout=PATIENCE_SECONDS * 1000)

    def types_password(self, password: str = PASSWORD) -> None:
        self.goes_to("/account/sign-in/")
        self.page.get_by_label("Email address").fill(self.user.email)
        self.page.get_by_label("Password", exact=True).fill(password)
        with self.page.expect_navigation():
            self.presses("Sign in")

    def confirms(self) -> None:
        """Says once more who they are, as is asked before the account's protection is changed."""
        self.page.get_by_label("Your password", exact=True).fill(PASSWORD)
        self.presses("Confirm")

    def signs_in(self) -> "Person":
        """With the password, and whoever has an authenticator app with its code."""
        self.types_password()
        if secret := totp_secret(self.user):
            self.page.get_by_label("Code").fill(code_of_now(secret))
            self.presses("Sign in")
        self.page.wait_for_url(f"{self.portal.address}/")
        return self

    def chooses(self, kind: str, file: Path) -> None:
        """On the page to send: kind and file, not yet sent."""
        self.goes_to("/send/")
        self.page.get_by_label(re.compile(f"^{kind}")).check()
        self.page.locator("input[type=file]").set_input_files(file)

    def sends(self, kind: str, file: Path) -> Submission:
        """Sends a file and comes to its receipt."""
        self.chooses(kind, file)
        self.presses("Send the file")
        self.page.wait_for_url(re.compile(r"/submissions/\d+/$"))
        return Submission.objects.get(id=int(self.page.url.split("/")[-2]))

    def checks(self, file: Path) -> None:
        """Has a file checked without sending it, and comes to its page."""
        self.goes_to("/check/")
        self.page.locator("input[type=file]").set_input_files(file)
        self.presses("Check the file")
        self.page.wait_for_url(re.compile(r"/check/\d+/$"))

    def has_a_copy_made(self, submission: Submission) -> None:
        """Of the rows with findings; until it can be downloaded."""
        self.goes_to(f"/submissions/{submission.id}/")
        self.follows("Annotated copy")
        self.presses("Make the annotated copy")
        self.sees("Download the annotated copy")

    def downloads(self, words: str) -> bytes:
        """What comes with the link of those words."""
        with self.page.expect_download() as coming:
            self.follows(words)
        return Path(coming.value.path()).read_bytes()

    def is_refused(self, kind: str, file: Path) -> str:
        """Sends a file that is not taken; the words of the refusal."""
        self.chooses(kind, file)
        self.presses("Send the file")
        summary = self.page.locator(".nhsuk-error-summary")
        summary.wait_for()
        assert self.page.title().startswith("Error: ")
        return summary.inner_text()

    def waits_for_the_result(self, submission: Submission) -> str:
        """The verdict's words, once the page of the submission says that it is there."""
        self.goes_to(f"/submissions/{submission.id}/")
        verdict = self.main.locator(".nhsuk-lede-text")
        expect(verdict).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
        return verdict.inner_text()

    def rows_by_table(self) -> dict[str, list[int]]:
        """Received, standing and rejected of each table, as the page of a submission says."""
        rows = self.main.get_by_role("table", name="Rows by table").locator("tbody tr")
        said = [re.split(r"\s+", row.strip()) for row in rows.all_inner_texts()]
        return {table: [int(number) for number in numbers] for table, *numbers in said}

    def findings(self) -> dict[str, str]:
        """What the page of a submission says of each rule that was broken."""
        rows = self.main.get_by_role("table", name="What was found").locator("tbody tr")
        said = [" ".join(text.split()) for text in rows.all_inner_texts()]
        return {text.split()[0]: text.partition(" places where ")[0] for text in said}

    def places(self, submission: Submission, rule: str) -> str:
        """Where a rule was broken, as the page to work through says."""
        self.goes_to(f"/submissions/{submission.id}/findings/?rule={rule}")
        return self.text


@dataclass
class People:
    """Opens a browser window for each person of a journey; at its end nobody has a complaint."""

    browser: Browser
    portal: Portal
    met: list[Person] = field(default_factory=list)

    def person(self, name: str, **manner: object) -> Person:
        """`manner` is Playwright's: without JavaScript, on a small screen."""
        window = self.browser.new_context(locale="en-GB", **manner)  # type: ignore[arg-type]
        person = Person(name, window.new_page(), self.portal)
        self.met.append(person)
        return person

    def signed_in(self, name: str, **manner: object) -> Person:
        return self.person(name, **manner).signs_in()

    def leave(self) -> None:
        for person in self.met:
            person.page.context.close()

    def complaints(self) -> list[str]:
        return [words for person in self.met for words in person.complaints]


def forget_yesterday() -> None:
    """Codes that were used and sign-ins that were counted belong to another journey."""
    cache.clear()
