"""Every form is posted with every field of every model: nothing happens but what the form is for."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts import permissions, second_person
from accounts.models import (
    AskedDeed,
    AuditEvent,
    AuditSeal,
    CaldicottGuardian,
    CertificateStatus,
    DataUserCertificate,
    Mail,
    Membership,
    Notice,
    Reminded,
    User,
)
from extracts.models import Publication, Release, Run
from iapt_portal.demonstration import PASSWORD
from submissions import explaining
from submissions.lifecycle import Status
from submissions.models import FindingPlace, Submission, Window
from submissions.models.calendar import clock
from submissions.models.records import RECORDS, LocalKey
from tests.pages import confirmed_just_now, visit
from tests.submissions.rows import month
from tests.submissions.sending import content
from tests.test_house import place, published, undone

__all__ = ["published"]  # the fixture
# Frank confirms what Erin asked for.
ROLES = ["nobody", "Alice", "Charlie", "Dora", "Frank"]
CHOSEN = "correct horse battery"
# What is written with every deed, and what only the worker writes.
UNWATCHED = {Session, AuditEvent, AuditSeal, Mail, Reminded, LocalKey, *RECORDS.values()}
WATCHED = [model for model in apps.get_models() if model not in UNWATCHED]


# -- what is posted ---------------------------------------------------------------------------


# The first kind that a field is of tells.
TEMPTING: list[tuple[type[models.Field], str]] = [
    (models.BooleanField, "on"),
    (models.DateTimeField, "2030-01-01T00:00:00Z"),
    (models.DateField, "2030-01-01"),
    (models.EmailField, "mallory@portal.example"),
    (models.UUIDField, str(uuid.uuid4())),
    (models.Field, "1"),
]


def tempting(field: models.Field) -> str:
    """What somebody would like to be kept in the field."""
    if field.choices:
        return str(list(field.flatchoices)[-1][0])
    return next(value for kind, value in TEMPTING if isinstance(field, kind))


def every_field() -> dict[str, str]:
    """The name of every field of every model, with what is tempting."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            found |= {field.name: tempting(field), field.attname: tempting(field)}
    assert {"is_staff", "is_superuser", "sent_by", "published_at", "sessions_ended"} <= set(found)
    return found


