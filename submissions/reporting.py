"""What the sender may see again: keys and values of findings, under the report key that web and
worker share."""

import json
import os
import re
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from submissions.pseudonyms import Keyed, derive

NONCE_BYTES = 12
# Eight digits and more, as a birth date or an NHS number is written; a postcode.
_TELLING = re.compile(
    r"\d(?:[ ./-]?\d){7,}|\b[A-Z]{1,2}\d[A-Z\d]?[ _-]?\d[A-Z]{2}\b", re.IGNORECASE
)


@cache
def _lock() -> AESGCM:
    return AESGCM(derive(settings.REPORT_KEY, "report detail"))


@cache
def _keyed() -> Keyed:
    return Keyed(derive(settings.REPORT_KEY, "report record key"))


def record_key(provider: str, table: str, own_key: str) -> bytes:
    """By this the same record is known in the provider's next file."""
    return _keyed().of(provider, table, own_key.upper())


def masked(words: str) -> str:
    """Words in which a name that the sender chose (a column's, a file's) tells nobody's NHS number,
    birth date or postcode."""
    return _TELLING.sub("…", words)


def seal(detail: dict[str, str]) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _lock().encrypt(nonce, json.dumps(detail).encode(), None)


def unseal(sealed: bytes) -> dict[str, str]:
    data = bytes(sealed)
    return json.loads(_lock().decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], None))
