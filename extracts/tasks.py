"""Thin doors: a key in, the row found, the verb called. Each may run twice and may die."""

from celery import shared_task

from extracts import drafting, previewing, processing, purging, tracing


# Two hundred recipients take their time; the lease tells whether somebody is at it.
@shared_task(name="extracts.process", time_limit=3 * 60 * 60)
def process(key: int) -> None:
    processing.process(key)
    drafting.ahead(key)


@shared_task(name="extracts.preview")
def preview(key: int) -> None:
    previewing.after_a_step(key)


@shared_task(name="extracts.trace")
def trace(key: int) -> None:
    tracing.make(key)


@shared_task(name="extracts.sweep")
def sweep() -> None:
    processing.sweep()
    previewing.sweep()
    tracing.sweep()


@shared_task(name="extracts.purge")
def purge() -> None:
    purging.purge_due()
