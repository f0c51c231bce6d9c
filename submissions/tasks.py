"""Thin doors: a key in, the row found, the verb called. Each may run twice and may die."""

from celery import shared_task

from submissions import checking, making, raw_files, reminding, reports, sweeping


@shared_task(name="submissions.check")
def check(key: int) -> None:
    checking.check_submission(key)


@shared_task(name="submissions.report")
def report(key: int) -> None:
    making.make(key)


@shared_task(name="submissions.sweep")
def sweep() -> None:
    sweeping.sweep()


@shared_task(name="submissions.remind")
def remind() -> None:
    reminding.remind()


@shared_task(name="submissions.remove_files_without_receipt")
def remove_files_without_receipt() -> None:
    raw_files.remove_without_receipt(sweeping.RECEIPT_IN_THE_MAKING)
    reports.remove_unnamed()
