"""Thin doors of the periodic work of accounts."""

from celery import shared_task
from django.core.management import call_command

from accounts import granting, outbox, sealing


@shared_task(name="accounts.send_mails")
def send_mails() -> None:
    outbox.send_waiting()


@shared_task(name="accounts.seal_audit")
def seal_audit() -> None:
    sealing.seal()


@shared_task(name="accounts.forget_old_sessions")
def forget_old_sessions() -> None:
    call_command("clearsessions")


@shared_task(name="accounts.forget_old_letters")
def forget_old_letters() -> None:
    outbox.forget_old()


@shared_task(name="accounts.remind")
def remind() -> None:
    granting.remind()
