"""What the reading process sends is looked at before it is believed."""

import socket

import pytest

from validation.reading import wire

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
        (PERSON, [[1], "u1", b"\0\0"]),
        (PERSON, [{"P1": 1}, "u1", b"\0\0"]),
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


def test_what_is_sent_arrives():
    with sockets(["P1"], "u1", b"\0\0") as ours:
        receiving = wire.Receiving(ours)
        receiving.table(PERSON)
        sent = receiving.end(END)
    assert sent.tables["Person"].columns["LPTID"].codes.tolist() == [0, 0]
