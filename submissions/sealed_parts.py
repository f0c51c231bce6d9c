"""A file of parts, each compressed and sealed by itself: whoever reads it opens only what is asked
for, and whoever writes it holds one part at a time.

A key is made for each file from the report key and the file's own name, so that a part is sealed
by its number alone, and neither a part nor a whole file can be put in another's place.
"""

import json
import struct
import zlib
from typing import IO, Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from submissions.pseudonyms import derive
from submissions.reporting import NONCE_BYTES

_LENGTH = struct.Struct("<Q")
# Of the index, which comes last and says how long the parts before it are.
_OF_INDEX = b"\xff" * NONCE_BYTES
# Twice as fast as zlib's own choice, and hardly larger on columns.
_LEVEL = 1


def _lock(name: str) -> AESGCM:
    return AESGCM(derive(settings.REPORT_KEY, f"parts|{name}"))


def _nonce(number: int) -> bytes:
    return number.to_bytes(NONCE_BYTES, "big")


class Writer:
    """Writes the parts of one file; `name` is one that was never used before."""

    def __init__(self, file: IO[bytes], name: str):
        self._file, self._lock = file, _lock(name)
        self._lengths: list[int] = []

    def add(self, data: bytes) -> int:
        """Write a part; its number is what opens it."""
        number = len(self._lengths)
        self._lengths.append(self._write(data, _nonce(number)))
        return number

    def finish(self, contents: Any) -> None:
        """Write last what the file holds, as something that JSON can say."""
        index = {"lengths": self._lengths, "contents": contents}
        length = self._write(json.dumps(index).encode(), _OF_INDEX)
        self._file.write(_LENGTH.pack(length))

    def _write(self, data: bytes, nonce: bytes) -> int:
        return self._file.write(self._lock.encrypt(nonce, zlib.compress(data, _LEVEL), None))


class Reader:
    """Opens the parts of one file. Raises InvalidTag where it is not as it was written."""

    def __init__(self, data: bytes, name: str):
        self._data, self._lock = memoryview(data), _lock(name)
        end = len(data) - _LENGTH.size
        (length,) = _LENGTH.unpack(self._data[end:])
        index = json.loads(self._open(end - length, length, _OF_INDEX))
        self.contents: Any = index["contents"]
        self._places: list[tuple[int, int]] = []
        at = 0
        for each in index["lengths"]:
            self._places.append((at, each))
            at += each

    def part(self, number: int) -> bytes:
        return self._open(*self._places[number], _nonce(number))

    def _open(self, at: int, length: int, nonce: bytes) -> bytes:
        return zlib.decompress(self._lock.decrypt(nonce, self._data[at : at + length], None))
