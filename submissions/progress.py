"""While a worker is at something: its lease renewed and its progress told, on a connection of its
own."""

import logging
import threading
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import QuerySet

from submissions.lifecycle import Status
from submissions.models import Submission
from submissions.models.calendar import clock

log = logging.getLogger("portal.heartbeat")
EVERY_SECONDS = 1.0


class Heartbeat:
    """A thread that says once a second that this attempt lives.

    `row` finds the row only while it is this attempt's: when it was overtaken the thread stops
    renewing, and what the attempt would write is refused by its own claim.
    """

    def __init__(self, row: QuerySet[Any], lease: timedelta):
        self._row, self._lease = row, lease
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def told(self) -> dict[str, Any]:
        """What else is written with each beat."""
        return {}

    def _beat(self) -> None:
        try:
            while True:
                if not self._tell() or self._stop.wait(EVERY_SECONDS):
                    return
        finally:
            connection.close()

    def _tell(self) -> bool:
        try:
            return bool(self._row.update(lease_until=clock() + self._lease, **self.told()))
        except DatabaseError as error:
            # The database may be back for the next beat; if not, the lease runs out.
            log.warning("a heartbeat was lost: %s", type(error).__name__)
            connection.close()
            return True

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()


class Progress(Heartbeat):
    """The heartbeat of a check, which tells how far it is."""

    def __init__(self, submission: Submission):
        row = Submission.objects.filter(
            id=submission.id, attempt=submission.attempt, status=Status.CHECKING
        )
        super().__init__(row, settings.LEASE)
        self._stage, self._total, self._done = "Waiting to be read", 0, 0

    def stage(self, words: str, rows_total: int = 0) -> None:
        """What it is at now; `rows_total` are all the rows to be written, where that is known."""
        self._stage, self._total, self._done = words, rows_total, 0

    def add(self, rows: int) -> None:
        self._done += rows

    def told(self) -> dict[str, Any]:
        return {"stage": self._stage, "rows_total": self._total, "rows_done": self._done}
