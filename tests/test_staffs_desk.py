"""The staff's desk: the window, three figures of a kind, and what needs a hand."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import outbox, second_person
from accounts.models import CertificateStatus, DataUserCertificate, Mail, Organisation, User
from extracts import processing, publishing
from extracts.models import Run
from iapt_portal import home
from submissions import calendar
from submissions.lifecycle import Status
from submissions.models import Submission, Window
from submissions.models.calendar import Kind
from tests.pages import visit
from tests.submissions.places import providers, put

pytestmark = pytest.mark.django_db


def desk(user: User) -> str:
    answer = visit(user).get("/desk/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_a_quiet_day(window: Window, erin: User) -> None:
    shown = desk(erin)
    assert "days left" in shown
    for words in home.NOTHING_OF.values():
        assert words.capitalize() in shown or words in shown
    assert '<h3 class="nhsuk-heading-s">' not in shown
    assert shown.count('class="portal-figure"') == 6


def test_figures_lead_to_the_tracker(window: Window, erin: User) -> None:
    put(window, "RZ1", Status.ACCEPTED)
    put(window, "RZ2", Status.REJECTED)
    shown = desk(erin)
    assert "3 providers expected" in shown
    for state in ("sent", "not+sent", "in+trouble"):
        address = f"/desk/tracker/?kind=P&amp;state={state}"
        assert address in shown
        listed = visit(erin).get(address.replace("&amp;", "&")).content.decode()
        assert "1 of 3 providers" in listed


def test_what_needs_a_hand(window: Window, erin: User, frank: User) -> None:
    stuck = put(window, "RZ1", Status.RECEIVED, minutes_ago=9)
    failed = put(window, "RZ2", Status.FAILED)
    # One waits for the helpdesk, the other for its guardian.
    for status in (CertificateStatus.APPROVED, CertificateStatus.APPLIED):
        DataUserCertificate.objects.create(
            organisation=Organisation.objects.get(code="92A"),
            applicant_name="Nora",
            applicant_email="nora@nowhere.example",
            purpose="To receive",
            status=status,
        )
    outbox.write([frank], "Waits", "x")
    Mail.objects.update(written_at=timezone.now() - timedelta(minutes=16))
    outbox.write([frank], "Has just been written", "x")
    shown = desk(erin)
    assert f"{stuck.reference}</a> Alder Valley" in shown
    assert "No worker has taken it." in shown
    assert f'action="/submissions/{failed.id}/try-again/"' in shown
    assert "1 waits for the helpdesk" in shown
    assert "1 letter has waited" in shown
    again = visit(erin).post(f"/submissions/{failed.id}/try-again/", follow=True)
    assert "being checked again" in again.content.decode()
    assert Submission.objects.get(id=failed.id).status == Status.CHECKING
    second = visit(frank).post(f"/submissions/{failed.id}/try-again/", follow=True)
    assert "Erin Ellis has had it checked again already" in second.content.decode()


def test_what_waits_for_a_second_person_and_what_processing_needs(
    window: Window, erin: User
) -> None:
    calendar.close(window=window, by=erin)
    run = processing.ask(window=window, by=erin)
    Run.objects.filter(id=run.id).update(status="FAILED", without_account=["99Z"])
    shown = desk(erin)
    assert "Processing that stopped" in shown
    assert f'action="/windows/{window.id}/process/"' in shown
    Run.objects.filter(id=run.id).update(status="DONE", stamp=timezone.now())
    publishing.ask(window=window, by=erin)
    shown = desk(erin)
    assert "Publish the 0 extracts" in shown
    assert "Asked for by Erin Ellis" in shown
    assert "nobody can receive for them: 99Z" in shown
    assert second_person.waiting().count() == 1


def test_as_many_questions_however_many_providers(
    window: Window, erin: User, django_assert_max_num_queries, django_assert_num_queries
) -> None:
    client = visit(erin)
    with django_assert_max_num_queries(31) as few:
        client.get("/desk/")
    for provider in providers(30):
        put(window, provider.code, Status.FAILED)
        put(window, provider.code, Status.RECEIVED, Kind.REFRESH, minutes_ago=9)
    with django_assert_num_queries(len(few)):
        assert "33 providers expected" in client.get("/desk/").content.decode()


def test_what_is_seldom_needed_is_listed_at_the_desk(window: Window, erin: User) -> None:
    shown = desk(erin)
    for address in (
        "/desk/second-person/",
        "/desk/notices/",
        "/desk/letters/",
        "/windows/propose/",
    ):
        assert f'<li><a href="{address}">' in shown
