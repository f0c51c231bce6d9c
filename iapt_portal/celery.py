"""The queue and its timetable. The queue is a bell: what is to be done stands in the database."""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "iapt_portal.settings")

app = Celery("iapt_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Long work has a queue of its own, so that what is periodic never waits behind it.
app.conf.task_routes = {
    "submissions.check": {"queue": "files"},
    "submissions.report": {"queue": "files"},
    "extracts.process": {"queue": "files"},
    "extracts.preview": {"queue": "files"},
    "extracts.trace": {"queue": "files"},
}

app.conf.beat_schedule = {
    "ring again what was not heard": {
        "task": "submissions.sweep",
        "schedule": settings.SWEEP_SECONDS,
    },
    "remove files that no receipt names": {
        "task": "submissions.remove_files_without_receipt",
        "schedule": crontab(minute="20"),
    },
    "remind those whose Primary is missing": {
        "task": "submissions.remind",
        # London's mornings; a worker that was away then makes up for it.
        "schedule": crontab(minute="*/15", hour="8-11"),
    },
    "send the mails that wait": {"task": "accounts.send_mails", "schedule": 15.0},
    "seal the audit": {"task": "accounts.seal_audit", "schedule": 60.0},
    "ring again for processing": {
        "task": "extracts.sweep",
        "schedule": settings.SWEEP_SECONDS,
    },
    "purge what is no longer kept": {
        "task": "extracts.purge",
        "schedule": crontab(hour="3", minute="40"),
    },
    "remind of certificates that expire": {
        "task": "accounts.remind",
        "schedule": crontab(hour="7", minute="30"),
    },
    "forget old letters": {
        "task": "accounts.forget_old_letters",
        "schedule": crontab(hour="4", minute="20"),
    },
    "forget old sessions": {
        "task": "accounts.forget_old_sessions",
        "schedule": crontab(hour="4", minute="10"),
    },
}
