"""What PyPI cannot give is asked for in one line where it may not be installed."""

from pathlib import Path

import pytest

from iapt_portal.local_programs import FOR_ACCESS, FOR_TESTS, is_access, missing, need


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with neither the programs nor apt."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(folder: Path, name: str) -> None:
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)


def test_the_line_names_what_to_type(bare: Path, capsys: pytest.CaptureFixture[str]) -> None:
    need(FOR_ACCESS, bare)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith("type: sudo apt-get install mdbtools bubblewrap\n")
    assert said.err.count("\n") == 1


def test_only_what_is_not_there_is_asked_for(bare: Path) -> None:
    program(bare, "mdb-export")
    assert missing(FOR_TESTS) == ["bubblewrap", "chromium"]


def test_nothing_is_said_where_nothing_is_missing(
    bare: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in FOR_TESTS:
        program(bare, name)
    need(FOR_TESTS, bare)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("begins", "access"),
    [
        (b"\x00\x01\x00\x00Standard Jet DB\x00", True),
        (b"\x00\x01\x00\x00Standard ACE DB\x00", True),
        (b"PK\x03\x04", False),
        (b"", False),
    ],
)
def test_an_access_file_is_known_by_its_content(
    tmp_path: Path, begins: bytes, access: bool
) -> None:
    file = tmp_path / "month.zip"
    file.write_bytes(begins)
    assert is_access(str(file)) is access


@pytest.mark.parametrize("word", ["--json", "no such file", "a\0b", "."])
def test_another_word_is_no_access_file(word: str) -> None:
    assert not is_access(word)