class Fields(HTMLParser):
    """The fields of a page's forms, as a browser would send them untouched; of choices the first."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if tag in {"input", "textarea"} and name and given.get("type") not in {"file", "checkbox"}:
            self.found.setdefault(name, value)


def own(page: bytes) -> dict[str, str]:
    fields = Fields()
    fields.feed(page.decode(errors="replace"))
    fields.found.pop("csrfmiddlewaretoken", None)
    return fields.found


A_GUARDIAN = {"name": "Dr Gwen Grey", "email": "gwen@guardians.example", "starts": "2026-01-01"}
DAYS_OF_A_WINDOW = {"opens": 3, "closes": 8, "processing_week": 11, "data_available": 18}
CHECKLIST = ("waiting", "day", "coverage", "changes", "differencing", "sizes")
# What a page cannot fill in by itself.
TYPED: dict[str, Callable[[], dict[str, Any]]] = {
    "account_login": lambda: {"login": "alice@portal.example", "password": PASSWORD},
    "account_reauthenticate": lambda: {"password": PASSWORD},
    "account_change_password": lambda: {
        "oldpassword": PASSWORD,
        "password1": CHOSEN,
        "password2": CHOSEN,
    },
    "account_reset_password": lambda: {"email": "alice@portal.example"},
    "submission_explain": lambda: {"words": "True, the patient said so"},
    "notices": lambda: {"text": "The portal rests tonight"},
    "window_release_ask": lambda: dict.fromkeys(CHECKLIST, "on"),
    "statistics_release_withdraw": lambda: {"how": "hidden", "why": "it shows too much"},
    "window_reopen": lambda: {"until": str(timezone.localdate() + timedelta(days=3))},
    "window_edit": lambda: {
        name: str(timezone.localdate() + timedelta(days=days))
        for name, days in DAYS_OF_A_WINDOW.items()
    },
    "window_open": lambda: {"until": str(timezone.localdate() + timedelta(days=3))},
    "check": lambda: {"file": SimpleUploadedFile("sent.zip", content(month(date(2026, 1, 1))))},
    "send": lambda: {"file": SimpleUploadedFile("sent.zip", content(month(date(2026, 1, 1))))},
    "guardian_register": lambda: {"organisation": "NZ901", **A_GUARDIAN},
    "organisation_guardian": lambda: A_GUARDIAN,
    "guardian_confirm": lambda: {"note": "called the switchboard"},
    "guardian_decline": lambda: {"note": "nobody knows them"},
    "guardian_depart": lambda: {"last_day": "2030-01-01", "note": "a letter"},
    "organisation_pilot": lambda: {"pilot_site": "yes"},
    "certificate_apply": lambda: {
        "organisation": "RZ1",
        "purpose": "to send",
        "applicant_name": "Henry Hill",
        "applicant_email": "henry@dale.example",
        "people-0-name": "Henry Hill",
        "people-0-email": "henry@dale.example",
    },
    "submission_withdraw": lambda: {"why": "the wrong month"},
    "download_referral": lambda: {"referral_id": "14410000000001"},
    "certificate_grant": lambda: {"expires": str(timezone.localdate() + timedelta(days=9))},
    **{
        name: lambda: {"why": "a lost laptop"}
        for name in (
            *("certificate_decline", "certificate_suspend", "certificate_restore"),
            *("certificate_revoke", "membership_end", "person_close", "person_recover"),
            "person_end_staff",
        )
    },
    "staff_invite": lambda: {"name": "Gina Gold", "email": "gina@hscic.example"},
}


# -- what a form is for -----------------------------------------------------------------------

STEP = {"DataUserCertificate.status", "CertificateChange added"}


def _guardian(*fields: str) -> set[str]:
    return {f"CaldicottGuardian.{name}" for name in fields}


# address -> what it may change, where who asks may do it. Whatever is not here changes nothing.
MEANT: dict[str, set[str]] = {
    "account_login": {"User.last_login"},
    "account_change_password": {"User.password"},
    # allauth's own copy of the account's address.
    "account_reset_password": {"EmailAddress added"},
    "mfa_deactivate_totp": {"Authenticator removed"},
    "mfa_generate_recovery_codes": {"Authenticator added"},
    "send": {"Submission added", "StatusChange added"},
    "submission_annotated": {"Report added"},
    "check": {"Report added"},
    "check_forget": {"Report removed"},
    "submission_withdraw": {"Submission.status", "StatusChange added"},
    "submission_try_again": {
        "StatusChange added",
        *(f"Submission.{name}" for name in ("status", "last_attempt", "lease_until")),
        *(f"Submission.{name}" for name in ("finished_at", "message")),
    },
    "submission_explain": {"Explanation added"},
    "submission_explain_take_back": {"Explanation removed"},
    "windows_propose": {"Window added"},
    "window_open": {"Window.closes_at"},
    "window_close": {"Window.closes_at"},
    "window_process": {"Run added"},
    # A second person does it.
    "window_publish": {"AskedDeed added"},
    "window_reopen": {"AskedDeed added"},
    "window_release_ask": {"AskedDeed added"},
    "statistics_release_withdraw": {"AskedDeed added"},
    "window_edit": {
        f"Window.{name}"
        for name in (
            *("opens", "closes", "processing_week", "data_available"),
            *("opens_at", "closes_at"),
        )
    },
    "notices": {"Notice added"},
    "notice_take_down": {"Notice.taken_down_at", "Notice.taken_down_by_id"},
    "download": {"Download added"},
    "national_extract": {"Download added"},
    "download_referral": {"Trace added"},
    "asked_confirm": {f"AskedDeed.{name}" for name in ("decided_by_id", "decided_at", "outcome")},
    "asked_decline": {f"AskedDeed.{name}" for name in ("decided_by_id", "decided_at", "outcome")},
    # guardians
    "guardian_register": {"CaldicottGuardian added", "Organisation added"},
    "organisation_guardian": {"CaldicottGuardian added"},
    "organisation_pilot": {"Organisation.pilot_site"},
    "guardian_confirm": _guardian("confirmed_at", "confirmed_by_id", "note"),
    "guardian_decline": _guardian("declined_at", "declined_by_id", "note"),
    "guardian_depart": _guardian("ends", "note"),
    # certificates
    "certificate_apply": {
        *("DataUserCertificate added", "Membership added", "CertificateChange added", "Link added"),
    },
    "certificate_ask": {"Link added"},
    "certificate_grant": STEP | {"DataUserCertificate.expires", "Membership.since"},
    "certificate_decline": STEP,
    "certificate_suspend": STEP | {"User.sessions_ended"},
    "certificate_restore": STEP,
    "certificate_revoke": STEP | {"User.sessions_ended"},
    "membership_invite": {"Link added"},
    "membership_end": {"Membership.ended_at", "User.sessions_ended"},
    # accounts
    "person_close": {"User.is_active", "User.sessions_ended"},
    "person_reopen": {"AskedDeed added"},
    "person_recover": {"AskedDeed added"},
    "staff_invite": {"AskedDeed added"},
}


def reopened(run: Run) -> None:
    unpublished(run)
    Window.objects.filter(id=run.window_id).update(closes_at=clock() + timedelta(days=2))


def unpublished(run: Run) -> None:
    Publication.objects.all().delete()
    Window.objects.filter(id=run.window_id).update(published_at=None)


def unreleased(run: Run) -> None:
    Release.objects.all().delete()


def with_a_passkey(run: Run) -> None:
    """The last second factor of staff stays: Frank has another."""
    frank = User.objects.get(first_name="Frank")
    Authenticator.objects.create(user=frank, type=Authenticator.Type.WEBAUTHN, data={})


def upcoming(run: Run) -> None:
    unpublished(run)
    Window.objects.filter(opens_at__gt=clock()).delete()
    Window.objects.filter(id=run.window_id).update(
        opens_at=clock() + timedelta(days=2), closes_at=clock() + timedelta(days=9)
    )


def noticed(run: Run) -> None:
    erin = User.objects.get(first_name="Erin")
    Notice.objects.create(
        id=1, text="Soon", starts_at=clock(), ends_at=clock() + timedelta(days=1), put_up_by=erin
    )


def failed(run: Run) -> None:
    Submission.objects.update(status=Status.FAILED, message="Our fault")


def explained(run: Run) -> None:
    alice = User.objects.get(first_name="Alice")
    explaining.explain(place=FindingPlace.objects.get(), by=alice, words="True")


def asked(run: Run) -> None:
    erin = User.objects.get(first_name="Erin")
    AskedDeed.objects.create(id=1, what="ring", subject="the bell", words="Ring", asked_by=erin)


def closed(run: Run) -> None:
    User.objects.filter(first_name="Alice").update(is_active=False)


def unconfirmed(run: Run) -> None:
    CaldicottGuardian.objects.update(confirmed_at=None, confirmed_by=None)


def uninvited(run: Run) -> None:
    Membership.objects.filter(name="Alice Archer").update(user=None, since=None)


def in_status(status: CertificateStatus) -> Callable[[Run], None]:
    def change(run: Run) -> None:
        DataUserCertificate.objects.update(status=status)

    return change


# address -> how the world has to be for its deed to be possible
WORLD: dict[str, Callable[[Run], None]] = {
    "send": reopened,
    "submission_withdraw": reopened,
    "submission_try_again": failed,
    "submission_explain_take_back": explained,
    "window_open": reopened,
    "window_close": reopened,
    "window_process": unpublished,
    "window_publish": unpublished,
    "window_reopen": unpublished,
    "window_release_ask": unreleased,
    "window_edit": upcoming,
    "mfa_deactivate_totp": with_a_passkey,
    "notice_take_down": noticed,
    "asked_confirm": asked,
    "asked_decline": asked,
    "guardian_confirm": unconfirmed,
    "guardian_decline": unconfirmed,
    "certificate_ask": in_status(CertificateStatus.APPLIED),
    "certificate_grant": in_status(CertificateStatus.APPROVED),
    "certificate_decline": in_status(CertificateStatus.APPROVED),
    "certificate_restore": in_status(CertificateStatus.SUSPENDED),
    "membership_invite": uninvited,
    "person_reopen": closed,
}


# -- what happened ----------------------------------------------------------------------------

Rows = dict[Any, dict[str, Any]]


def state() -> dict[str, Rows]:
    """Every row of every table that is watched."""
    return {
        model.__name__: {row[model._meta.pk.attname]: row for row in model._base_manager.values()}
        for model in WATCHED
    }


def changes(before: dict[str, Rows], after: dict[str, Rows]) -> set[str]:
    found = set()
    for name, rows in after.items():
        earlier = before[name]
        found |= {f"{name} added" for key in rows if key not in earlier}
        found |= {f"{name} removed" for key in earlier if key not in rows}
        found |= {
            f"{name}.{field}"
            for key in rows.keys() & earlier.keys()
            for field, value in rows[key].items()
            if value != earlier[key][field]
        }
    return found


def posted(client: Client, name: str, address: str) -> None:
    """The page's own fields, what has to be typed, and whatever else the models know."""
    page = client.get(address)
    filled = own(page.content) if page.status_code == 200 and not page.streaming else {}
    typed = TYPED.get(name, dict)()
    answer = client.post(address, every_field() | filled | typed)
    assert answer.status_code < 500, address


