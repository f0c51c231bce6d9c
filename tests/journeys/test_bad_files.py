"""What must not be taken, and what the sender reads of it."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

from submissions.lifecycle import Status
from submissions.models import Submission
from tests.conftest import wait_until
from tests.journeys.files import Maker, Members
from tests.journeys.people import PATIENCE_SECONDS

# In an Access database of these years the header is veiled by adding a stream to it, so that what
# is added to its blank password becomes the password.
PASSWORD_AT = 0x42
ODD_DAY = "31/02/2013"
SHORT_YEAR = "1/2/13"


def picture(make: Maker) -> Path:
    return make.bytes("month.mdb", b"\x89PNG\r\n\x1a\n" + bytes(2000))


def empty(make: Maker) -> Path:
    return make.bytes("month.mdb", b"")


def letter(make: Maker) -> Path:
    return make.bytes("month.zip", b"%PDF-1.4 " + bytes(2000))


AT_THE_DOOR: dict[Callable[[Maker], Path], tuple[str, ...]] = {
    empty: ("The file is empty", "Nothing was kept", "Choose the file again"),
    picture: ("a PNG picture", "Nothing was kept", "Send the five CSV files in one zip"),
    letter: ("a PDF document", "Nothing was kept", "or an Access database"),
}


def truncated(make: Maker) -> Path:
    whole = make.mdb("whole.mdb", make.rows()).read_bytes()
    return make.bytes("truncated.mdb", whole[: len(whole) * 2 // 3 + 7])


def damaged(make: Maker) -> Path:
    whole = make.mdb("whole.mdb", make.rows()).read_bytes()
    return make.bytes("damaged.mdb", whole[: 4096 * 40] + bytes(4096 * 20) + whole[4096 * 60 :])


def protected(make: Maker) -> Path:
    content = bytearray(make.mdb("whole.mdb", make.rows()).read_bytes())
    for place, byte in enumerate("let me in".encode("utf-16-le"), PASSWORD_AT):
        content[place] ^= byte
    return make.bytes("protected.mdb", bytes(content))


def renamed(make: Maker) -> Path:
    return make.zip("renamed.mdb", make.rows())


def with_paths(make: Maker) -> Path:
    return make.changed(
        "paths.zip", lambda members: members.update({"../../etc/passwd": b"root::0:0"})
    )


def bomb(make: Maker) -> Path:
    """Half a gigabyte in half a megabyte."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("Person.csv", "w") as member,
    ):
        for _ in range(500):
            member.write(bytes(1_000_000))
    return make.bytes("bomb.zip", packed.getvalue())


def without_table(make: Maker) -> Path:
    return make.changed("table.zip", lambda members: members.pop("Disability.csv"))


def without_column(make: Maker) -> Path:
    return make.changed("column.zip", lambda members: rename_column(members, "Gender", "Sex"))


def rename_column(members: Members, name: str, other: str) -> None:
    members["Person.csv"] = members["Person.csv"].replace(name.encode(), other.encode(), 1)


def other_provider(make: Maker) -> Path:
    return make.zip("other.zip", make.rows(provider="RZ2"))


def closed_period(make: Maker) -> Path:
    return make.zip("closed.zip", make.rows(period=date(2013, 4, 1)))


def wrong_period(make: Maker) -> Path:
    return make.mdb("wrong.mdb", make.rows(period=make.window.refresh_period))


REJECTED: dict[Callable[[Maker], Path], tuple[str, ...]] = {
    truncated: ("cut short",),
    damaged: ("damaged",),
    protected: ("protected with a password", "remove the password"),
    renamed: ("a zip archive named .mdb", "Name it .zip"),
    with_paths: ("passwd", "two dots", "Make the zip again"),
    bomb: ("more than 400 MB when unpacked",),
    without_table: ("The table Disability is missing", "Put it back under its own name"),
    without_column: ("The column Person.Gender is missing", "not renamed", "Person.Sex"),
    other_provider: ("another provider, for which you may not send", "erased"),
    closed_period: ("The file is of April 2013", "was expected"),
    wrong_period: ("was expected", "Choose the other kind"),
}


def utf_16(make: Maker) -> Path:
    def change(members: Members) -> None:
        for name, content in members.items():
            members[name] = content.decode().encode("utf-16")

    return make.changed("utf-16.zip", change)


