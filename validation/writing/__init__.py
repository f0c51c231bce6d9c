"""Writing submissions: samples, benchmarks and tests in both forms, from the same rows."""

from validation.writing.access import write_access
from validation.writing.archive import write_archive

__all__ = ["write_access", "write_archive"]
