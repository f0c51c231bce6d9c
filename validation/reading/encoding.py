"""Bytes of text into blocks of whole lines, and the decision how they are encoded.

A byte order mark decides; else what is valid UTF-8 throughout is UTF-8; else the whole is
Windows-1252, unless that does not know one of its bytes. What is UTF-8 or Windows-1252 passes as
it is, for the commas, quotes and line ends are the same bytes in both; UTF-16 becomes UTF-8.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from validation.reading.cells import line_ends
from validation.sent import Unreadable

# Small enough for a processor's cache; and a block may be a quarter of a million empty rows.
BLOCK = 1 << 19

_UNDEFINED_IN_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}


class Readable(Protocol):
    """What gives bytes: a file, a pipe, a member of a zip."""

    def read(self, size: int, /) -> bytes: ...


def blocks(stream: Readable) -> tuple[bool, Iterator[bytes]]:
    """Whether a byte order mark decides the encoding, and the text behind it in blocks.

    No block ends between a CR and its LF.
    """
    chunks = _chunks(stream)
    start = next(chunks, b"")
    mark = next((mark for mark in _MARKS if start.startswith(mark)), b"")
    rest = chain([start[len(mark) :]], chunks)
    if _MARKS.get(mark, "utf-8") == "utf-8":
        return bool(mark), rest
    return True, _as_utf8(rest, _MARKS[mark])


def _chunks(stream: Readable) -> Iterator[bytes]:
    """The stream in blocks, none ending between a CR and its LF."""
    while parts := _whole(stream):
        while parts.endswith(b"\r") and (more := stream.read(1)):
            parts += more
        yield parts


def _whole(stream: Readable) -> bytes:
    """A full block; pipes give what they have."""
    parts, size = [], 0
    while size < BLOCK and (part := stream.read(BLOCK - size)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _as_utf8(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """UTF-16 as UTF-8. What cannot be decoded becomes a NUL, which is refused with its line."""
    decoder = codecs.getincrementaldecoder(encoding)()
    held = ""
    for chunk in chain(chunks, [b""]):
        try:
            text = held + decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as fault:
            good = bytes(fault.object[: fault.start]).decode(encoding, errors="ignore")
            yield (held + good).encode() + b"\0"
            return
        held = "\r" if text.endswith("\r") and chunk else ""
        yield text.removesuffix(held).encode()


@dataclass
class Encoding:
    """Whether the bytes seen so far are UTF-8, and if not whether Windows-1252 can read them."""

    table: str
    marked: bool
    fault: int = 0
    undefined: int = 0
    undefined_before: bool = False

    def look(self, data: bytes, line: int) -> None:
        """Take in whole rows of which the first begins on `line`."""
        if data.isascii():
            return
        start = 0
        if not self.fault:
            start = self._first_fault(data, line)
            self.undefined_before |= bool(_UNDEFINED_IN_1252.search(data, 0, start))
        if self.fault and not self.undefined and (bad := _UNDEFINED_IN_1252.search(data, start)):
            self.undefined = line + line_ends(data[: bad.start()])

    def _first_fault(self, data: bytes, line: int) -> int:
        try:
            data.decode()
        except UnicodeDecodeError as fault:
            self.fault = line + line_ends(data[: fault.start])
            return fault.start
        return len(data)

    def decided(self) -> str:
        """The encoding of the whole. Raises Unreadable where there is none."""
        if not self.fault:
            return "utf-8"
        if self.marked or self.undefined or self.undefined_before:
            raise no_text(self.table, self.undefined or self.fault)
        return "cp1252"


def no_text(table: str, line: int) -> Unreadable:
    words = (
        f"The {table} table holds a byte on line {line} that is not text. Save the table as CSV "
        "in UTF-8 and send the file again."
    )
    return Unreadable(words, table, line)