def windows_1252(make: Maker) -> Path:
    def change(members: Members) -> None:
        header = members["Header.csv"].decode().replace(",RZ1,,", ",RZ1,Système,")
        members["Header.csv"] = header.encode("cp1252")

    return make.changed("1252.zip", change)


def extra_columns(make: Maker) -> Path:
    def change(members: Members) -> None:
        first, *lines = members["Person.csv"].splitlines(keepends=True)
        members["Person.csv"] = b"Surname," + first + b"".join(b"Smith," + one for one in lines)
        members["Notes.csv"] = b"a,b\r\n1,2\r\n"

    return make.changed("extra.zip", change)


def odd_dates(make: Maker) -> Path:
    rows = make.rows()
    rows["Referral"][0]["RefRecDate"] = ODD_DAY
    rows["Appointment"][4]["Appointment"] = SHORT_YEAR
    rows["Person"][5]["BirthDate"] = SHORT_YEAR
    return make.zip("dates.zip", rows)


ACCEPTED: dict[Callable[[Maker], Path], tuple[str, ...]] = {
    utf_16: ("Every row stands",),
    windows_1252: ("F15", "read as Windows-1252", "Save it as UTF-8"),
    extra_columns: ("F14", "Person.Surname was not read", "Notes", "Leave it out"),
    odd_dates: (
        *("R04", "Referral received date is missing or invalid", "Referral.RefRecDate"),
        *("A02", "Appointment.Appointment", "the year in four digits"),
        *("P19", "Birth date is not credible", "Person.BirthDate"),
    ),
}


def test_refused_at_the_door(people, make, portal):
    """Given what is no submission at all, when Alice sends it, then she reads at once what it looks
    like and what to do, and nothing was kept."""
    alice = people.signed_in("Alice")
    for file, wanted in AT_THE_DOOR.items():
        said = alice.is_refused("Primary", file(make))
        assert all(words in said for words in wanted), f"{file.__name__}: {said}"
    assert not Submission.objects.exists()
    nothing_is_left(portal)


def test_rejected_in_words_while_the_earlier_file_stands(people, make, portal):
    """Given an accepted file, when Alice sends one bad file after the other, then each is rejected
    in a sentence that says where and what to do, nothing is left behind, and the first stands."""
    alice = people.signed_in("Alice")
    good = alice.sends("Primary", make.mdb("good.mdb", make.rows()))
    sent = {file: alice.sends("Primary", file(make)) for file in REJECTED}
    for file, submission in sent.items():
        alice.waits_for_the_result(submission)
        said = alice.text
        assert all(words in said for words in (*REJECTED[file], "The file is rejected")), (
            f"{file.__name__}: {said}"
        )
        assert Submission.objects.get(id=submission.id).status == Status.REJECTED
    assert Submission.objects.get(id=good.id).stands
    nothing_is_left(portal)


def test_accepted_with_words_about_what_is_odd(people, make, portal):
    """Given files that can be read but are odd, when Alice sends them, then each is accepted and
    says by table and column what is odd and what to do; and where, on the page to work through."""
    alice = people.signed_in("Alice")
    sent = {file: alice.sends("Primary", file(make)) for file in ACCEPTED}
    for file, submission in sent.items():
        alice.waits_for_the_result(submission)
        said = alice.text
        assert all(words in said for words in (*ACCEPTED[file], "The file is accepted")), (
            f"{file.__name__}: {said}"
        )
        assert "Smith" not in said
    for rule, row in {"R04": "Row Line of the file 1 2", "A02": "5 6", "P19": "6 7"}.items():
        assert alice.places(sent[odd_dates], rule).endswith(row)
    alice.goes_to("/")
    alice.sees(sent[odd_dates].reference)
    nothing_is_left(portal)


def nothing_is_left(portal) -> None:
    """No half file and no opened file lies anywhere."""
    data = Path(portal.environment["DATA_DIR"])
    folders = [data / "receiving", data / "checking"]

    def left() -> list[Path]:
        return [path for folder in folders if folder.is_dir() for path in folder.iterdir()]

    wait_until(lambda: not left(), PATIENCE_SECONDS, "nothing is left behind")
