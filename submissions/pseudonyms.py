"""Pseudonyms: keyed hashes of identifiers, for one purpose each, under keys that only the worker
may ask for. A plain hash of an NHS number is undone in minutes; without the key these are not.

Everything is HMAC-SHA-256 with a domain of its own and a version. Inside the database a pseudonym
is the first 128 bits (a UUID's size).
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.core.exceptions import ImproperlyConfigured

KEY_VERSION = "v1"
KEY_BYTES = 32
SHOWN_CHARACTERS = 20


def derive(master: str, purpose: str) -> bytes:
    """A key for one purpose from the master (base64 of 32 bytes)."""
    secret = base64.b64decode(master)
    if len(secret) < KEY_BYTES:
        raise ImproperlyConfigured("MASTER_KEY is base64 of at least 32 random bytes.")
    info = f"iapt|{KEY_VERSION}|{purpose}".encode()
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info).derive(secret)


@dataclass(frozen=True)
class Keyed:
    """A hash under one key. The keyed start is made once and copied for each value."""

    key: bytes

    def __post_init__(self) -> None:
        object.__setattr__(self, "_start", hmac.new(self.key, digestmod=hashlib.sha256))

    def of(self, *parts: str | bytes) -> bytes:
        """128 bits for a value made of parts; the parts cannot run into each other."""
        hashed = self._start.copy()  # type: ignore[attr-defined]
        for part in parts:
            data = part.encode() if isinstance(part, str) else part
            hashed.update(len(data).to_bytes(4, "big") + data)
        return hashed.digest()[:16]


def national(master: str) -> Keyed:
    """The national key: its pseudonyms never leave the database."""
    return Keyed(derive(master, "national"))


def recipient(master: str, code: str) -> Keyed:
    """The key of one recipient: no two recipients' extracts can be joined."""
    return Keyed(derive(master, f"recipient|{code}"))


def of_nhs_number(key: Keyed, number: str) -> bytes:
    return key.of("person", "nhs number", number)


def of_local_patient(key: Keyed, provider: str, lptid: str) -> bytes:
    """For a person without a valid NHS number: known within the provider only."""
    return key.of("person", "local", provider, lptid.upper())


def of_service(key: Keyed, provider: str, service_id: str) -> bytes:
    return key.of("service", provider, service_id.upper())


def shown(pseudonym: bytes) -> str:
    """A pseudonym as an extract shows it: its first twenty base32 characters."""
    return base64.b32encode(pseudonym).decode()[:SHOWN_CHARACTERS]


def number(pseudonym: bytes) -> int:
    """A pseudonym as a positive bigint."""
    return int.from_bytes(pseudonym[:8], "big") >> 1 or 1
