"""Programs that PyPI cannot give: added with apt where we may, asked for where we may not."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from iapt_portal.local_processes import last_lines, say

# The program that is looked for, and the Debian package it comes in.
PACKAGES = {"mdb-export": "mdbtools", "bwrap": "bubblewrap", "chromium": "chromium"}
FOR_ACCESS = ("mdb-export", "bwrap")
FOR_TESTS = (*FOR_ACCESS, "chromium")

# A Jet or ACE file names its kind in its first bytes (19 with the name).
ACCESS_BEGINS = (b"\x00\x01\x00\x00Standard Jet DB", b"\x00\x01\x00\x00Standard ACE DB")


def is_access(path: str) -> bool:
    """Whether it is a file that Microsoft Access made, by its content."""
    try:
        with Path(path).open("rb") as file:
            return file.read(19).startswith(ACCESS_BEGINS)
    except (OSError, ValueError):
        return False


def missing(programs: Iterable[str]) -> list[str]:
    """The packages of those that are not installed."""
    return [PACKAGES[program] for program in programs if shutil.which(program) is None]


def _root() -> list[str] | None:
    """The words in front of what root must do; None where we may not."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False)
    return ["sudo", "-n"] if asked.returncode == 0 else None


def _apt(root: list[str], log: Path, *words: str) -> bool:
    """Whether apt-get did it; what it says goes to the log."""
    options = "-q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=1".split()
    command = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *options, *words]
    with log.open("ab") as written:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            check=False,
        )
    return done.returncode == 0


def _install(root: list[str], packages: list[str], log: Path) -> bool:
    words = ["install", "--no-install-recommends", *packages]
    return _apt(root, log, *words) or (_apt(root, log, "update") and _apt(root, log, *words))


def need(programs: Iterable[str], folder: Path) -> None:
    """Sees to it that the programs are there, or says in one line what to type, and goes on.

    Without them what needs them says so itself (an Access file is not readable); nothing else
    suffers. `folder` gets the log of apt.
    """
    packages = missing(programs)
    if not packages:
        return
    root = _root()
    if root is not None:
        say(f"portal: installing {' '.join(packages)} (apt)")
        log = folder / "apt.log"
        if _install(root, packages, log):
            return
        say(last_lines(log, 3))
    say(f"portal: missing {' '.join(packages)}; type: sudo apt-get install {' '.join(packages)}")
