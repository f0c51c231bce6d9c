"""Extracts at rest: locked under the report key, which web and worker share."""

import os
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from submissions.pseudonyms import derive

NONCE_BYTES = 12


@cache
def _lock() -> AESGCM:
    return AESGCM(derive(settings.REPORT_KEY, "extract at rest"))


def lock(content: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + _lock().encrypt(nonce, content, None)


def unlock(locked: bytes) -> bytes:
    return _lock().decrypt(locked[:NONCE_BYTES], locked[NONCE_BYTES:], None)
