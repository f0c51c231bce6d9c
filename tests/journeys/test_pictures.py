"""The pictures of the guidance, taken of the portal itself.

`PICTURES=1 ./portal test tests/journeys/test_pictures.py` writes them anew; otherwise they are
only looked at: each is there, and of the size that the pages show today.
"""

import os
import re
import struct
from pathlib import Path

from playwright.sync_api import Locator

from tests.conftest import ROOT
from tests.journeys.files import mixed
from tests.journeys.people import Person

FOLDER = ROOT / "iapt_portal/static/guidance"
WIDE = {"width": 1100, "height": 900}
TALLEST = 1000
# Words above and below may wrap one line more or less on another day.
TOLERANCE = 1.25


def size(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG."""
    return struct.unpack(">II", picture[16:24])


def shows(person: Person, name: str, what: Locator) -> None:
    box = what.bounding_box()
    assert box is not None
    seen = box | {"height": min(box["height"], TALLEST)}
    picture = person.page.screenshot(full_page=True, clip=seen)  # type: ignore[arg-type]
    path = FOLDER / f"{name}.png"
    if os.environ.get("PICTURES"):
        FOLDER.mkdir(exist_ok=True)
        path.write_bytes(picture)
    for now, kept in zip(size(picture), size(path.read_bytes()), strict=True):
        assert now / TOLERANCE <= kept <= now * TOLERANCE, f"{name}: PICTURES=1 makes it anew"


def test_pictures_of_the_guidance(people, make, window):
    """Given a visitor who reads the calendar and Alice who sends a file with some faults, the
    pictures of the guidance show what they see."""
    visitor = people.person("Visitor", viewport=WIDE)
    visitor.goes_to("/windows/year/2013/")
    shows(visitor, "windows", visitor.page.locator(".portal-drawing"))
    alice = people.signed_in("Alice", viewport=WIDE)
    alice.chooses("Primary", make.zip("IAPT_RZ1.zip", mixed(make.rows())))
    shows(alice, "send", alice.main)
    alice.presses("Send the file")
    alice.page.wait_for_url(re.compile(r"/submissions/\d+/$"))
    alice.page.locator("main .nhsuk-lede-text").wait_for()
    shows(alice, "result", alice.main)


def test_every_picture_that_a_page_names_is_there_and_no_other() -> None:
    pages = Path(ROOT / "templates/guidance").glob("*.html")
    named = {
        name for page in pages for name in re.findall(r"guidance/(\w+)\.png", page.read_text())
    }
    assert named == {path.stem for path in FOLDER.glob("*.png")}
