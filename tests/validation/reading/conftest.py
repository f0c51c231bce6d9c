"""A good Access database, and reading it as sent."""

from collections.abc import Callable
from pathlib import Path

import pytest

from validation.reading.access import read_access
from validation.sent import Sent
from validation.writing import write_access

PEOPLE = 120
ROWS = {
    "Header": [{"DataSetVersion": "1.0", "OrgCodeProvider": "RZ1", "StartDate": "2013-04-01"}],
    "Person": [
        {"LPTID": f"P{n}", "OrgCodeProvider": "RZ1", "BirthDate": "1970-02-28"}
        for n in range(PEOPLE)
    ],
    "Referral": [{"LPTID": f"P{n}", "ServiceID": f"S{n}"} for n in range(PEOPLE)],
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a good database: two of its tables go over several pages."""
    path = tmp_path_factory.mktemp("access") / "whole.mdb"
    write_access(path, "1.0", ROWS)
    return path.read_bytes()


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], Sent]:
    """Reads bytes as a file, and looks that nothing is left beside it."""

    def read(content: bytes) -> Sent:
        path = tmp_path / "sent.mdb"
        path.write_bytes(content)
        try:
            return read_access(path)
        finally:
            assert list(tmp_path.iterdir()) == [path]
            assert path.read_bytes() == content

    return read
