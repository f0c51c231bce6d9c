"""Rings for a worker. A bell that is not heard is rung again: nothing depends on it."""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

CHECK = "submissions.check"
REPORT = "submissions.report"
# What extracts do once another file stands than before; this room only rings for it.
PREVIEW = "extracts.preview"
log = logging.getLogger("portal.ringing")


def ring(task: str, key: int) -> None:
    """Ask a worker to look at the row `key`; a queue that is away is only noted."""
    try:
        current_app.send_task(task, args=[key], retry=False)
    except (KombuError, RedisError, OSError) as error:
        log.warning("%s %s was not heard: %s", task, key, type(error).__name__)


def ring_after_commit(task: str, key: int) -> None:
    transaction.on_commit(partial(ring, task, key))