@pytest.fixture(autouse=True)
def forms_as_long_as_one_likes(settings: Settings) -> None:
    """So many fields would be turned away before any form sees them."""
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = None


@pytest.fixture
def bell(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deed of no consequence that needs a second person."""
    monkeypatch.setitem(second_person.DEEDS, "ring", lambda **facts: None)


def test_no_form_changes_more_than_it_is_for(
    published: Run, bell: None, everybody: dict[str, User]
) -> None:
    done: dict[str, set[str]] = {}
    beyond: dict[tuple[str, str], set[str]] = {}
    for person in ROLES:
        user = everybody.get(person)
        client = visit(user)
        if user:
            confirmed_just_now(client, user)
        cookies, fresh = client.cookies.copy(), state()
        # Others are turned away before the view: tests/test_house.py.
        for name in permissions.those_open(user or AnonymousUser(), permissions.TABLE):
            with undone():
                WORLD.get(name, lambda run: None)(published)
                cache.clear()
                client.cookies = cookies.copy()
                before = state() if name in WORLD else fresh
                posted(client, name, place(name, published))
                after = state()
                happened = changes(before, after)
                if more := happened - MEANT.get(name, set()):
                    beyond[person, name] = more
                assert "mallory" not in str(after), (person, name)
                done.setdefault(name, set()).update(happened)
    assert beyond == {}
    # None of it would say anything if the forms were not taken.
    assert {name: happened for name, happened in done.items() if happened} == MEANT


def test_a_receipt_takes_nothing_from_the_form_but_provider_and_kind(
    published: Run, everybody: dict[str, User]
) -> None:
    reopened(published)
    alice = everybody["Alice"]
    posted(visit(alice), "send", place("send", published))
    sent = Submission.objects.latest("id")
    assert (sent.sent_by, sent.provider.code) == (alice, "RZ1")
    assert (sent.status, sent.attempt, sent.last_attempt) == (Status.RECEIVED, 0, 3)
    assert sent.window == published.window
    assert sent.received_at.date() == timezone.now().date()


def test_kept_windows_are_not_published(published: Run, everybody: dict[str, User]) -> None:
    before = set(Window.objects.values_list("id", flat=True))
    posted(visit(everybody["Erin"]), "windows_propose", place("windows_propose", published))
    kept = Window.objects.exclude(id__in=before)
    assert kept.exists()
    assert not kept.exclude(published_at=None).exists()
