"""What the reading process sends is looked at before it is believed."""

import socket

import numpy as np
import pytest

from validation.reading import wire
from validation.sent import SentColumn, SentTable

END = {"form": "csv", "unknown": [], "findings": []}
PERSON = {"name": "Person", "rows": 2, "columns": ["LPTID"], "lines": False, "unknown": []}


def sockets(*parts):
    """The end at which `parts` come out and then nothing."""
    ours, theirs = socket.socketpair()
    with theirs:
        for part in parts:
            theirs.sendall(part) if isinstance(part, bytes) else wire.send(theirs, part)
    return ours


@pytest.mark.parametrize(
    ("told", "rest"),
    [
        (PERSON | {"name": "auth_user"}, []),
        (PERSON | {"rows": -1}, []),
        (PERSON | {"rows": 1 << 40}, []),
        (PERSON | {"rows": "2"}, []),
        (PERSON | {"columns": ["SURNAME"]}, []),
        (PERSON, []),
        (PERSON, [["P1"], "O", b"\0\0"]),
        (PERSON, [["P1"], "u1", b"\0\1"]),
        (PERSON, [["P1"], "u1", b"\0"]),
        (PERSON, [b"\1" + bytes(7) + b"\xff", "u1", b"\0\0"]),
    ],
)
def test_a_table_that_a_child_could_not_have_sent_is_not_believed(told, rest):
    with sockets(*rest) as ours, pytest.raises(wire.Garbled):
        wire.Receiving(ours).table(told)


@pytest.mark.parametrize(
    "told", [END | {"form": "zip"}, END | {"findings": [{"rule": "F01"}]}, {"form": "csv"}]
)
def test_an_end_that_a_child_could_not_have_sent_is_not_believed(told):
    with sockets() as ours, pytest.raises(wire.Garbled):
        wire.Receiving(ours).end(told)


def table(name, rows, **columns):
    return SentTable(name, {key: SentColumn(*column) for key, column in columns.items()}, rows)


def test_what_is_sent_arrives():
    ours, theirs = socket.socketpair()
    codes = np.array([1, 0], dtype=np.uint8)
    with ours, theirs:
        wire.send_table(theirs, table("Person", 2, LPTID=(["", "Zoë"], codes)))
        wire.send_table(theirs, table("Referral", 0, ServiceID=([], codes[:0])))
        receiving = wire.Receiving(ours)
        for _ in range(2):
            receiving.table(wire.receive(ours)["table"])
        sent = receiving.end(END)
    lptid, service_id = (
        sent.tables[name].columns[column]
        for name, column in (("Person", "LPTID"), ("Referral", "ServiceID"))
    )
    assert (lptid.distinct, lptid.codes.tolist()) == (["", "Zoë"], [1, 0])
    assert (service_id.distinct, service_id.codes.tolist()) == ([], [])


def test_a_table_comes_once():
    with sockets(b"\1" + bytes(8), "u1", b"\0\0", b"\1" + bytes(8), "u1", b"\0\0") as ours:
        receiving = wire.Receiving(ours)
        receiving.table(PERSON)
        with pytest.raises(wire.Garbled):
            receiving.table(PERSON)
