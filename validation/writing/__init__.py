"""Writing submissions: samples, benchmarks and tests in both forms, from the same rows."""

from pathlib import Path

from validation.writing.access import write_access
from validation.writing.archive import write_archive

__all__ = ["offered", "write_access", "write_archive"]

# Made by `tools/access/EmptyDatabase.java`.
OFFERED = Path(__file__).parent / "offered"


def offered(version: str, form: str) -> bytes:
    """An empty Access database for people to fill in: typed columns, keys, descriptions.

    `form` is `mdb` or `accdb`. Raises FileNotFoundError for an unknown version or form.
    """
    return (OFFERED / f"IAPT_v{version}.{form}").read_bytes()
