"""A `Sent` as bytes between two processes: JSON for what is small, plain arrays and texts for the
rest.

Never pickle, for the process that reads a stranger's file may have been taken over: what arrives
is looked at before it is believed.
"""

import json
import socket
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from validation.dataset import TABLES, widest
from validation.finding import Found
from validation.reading.delimited import MOST_ROWS
from validation.sent import Sent, SentColumn, SentTable

_LENGTH = struct.Struct("<Q")
_LONGEST = 1 << 31
# Between texts; no file with a NUL in it is read.
NUL = "\0"
_KINDS = {"u1": np.uint8, "u2": np.uint16, "u4": np.uint32, "i4": np.int32}


class Garbled(Exception):
    """What came is not what is sent here, or stopped in the middle."""


def send(to: socket.socket, message: Any) -> None:
    """Send something that JSON can say."""
    _send_bytes(to, json.dumps(message, ensure_ascii=False).encode())


def receive(source: socket.socket) -> Any:
    """What `send` sent. Raises Garbled, also at the end of the stream."""
    try:
        return json.loads(_bytes(source))
    except ValueError as odd:
        raise Garbled from odd


def _send_bytes(to: socket.socket, data: bytes) -> None:
    to.sendall(_LENGTH.pack(len(data)))
    to.sendall(data)


def _bytes(source: socket.socket) -> bytearray:
    (length,) = _LENGTH.unpack(_exactly(source, _LENGTH.size))
    if length > _LONGEST:
        raise Garbled
    return _exactly(source, length)


def _exactly(source: socket.socket, length: int) -> bytearray:
    data = bytearray(length)
    _fill(source, memoryview(data))
    return data


def _fill(source: socket.socket, room: memoryview) -> None:
    while room:
        count = source.recv_into(room)
        if not count:
            raise Garbled
        room = room[count:]


def send_table(to: socket.socket, table: SentTable) -> None:
    """Send a table, column by column; it loses each, so that memory is free again."""
    names = list(table.columns)
    told = {
        "name": table.name,
        "rows": table.rows,
        "columns": names,
        "lines": table.lines is not None,
        "unknown": table.unknown,
    }
    send(to, {"table": told})
    if table.lines is not None:
        _send_array(to, table.lines)
    for name in names:
        column = table.columns.pop(name)
        _send_bytes(to, NUL.join(column.distinct).encode())
        _send_array(to, column.codes)


def send_end(to: socket.socket, sent: Sent) -> None:
    """Send what there is of a submission beside its tables, which went before."""
    findings = [_told(found) for found in sent.findings]
    send(to, {"form": sent.form, "unknown": sent.unknown, "findings": findings})


class Receiving:
    """Puts a submission together from its tables, as they come, and its end."""

    def __init__(self, source: socket.socket):
        self._source = source
        self._tables: dict[str, SentTable] = {}

    def table(self, told: Any) -> SentTable:
        """The table whose first message is `told`. Raises Garbled."""
        try:
            table = _table(self._source, told)
        except (KeyError, TypeError, ValueError, IndexError) as odd:
            raise Garbled from odd
        if table.name in self._tables:
            raise Garbled
        self._tables[table.name] = table
        return table

    def end(self, told: Any) -> Sent:
        """The whole submission. Raises Garbled."""
        try:
            return Sent(
                form=_one_of(("csv", "access"), told["form"]),
                tables=self._tables,
                unknown=_strings(told["unknown"]),
                findings=[_found(finding) for finding in told["findings"]],
            )
        except (KeyError, TypeError, ValueError, IndexError) as odd:
            raise Garbled from odd


def _table(source: socket.socket, told: Any) -> SentTable:
    name, rows = _one_of(TABLES, told["name"]), told["rows"]
    if not 0 <= rows <= MOST_ROWS:
        raise Garbled
    lines = _array(source, rows, ("i4",)) if told["lines"] else None
    wanted = widest().tables[name].columns
    columns = {_one_of(wanted, column): _column(source, rows) for column in told["columns"]}
    return SentTable(name, columns, rows, lines, _strings(told["unknown"]))


def _column(source: socket.socket, rows: int) -> SentColumn:
    distinct = _bytes(source).decode().split(NUL)
    codes = _array(source, rows, ("u1", "u2", "u4"))
    if not rows:
        return SentColumn([], codes)
    if int(codes.max()) >= len(distinct):
        raise Garbled
    return SentColumn(distinct, codes)


def _send_array(to: socket.socket, array: npt.NDArray[np.integer]) -> None:
    array = np.ascontiguousarray(array)
    send(to, array.dtype.str[1:])
    if array.size:
        to.sendall(array.data.cast("B"))


def _array(source: socket.socket, rows: int, kinds: tuple[str, ...]) -> npt.NDArray[Any]:
    array = np.empty(rows, dtype=_KINDS[_one_of(kinds, receive(source))])
    if rows:
        _fill(source, array.data.cast("B"))
    return array


def _told(found: Found) -> dict[str, Any]:
    told = dict(vars(found), rows=found.rows.tolist())
    if found.other_rows is not None:
        told["other_rows"] = found.other_rows.tolist()
    return told


def _found(told: dict[str, Any]) -> Found:
    others = told["other_rows"]
    return Found(
        rule=str(told["rule"]),
        table=told["table"],
        column=told["column"],
        rows=np.array(told["rows"], dtype=np.int32),
        other_rows=None if others is None else np.array(others, dtype=np.int32),
        words=str(told["words"]),
        line=told["line"],
    )


def _one_of(allowed: Any, value: Any) -> Any:
    if value not in allowed:
        raise Garbled
    return value


def _strings(values: Any) -> tuple[str, ...]:
    return tuple(str(value) for value in values)
