"""A file becomes tables: `read(path)` for whatever file a sender may have chosen.

The content decides what a file is, never its name; a name that says otherwise is refused.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from validation.reading.access import read_access
from validation.reading.archive import read_archive
from validation.sent import Arrived, Sent, Unreadable, ignored

__all__ = ["LARGEST_FILE", "Form", "looks_like", "read"]

# As sent; what a zip may hold when unpacked is `archive.MOST_EXPANDED`.
LARGEST_FILE = 200_000_000
# How much of a file `looks_like` wants to see.
FIRST_BYTES = 4096

_CSV_ADVICE = "Send the five CSV files in one zip, or an Access database."
_ENDINGS = {"csv": (".zip",), "access": (".mdb", ".accdb")}
_WORDS = {"csv": "a zip archive", "access": "an Access database"}
_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,9}$")

_OLE = "an older Excel, Word or Outlook document"
# Where the signature stands, the signature, what it is a sign of.
_SIGNS = (
    (4, b"Standard Jet DB", "access"),
    (4, b"Standard ACE DB", "access"),
    (0, b"PK\3\4", "csv"),
    (0, b"PK\5\6", "csv"),
    (0, b"PK\7\x08", "one part of a zip archive that was split"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"GIF8", "a GIF picture"),
    (0, b"II*\0", "a TIFF picture"),
    (0, b"MM\0*", "a TIFF picture"),
    (0, b"BM", "a bitmap picture"),
    (0, b"%PDF-", "a PDF document"),
    (0, b"{\\rtf", "a rich text document"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ\0", "an xz archive"),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"SQLite format 3\0", "a SQLite database"),
    (0, b"PAR1", "a Parquet file"),
    (0, b"MZ", "a Windows program"),
    (0, b"\x7fELF", "a program"),
    (0, b"age-encryption.org/", "an encrypted file"),
    (0, b"-----BEGIN PGP", "an encrypted file"),
)
_OFFICE = b"[Content_Types].xml"
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")


@dataclass(frozen=True)
class Form:
    """What a file is: `kind` "csv" (a zip of CSV), "access", or "other"; `words` names it
    ("a PDF document") so that it can follow "This is" or "This looks like"."""

    kind: str
    words: str

    @property
    def is_wanted(self) -> bool:
        return self.kind in _ENDINGS

    def refusal(self) -> str:
        """The sentence for the sender of another kind of file."""
        return f"This looks like {self.words}. {_CSV_ADVICE}"


def looks_like(first_bytes: bytes) -> Form:
    """What a file seems to be by its first few thousand bytes."""
    if not first_bytes:
        return Form("other", "an empty file")
    for at, sign, what in _SIGNS:
        if first_bytes.startswith(sign, at):
            if what == "csv" and first_bytes[30:].startswith(_OFFICE):
                return Form("other", "an Excel or Word document")
            return Form(what, _WORDS[what]) if what in _WORDS else Form("other", what)
    return Form("other", _text_or_not(first_bytes))


def _text_or_not(first_bytes: bytes) -> str:
    start = first_bytes.lstrip()[:200].lower()
    if start.startswith((b"<?xml", b"<!doctype", b"<html", b"<")):
        return "a web page or XML document"
    if first_bytes.startswith(_MARKS) or not _CONTROL.search(first_bytes):
        return "plain text, perhaps a single CSV file"
    return "neither a zip archive nor an Access database"


def read(path: Path, name: str | None = None, arrived: Arrived = ignored) -> Sent:
    """Read the submission at `path`, which its sender calls `name` (by default the path's name).

    `arrived` is told of a zip's tables as they are read.

    Raises Unreadable where it is no submission (F01), CannotCheck where a program is missing.
    """
    with path.open("rb") as file:
        form = looks_like(file.read(FIRST_BYTES))
    if not form.is_wanted:
        raise Unreadable(form.refusal())
    _refuse_ending(form, path.name if name is None else name)
    if path.stat().st_size > LARGEST_FILE:
        most = LARGEST_FILE // 1_000_000
        raise Unreadable(f"The file is larger than {most} MB, which is more than can be read.")
    return read_archive(path, arrived) if form.kind == "csv" else read_access(path)


def _refuse_ending(form: Form, name: str) -> None:
    """Refuse a name whose ending says something else than the content; none is fine."""
    ending = _ENDING.search(name)
    endings = _ENDINGS[form.kind]
    if ending and ending[0].lower() not in endings:
        raise Unreadable(
            f"This is {form.words} named {ending[0].lower()}. Name it {' or '.join(endings)}, "
            "or send the right file."
        )
