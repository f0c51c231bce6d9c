"""While a worker checks: the lease renewed and the progress told, on a connection of its own."""

import logging
import threading
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import DatabaseError, connection

from submissions.lifecycle import Status
from submissions.models import Submission
from submissions.models.calendar import clock

log = logging.getLogger("portal.checking")
EVERY_SECONDS = 1.0


class Heartbeat:
    """A thread that says once a second that this attempt lives, and how far it is.

    It stops renewing when the attempt was overtaken; the verdict is then refused by its own claim.
    """

    def __init__(self, submission: Submission):
        self._row = Submission.objects.filter(
            id=submission.id, attempt=submission.attempt, status=Status.CHECKING
        )
        self._stage, self._total, self._done = "Waiting to be read", 0, 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def stage(self, words: str, rows_total: int = 0) -> None:
        self._stage, self._total, self._done = words, rows_total, 0

    def add(self, rows: int) -> None:
        self._done += rows

    def _beat(self) -> None:
        try:
            while True:
                if not self._tell() or self._stop.wait(EVERY_SECONDS):
                    return
        finally:
            connection.close()

    def _tell(self) -> bool:
        try:
            told = self._row.update(
                lease_until=clock() + settings.LEASE,
                stage=self._stage,
                rows_total=self._total,
                rows_done=self._done,
            )
        except DatabaseError as error:
            # The database may be back for the next beat; if not, the lease runs out.
            log.warning("a heartbeat was lost: %s", type(error).__name__)
            connection.close()
            return True
        return bool(told)

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
