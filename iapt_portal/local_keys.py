"""The keys of a portal that runs on this machine: made once, each in a file of its owner's."""

import base64
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pyrage import x25519

from iapt_portal.local_processes import CannotStart
from iapt_portal.local_servers import private

# What is stored can be read, and pseudonyms can be made again, with these only. The web process
# is told of neither.
WORKERS_ALONE = ("MASTER_KEY", "RAW_IDENTITY")
# Each after those that it is made from.
KEYS = ("SECRET_KEY", "REPORT_KEY", *WORKERS_ALONE, "RAW_RECIPIENT")


def _bytes32() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _identity() -> str:
    return str(x25519.Identity.generate())


def _recipient(identity: str) -> str:
    return str(x25519.Identity.from_str(identity).to_public())


def _keep(place: Path, text: str) -> None:
    """Writes the key whole or not at all, readable by its owner only."""
    half = place.with_suffix(".half")
    with suppress(FileNotFoundError):
        half.unlink()
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    half.rename(place)


def make_keys(folder: Path) -> dict[str, Path]:
    """The files of the keys by name, those missing made.

    CannotStart where a worker's key is missing beside a database that was written with it: with
    a new one nothing in it could be read, and every pseudonym would become another.
    """
    keys = private(folder / "keys")
    files = {name: keys / name for name in KEYS}
    missing = [name for name in KEYS if not files[name].exists()]
    lost = [name for name in missing if name in WORKERS_ALONE]
    if lost and (folder / "postgres" / "data").exists():
        raise CannotStart(
            f"{keys / lost[0]} is gone, and the database cannot be read without it: bring it "
            f"back, or remove {folder} to begin anew with an empty one"
        )
    known = {name: place.read_text().strip() for name, place in files.items() if place.exists()}
    for name in missing:
        known[name] = make_key(name, known)
        _keep(files[name], known[name])
    return files


def make_key(name: str, known: Mapping[str, str]) -> str:
    """A new key; the recipient is that of the identity among the `known`."""
    if name == "SECRET_KEY":
        return secrets.token_urlsafe(50)
    if name == "RAW_IDENTITY":
        return _identity()
    if name == "RAW_RECIPIENT":
        return _recipient(known["RAW_IDENTITY"])
    return _bytes32()
