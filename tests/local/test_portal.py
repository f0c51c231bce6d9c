"""The script `portal` itself: before there is an environment."""

import shutil
import subprocess
from pathlib import Path

import pytest

from iapt_portal.command import WORDS
from iapt_portal.local import ROOT

TOOLS = ("sh", "cat", "cksum", "dirname", "readlink", "mkdir", "id", "rm", "env")


def typed(
    script: Path, *words: str, path: str = "/usr/bin:/bin"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(script), *words],
        env={"PATH": path},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A fresh clone in a folder with a space in its name: no environment yet."""
    clone = tmp_path / "a clone"
    clone.mkdir()
    for name in ("portal", "pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, clone / name)
    return clone


@pytest.fixture
def without_python(tmp_path: Path) -> Path:
    """The programs of a bare machine, and a pyenv shim that finds no Python behind it."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in TOOLS:
        (programs / name).symlink_to(shutil.which(name) or name)
    for name in ("python3.13", "python3.12", "python3.11", "python3"):
        (programs / name).write_text("#!/bin/sh\necho 'command not found' >&2\nexit 127\n")
        (programs / name).chmod(0o755)
    return programs


@pytest.mark.parametrize("words", [(), ("help",), ("--help",)])
def test_help_names_every_word_and_installs_nothing(checkout: Path, words: tuple[str]) -> None:
    done = typed(checkout / "portal", *words)
    assert done.returncode == 0
    assert [word for word in WORDS if f"\n  {word} " not in done.stdout] == []
    assert not (checkout / ".local").exists()


def test_an_unknown_word_is_answered_with_help(checkout: Path) -> None:
    done = typed(checkout / "portal", "chekc")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "no word 'chekc'" in done.stderr
    assert "./portal WORD" in done.stderr


def test_a_python_that_cannot_run_does_not_count(checkout: Path, without_python: Path) -> None:
    done = typed(checkout / "portal", "check", "x.zip", path=str(without_python))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("portal: no Python 3.11 or newer found; install one")
    assert done.stderr.count("\n") == 1


def test_it_finds_its_folder_through_links(
    checkout: Path, without_python: Path, tmp_path: Path
) -> None:
    (checkout / "here").symlink_to("portal")
    (tmp_path / "elsewhere").symlink_to(checkout / "here")
    done = typed(tmp_path / "elsewhere", "check", path=str(without_python))
    assert "no Python" in done.stderr
    assert (checkout / ".local").is_dir()
