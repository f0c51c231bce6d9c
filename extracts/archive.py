"""The zip of an extract, put together member by member and always to the same bytes."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable

MOMENT = (1980, 1, 1, 0, 0, 0)


class Archive:
    """A zip on its way. Its bytes depend on its members alone, each of which is held only as
    long as its block is written. It knows the hash of each, and how many lines it has."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._zip = zipfile.ZipFile(self._buffer, "w", zipfile.ZIP_DEFLATED)
        self.sha256: dict[str, str] = {}
        self.lines: dict[str, int] = {}

    def add(self, name: str, blocks: Iterable[bytes]) -> None:
        """The next member."""
        entry = zipfile.ZipInfo(name, MOMENT)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.create_system = 3
        entry.external_attr = 0o600 << 16
        hashed, lines = hashlib.sha256(), 0
        with self._zip.open(entry, "w") as member:
            for block in blocks:
                hashed.update(block)
                lines += block.count(b"\n")
                member.write(block)
        self.sha256[name], self.lines[name] = hashed.hexdigest(), lines

    def add_json(self, name: str, data: object) -> None:
        self.add(name, [(json.dumps(data, indent=2, sort_keys=True) + "\n").encode()])

    def content(self) -> bytes:
        """All of it, once nothing more is added."""
        self._zip.close()
        return self._buffer.getvalue()
