"""What the sender may see again: keys and values of findings, under the report key that web and
worker share."""

import json
import os
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from submissions.pseudonyms import Keyed, derive

NONCE_BYTES = 12


@cache
def _lock() -> AESGCM:
    return AESGCM(derive(settings.REPORT_KEY, "report detail"))


@cache
def _keyed() -> Keyed:
    return Keyed(derive(settings.REPORT_KEY, "report record key"))


def record_key(provider: str, table: str, own_key: str) -> bytes:
    """By this the same record is known in the provider's next file."""
    return _keyed().of(provider, table, own_key.upper())


def seal(detail: dict[str, str]) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _lock().encrypt(nonce, json.dumps(detail).encode(), None)


def unseal(sealed: bytes) -> dict[str, str]:
    data = bytes(sealed)
    return json.loads(_lock().decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], None))
