"""What the reading process sends is looked at before it is believed."""

import socket

import pytest

from validation.reading import wire

TOLD = {"form": "csv", "unknown": [], "tables": [], "findings": []}
PERSON = {"name": "Person", "rows": 2, "columns": ["LPTID"], "lines": False, "unknown": []}


@pytest.mark.parametrize(
    ("told", "rest"),
    [
        (TOLD | {"form": "zip"}, []),
        (TOLD | {"tables": [PERSON | {"name": "auth_user"}]}, []),
        (TOLD | {"tables": [PERSON | {"rows": -1}]}, []),
        (TOLD | {"tables": [PERSON | {"rows": 1 << 40}]}, []),
        (TOLD | {"tables": [PERSON | {"rows": "2"}]}, []),
        (TOLD | {"tables": [PERSON | {"columns": ["SURNAME"]}]}, []),
        (TOLD | {"tables": [PERSON]}, []),
        (TOLD | {"tables": [PERSON]}, [["P1"], "O", b"\0\0"]),
        (TOLD | {"tables": [PERSON]}, [["P1"], "u1", b"\0\1"]),
        (TOLD | {"tables": [PERSON]}, [["P1"], "u1", b"\0"]),
        (TOLD | {"tables": [PERSON]}, [[1], "u1", b"\0\0"]),
        (TOLD | {"tables": [PERSON]}, [{"P1": 1}, "u1", b"\0\0"]),
        (TOLD | {"findings": [{"rule": "F01"}]}, []),
        ({"tables": []}, []),
    ],
)
def test_what_a_child_could_not_have_sent_is_not_believed(told, rest):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for part in rest:
            theirs.sendall(part) if isinstance(part, bytes) else wire.send(theirs, part)
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(wire.Garbled):
            wire.receive_result(ours, told)


def test_what_is_sent_arrives():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for part in (["P1"], "u1"):
            wire.send(theirs, part)
        theirs.sendall(b"\0\0")
        sent = wire.receive_result(ours, TOLD | {"tables": [PERSON]})
    assert sent.tables["Person"].columns["LPTID"].codes.tolist() == [0, 0]
