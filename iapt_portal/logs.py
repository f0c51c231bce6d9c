"""Logs hold no value of a person: a fault is told by its kind and its place."""

import logging
import traceback
from types import TracebackType


class WithoutValues(logging.Formatter):
    """Shows where an exception came from and of what type it is, never its text: PostgreSQL and
    the readers may quote a row there."""

    def formatException(  # noqa: N802 (logging's own name)
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        kind, _, trace = ei
        places = [
            f"  {frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(trace)
        ]
        return "\n".join([*places, f"  {kind.__name__ if kind else 'unknown'}"])
