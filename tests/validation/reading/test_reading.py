"""What a file is, by its content; and a name that says something else."""

import io
import zipfile
from pathlib import Path

import pytest

from validation.dataset import dataset
from validation.reading import FIRST_BYTES, Form, looks_like, read
from validation.sent import Unreadable


def zipped(name: str) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as out:
        out.writestr(name, "LPTID\nP1\n")
    return whole.getvalue()


@pytest.fixture
def file(tmp_path):
    """Writes bytes to a file."""

    def write(data: bytes, name: str = "IAPT_RZ1_2013-04.zip") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "an empty file"),
        (b"\x89PNG\r\n\x1a\n....", "a PNG picture"),
        (b"\xff\xd8\xff\xe0..JFIF", "a JPEG picture"),
        (b"%PDF-1.4\n", "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "an older Excel, Word"),
        (zipped("[Content_Types].xml"), "an Excel or Word document"),
        (b"\x1f\x8b\x08\0", "a gzip archive"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "a 7-Zip archive"),
        (b"Rar!\x1a\x07\x01\0", "a RAR archive"),
        (b"SQLite format 3\0", "a SQLite database"),
        (b"PK\7\x08PK\3\4", "one part of a zip archive that was split"),
        (b"\xef\xbb\xbfLPTID,Disability\r\n", "plain text, perhaps a single CSV file"),
        (b"LPTID,Disability\r\nZo\xeb,02", "plain text, perhaps a single CSV file"),
        ("LPTID,Zoë".encode("utf-16"), "plain text, perhaps a single CSV file"),
        (b"<!DOCTYPE html><title>Sign in", "a web page or XML document"),
        (bytes(4096), "neither a zip archive nor an Access database"),
    ],
)
def test_other_files_are_refused_by_what_they_are(file, data, words):
    form = looks_like(data[:FIRST_BYTES])
    assert (form.kind, form.is_wanted) == ("other", False)
    assert form.words.startswith(words)
    for name in ("x.zip", "x.mdb", "x"):
        with pytest.raises(Unreadable, match=f"looks like {words}"):
            read(file(data, name))


def test_a_zip_and_a_database_are_known_by_their_first_bytes():
    assert looks_like(zipped("Person.csv")[:100]) == Form("csv", "a zip archive")
    assert looks_like(b"\0\1\0\0Standard Jet DB\0").kind == "access"
    assert looks_like(b"\0\1\0\0Standard ACE DB\0").kind == "access"


@pytest.mark.parametrize("name", ["x.zip", "X.ZIP", "x", "IAPT RZ1 2013.04", "x.y.zip", ".zip"])
def test_names_that_agree(file, name):
    assert read(file(zipped("Person.csv"), "stored"), name).form == "csv"


@pytest.mark.parametrize("name", ["x.mdb", "x.ACCDB", "x.zip.exe", "x.csv", "x.xlsx", "x.zipx"])
def test_names_that_say_something_else_are_refused_with_that_word(file, name):
    ending = name.rpartition(".")[2].lower()
    with pytest.raises(Unreadable, match=f"This is a zip archive named .{ending}"):
        read(file(zipped("Person.csv")), name)
    with pytest.raises(Unreadable, match=f"named .{ending}"):
        read(file(zipped("Person.csv"), name))


def test_a_file_over_the_limit(file):
    path = file(b"PK\3\4")
    with path.open("r+b") as out:
        out.truncate(200_000_001)
    with pytest.raises(Unreadable, match="200 MB"):
        read(path)


def test_every_column_of_the_data_set(file):
    files = {
        f"{table.name}.csv": ",".join(table.columns) + "\n" + ",".join("1" * len(table.columns))
        for table in dataset("1.0P").tables.values()
    }
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as out:
        for name, text in files.items():
            out.writestr(name, text)
    sent = read(file(whole.getvalue()))
    assert {n: list(t.columns) for n, t in sent.tables.items()} == {
        n: list(t.columns) for n, t in dataset("1.0P").tables.items()
    }
    assert {(table.rows, table.unknown) for table in sent.tables.values()} == {(1, ())}
