"""Thin doors: a key in, the row found, the verb called. Each may run twice and may die."""

from celery import shared_task

from extracts import processing


@shared_task(name="extracts.process")
def process(key: int) -> None:
    processing.process(key)


@shared_task(name="extracts.sweep")
def sweep() -> None:
    processing.sweep()
