"""Where every provider stands, in words and figures."""

import pytest
from django.utils import timezone

from accounts.models import (
    CertificateChange,
    CertificateStatus,
    DataUserCertificate,
    Organisation,
    User,
)
from iapt_portal.demonstration_months import windows_before
from submissions import tracking
from submissions.lifecycle import Status
from submissions.models import Submission, Window
from submissions.models.calendar import Kind
from submissions.tracking import Answer, Group, Position
from tests.submissions.places import providers, put

pytestmark = pytest.mark.django_db
A, R, F, W, C = (
    Status.ACCEPTED,
    Status.REJECTED,
    Status.FAILED,
    Status.WITHDRAWN,
    Status.CHECKING,
)


@pytest.mark.parametrize(
    ("tries", "answer", "words", "group"),
    [
        ([], Answer.NOTHING, "", Group.NOT_SENT),
        ([A], Answer.ACCEPTED, "first time", Group.SENT),
        ([R, A], Answer.ACCEPTED, "2 attempts", Group.SENT),
        ([C], Answer.CHECKING, "", Group.SENT),
        ([R, C], Answer.CHECKING, "attempt 2", Group.SENT),
        ([R], Answer.REJECTED, "once", Group.TROUBLE),
        ([R, R, R], Answer.REJECTED, "3 times", Group.TROUBLE),
        ([A, R], Answer.ACCEPTED, "2 attempts", Group.TROUBLE),
        ([F], Answer.FAILED, "", Group.TROUBLE),
        ([W], Answer.WITHDRAWN, "", Group.NOT_SENT),
        ([A, W], Answer.ACCEPTED, "2 attempts", Group.SENT),
        ([R, R, R, R, A], Answer.ACCEPTED, "5 attempts", Group.TROUBLE),
    ],
)
def test_what_has_come_of_what_was_sent(
    tries: list[Status], answer: Answer, words: str, group: Group
) -> None:
    position = Position(list(enumerate(tries, 1)))
    assert (position.answer, position.words, position.group) == (answer, words, group)


@pytest.mark.parametrize(
    ("rows", "group"), [((100, 5), Group.SENT), ((100, 6), Group.TROUBLE), ((0, 0), Group.SENT)]
)
def test_too_many_rows_rejected(window: Window, rows: tuple[int, int], group: Group) -> None:
    put(window, "RZ1", A, rows=(100, 90))
    put(window, "RZ1", A, rows=rows)
    [row] = [row for row in tracking.of_window(window) if row.provider.code == "RZ1"]
    position = row.of(window.primary_period, Kind.PRIMARY)
    assert position.group == group
    assert ("6% of rows rejected" in position.words) == (group == Group.TROUBLE)


def test_who_came_later_owes_nothing_for_the_months_before(window: Window) -> None:
    """RZ1 and RZ2 have certificates since now, but RZ1 had sent while the earlier window was
    open."""
    past, *_ = windows_before(window)[-3:]
    past.save()
    for certificate in DataUserCertificate.objects.all():
        CertificateChange.objects.create(certificate=certificate, after=CertificateStatus.GRANTED)
    put(past, "RZ1", R, minutes_ago=60 * 24 * 100)
    rows = {row.provider.code: row for row in tracking.of_window(past)}
    month = (past.primary_period, Kind.PRIMARY)
    assert rows["RZ1"].of(past.refresh_period, Kind.REFRESH).answer == Answer.NOTHING
    assert rows["RZ2"].of(*month).answer == Answer.NOT_HERE
    assert rows["RZ2"].of(window.primary_period, Kind.PRIMARY).answer == Answer.NOTHING
    primary, _ = tracking.figures(past, rows.values())
    assert (primary.expected, primary.not_sent, primary.trouble) == (1, 0, 1)
    assert tracking.if_closed(past, rows.values())[0].expected == 1


def test_what_stands_is_what_the_portal_says_stands(window: Window) -> None:
    for status in (A, A, R):
        put(window, "RZ1", status)
    found = tracking.positions([window.primary_period])
    [position] = found.values()
    standing = Submission.objects.standing(window.primary_period, Kind.PRIMARY).get()
    assert position.standing == position.shown == standing.id
    assert position.later == Answer.REJECTED


def test_figures_of_a_window(window: Window) -> None:
    put(window, "RZ1", A)
    put(window, "RZ2", R)
    put(window, "RZ1", C, Kind.REFRESH)
    primary, refresh = tracking.figures(window, tracking.of_window(window))
    assert primary[2:] == (3, 1, 1, 1, 0)
    assert refresh[2:] == (3, 1, 2, 0, 1)


def test_if_it_closed_now(window: Window) -> None:
    for code, status in (("RZ1", A), ("RZ2", C), ("RZ3", F)):
        put(window, code, status)
    primary, refresh = tracking.if_closed(window, tracking.of_window(window))
    assert (primary.standing, primary.expected) == (1, 3)
    assert (primary.checking, primary.failed) == (1, 1)
    assert [provider.code for provider, _ in primary.missing] == ["RZ2", "RZ3"]
    assert len(refresh.missing) == 3


def test_who_is_expected(window: Window) -> None:
    [without_users, revoked, newcomer] = providers(3)
    certificates = DataUserCertificate.objects
    certificates.filter(organisation=without_users).update(
        status=CertificateStatus.SUSPENDED, expires=timezone.localdate()
    )
    certificates.filter(organisation=revoked).update(status=CertificateStatus.REVOKED)
    certificates.filter(organisation=newcomer).update(status=CertificateStatus.APPLIED)
    expected = tracking.expected([window.primary_period])
    assert [one.code for one in expected] == ["RZ1", "RZ2", "RZ3", without_users.code]
    put(window, revoked.code, R)
    assert revoked in tracking.expected([window.primary_period])
    assert Organisation.objects.get(code="91A") not in expected


def test_as_many_questions_however_many_providers(
    window: Window, django_assert_num_queries
) -> None:
    for _ in range(2):
        with django_assert_num_queries(6):
            tracking.figures(window, tracking.of_window(window))
        for provider in providers(20) if _ == 0 else []:
            put(window, provider.code, A, rows=(10, 1))


def test_stuck(window: Window) -> None:
    put(window, "RZ1", A, minutes_ago=60)
    put(window, "RZ1", C, minutes_ago=1)
    put(window, "RZ1", Status.RECEIVED, minutes_ago=4)
    waiting = put(window, "RZ2", Status.RECEIVED, minutes_ago=6)
    left = put(window, "RZ3", C, minutes_ago=2)
    Submission.objects.filter(id=left.id).update(lease_until=timezone.now())
    assert [(one, one.no_sign_of_life) for one in tracking.stuck()] == [
        (waiting, False),
        (left, True),
    ]


def test_failed_until_a_later_file_makes_it_good(window: Window, alice: User) -> None:
    failed = put(window, "RZ1", F)
    put(window, "RZ1", A, Kind.REFRESH)
    assert list(tracking.failed()) == [failed]
    put(window, "RZ1", R)
    assert list(tracking.failed()) == [failed]
    put(window, "RZ1", A)
    assert not tracking.failed().exists()
