"""Pseudonyms: keyed hashes of identifiers, for one purpose each, under keys that only the worker
may ask for. A plain hash of an NHS number is undone in minutes; without the key these are not.

Everything is HMAC-SHA-256 with a domain of its own and a version. Inside the database a pseudonym
is the first 128 bits (a UUID's size).
"""

import base64
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_VERSION = "v1"
KEY_BYTES = 32
SHOWN_CHARACTERS = 20
BYTES = 16
NOTHING = bytes(BYTES)
LENGTH = np.frombuffer(BYTES.to_bytes(4), dtype=np.uint8)
LETTERS = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", dtype=np.uint8)

# A row of bytes for each value: a million as texts would take five times the memory.
Pseudonyms = npt.NDArray[np.uint8]


def derive(master: str, purpose: str) -> bytes:
    """A key for one purpose from the master (base64 of 32 bytes)."""
    secret = base64.b64decode(master)
    info = f"iapt|{KEY_VERSION}|{purpose}".encode()
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(secret)


def _joined(parts: Sequence[str | bytes]) -> bytes:
    """Parts with their lengths before them, so that they cannot run into each other."""
    data = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(map(_with_length, data))


def _with_length(part: bytes) -> bytes:
    return len(part).to_bytes(4) + part


@dataclass(frozen=True)
class Keyed:
    """A hash under one key."""

    key: bytes

    def of(self, *parts: str | bytes) -> bytes:
        """128 bits for a value made of parts; the parts cannot run into each other."""
        made = self._begun(parts)
        return made.finalize()[:BYTES]

    def of_each(self, parts: Sequence[str], values: Iterable[str | None]) -> Pseudonyms:
        """The same as `of(*parts, value)` for each of many values; for None zeros.

        Key and first parts are taken in once and copied, which is most of the work.
        """
        begun, found = self._begun(parts), []
        for value in values:
            if value is None:
                found.append(NOTHING)
                continue
            made = begun.copy()
            made.update(_with_length(value.encode()))
            found.append(made.finalize()[:BYTES])
        return np.frombuffer(b"".join(found), dtype=np.uint8).reshape(-1, BYTES)

    def of_pseudonyms(self, part: str, rows: Collection[bytes]) -> Pseudonyms:
        """The same as `of(part, *pseudonyms)` for each row of pseudonyms joined together."""
        each = np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(-1, BYTES)
        lengths = np.broadcast_to(LENGTH, (len(each), len(LENGTH)))
        told = np.hstack([lengths, each]).tobytes()
        width = len(told) // max(len(rows), 1)
        begun, found = self._begun([part]), []
        for at in range(0, len(told), width or 1):
            made = begun.copy()
            made.update(told[at : at + width])
            found.append(made.finalize()[:BYTES])
        return np.frombuffer(b"".join(found), dtype=np.uint8).reshape(-1, BYTES)

    @cached_property
    def _empty(self) -> HMAC:
        """With the key taken in and nothing else: to copy it is much quicker than to make it."""
        return HMAC(self.key, SHA256())

    def _begun(self, parts: Sequence[str | bytes]) -> HMAC:
        begun = self._empty.copy()
        begun.update(_joined(parts))
        return begun


def national(master: str) -> Keyed:
    """The national key: its pseudonyms never leave the database."""
    return Keyed(derive(master, "national"))


def recipient(master: str, code: str) -> Keyed:
    """The key of one recipient: no two recipients' extracts can be joined."""
    return Keyed(derive(master, f"recipient|{code}"))


def of_nhs_numbers(key: Keyed, numbers: Iterable[str | None]) -> Pseudonyms:
    """Of canonical NHS numbers."""
    return key.of_each(("person", "nhs number"), numbers)


def of_local_patients(key: Keyed, provider: str, lptids: Iterable[str]) -> Pseudonyms:
    """For persons without a valid NHS number: known within the provider only."""
    return key.of_each(("person", "local", provider), (lptid.upper() for lptid in lptids))


def of_services(key: Keyed, provider: str, service_ids: Iterable[str]) -> Pseudonyms:
    return key.of_each(("service", provider), (service.upper() for service in service_ids))


def shown(pseudonyms: Pseudonyms) -> npt.NDArray[np.bytes_]:
    """Pseudonyms as an extract shows them: the first twenty base32 characters of each."""
    bits = np.unpackbits(pseudonyms, axis=1)[:, : 5 * SHOWN_CHARACTERS]
    letters = LETTERS[bits.reshape(-1, 5) @ np.array([16, 8, 4, 2, 1], dtype=np.uint8)]
    return np.frombuffer(letters.tobytes(), dtype=f"S{SHOWN_CHARACTERS}")


def numbers(pseudonyms: Pseudonyms) -> npt.NDArray[np.uint64]:
    """Pseudonyms as positive bigints."""
    halved = np.ascontiguousarray(pseudonyms[:, :8]).view(">u8").ravel() >> 1
    return np.maximum(halved, 1)
