"""The home page of each role: the one place that may see every room."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import certificates, permissions, second_person
from accounts.clock import now
from accounts.doors import SignedInRequest
from accounts.models import (
    CaldicottGuardian,
    CertificateStatus,
    DataUserCertificate,
    Mail,
    Notice,
    Organisation,
)
from extracts import overdue, publication_calendar
from extracts.models import Extract
from submissions import tracking
from submissions.lifecycle import Status
from submissions.models import Submission, Window
from submissions.models.calendar import Kind, State

# The main navigation: label and address; each visitor sees those that the permissions allow.
NAVIGATION = [
    ("Home", "home"),
    ("Send a file", "send"),
    ("Check a file", "check"),
    ("Submissions", "submissions"),
    ("My services", "services"),
    ("Downloads", "downloads"),
    ("Desk", "desk"),
    ("Tracker", "tracker"),
    ("Applications", "applications"),
    ("Windows", "windows"),
    ("Statistics", "statistics"),
    ("Data quality", "quality"),
    ("Empty databases", "empty_databases"),
    ("Dictionary", "dictionary"),
    ("Rules", "rules"),
    ("Guidance", "guidance"),
]


def every_page(request: HttpRequest) -> dict[str, Any]:
    """What the frame of every page needs."""
    user = getattr(request, "user", AnonymousUser())
    match = request.resolver_match
    here = match.view_name if match else ""
    # The home page of staff is their desk, which needs one place in the navigation only; what they
    # seldom need is listed there.
    open_to_them = permissions.those_open(user, [address for _, address in NAVIGATION])
    if "desk" in open_to_them:
        open_to_them -= {"home", "empty_databases"}
        here = "desk" if here == "home" else here
    shown = [
        {"label": label, "url": reverse(address), "current": address == here}
        for label, address in NAVIGATION
        if address in open_to_them
    ]
    return {
        "navigation": shown,
        "notices": Notice.objects.shown_to(user),
        "demonstration": settings.DEMO,
        "idle_seconds": settings.SESSION_IDLE_SECONDS,
        "helpdesk_email": settings.HELPDESK_EMAIL,
        "helpdesk_phone": settings.HELPDESK_PHONE,
        "max_upload_megabytes": settings.MAX_UPLOAD_BYTES // settings.MEGABYTE,
    }


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Answers while web and database work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


OF_THE_LAST: dict[str, str] = {
    Status.RECEIVED: "Your file is being checked.",
    Status.CHECKING: "Your file is being checked.",
    Status.REJECTED: "Your last file was rejected: look at what is wrong and send it again.",
    Status.FAILED: "We could not check your last file. Staff have been told.",
}
NOTHING_SENT = {
    Kind.PRIMARY: "Send the Primary before the window closes: it is mandatory.",
    Kind.REFRESH: "A Refresh is recommended: the same month once more, with what came late.",
}


@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    """What is my position: staff have their desk."""
    user = request.user
    if user.is_staff:
        return desk(request)
    window = Window.objects.open().first()
    closed = None if window else Window.objects.past().first()
    shown = window or closed
    hindered = certificates.hindered(user)
    context = {
        "window": window,
        "closed": closed,
        "next_window": Window.objects.upcoming().first(),
        "providers": [position(provider, shown) for provider in user.providers],
        "commissioners": list(user.commissioners),
        "hindered": hindered,
        "acts_for_nobody": not hindered and not user.organisations.exists(),
        "organisations": list(user.member_organisations),
        "extracts": Extract.objects.seen_by(user).kept()[:5],
    }
    return render(request, "home/home.html", context)


def position(provider: Organisation, window: Window | None) -> dict[str, Any]:
    """What a provider has sent in the window that is open or closed last, and what it has to do."""
    kinds = [kind_position(provider, window, kind) for kind in Kind] if window else []
    return {"provider": provider, "kinds": kinds}


def kind_position(provider: Organisation, window: Window, kind: Kind) -> dict[str, Any]:
    sent = Submission.objects.filter(provider=provider, period=window.period(kind), kind=kind)
    standing, last = sent.accepted().with_rows().first(), sent.first()
    rejected = standing.rows_rejected if standing else 0
    return {
        "kind": kind,
        "period": window.period(kind),
        "standing": standing,
        "last": last,
        "to_do": to_do(kind, standing, last, rejected)
        if window.state == State.OPEN
        else over(window, standing, last),
    }


def to_do(kind: Kind, standing: Submission | None, last: Submission | None, rejected: int) -> str:
    """The next step while the window is open."""
    if last and (standing is None or last.id != standing.id) and last.status in OF_THE_LAST:
        return OF_THE_LAST[last.status]
    if standing is None:
        return NOTHING_SENT[kind]
    if last and last.id != standing.id:
        return "An earlier file stands again. You may send a better one until the window closes."
    if rejected:
        return "Look at what rejects rows, mend it and send again: those rows do not count."
    return "Nothing to do. You may send a better file until the window closes."


def over(window: Window, standing: Submission | None, last: Submission | None) -> str:
    """What becomes of it once the window is closed."""
    if last and last.is_in_hand:
        return "Your file is still being checked; it arrived in time."
    if standing is None:
        if last and last.status == Status.FAILED:
            return OF_THE_LAST[last.status]
        if last and last.status == Status.WITHDRAWN:
            return "The file that was accepted is withdrawn, and no other stands in its place."
        return f"Nothing was {'accepted' if last else 'sent'} before the window closed."
    if window.published_at:
        return "It is processed; your extract can be downloaded."
    return "It will be processed. You get an e-mail when your extract can be downloaded."


# What may need a hand, and how it is said that it does not.
NOTHING_OF = {
    "stuck": "no work is stuck",
    "failed": "no submission has failed",
    "runs": "no processing has failed",
    "late": "no window is late",
    "unreleased": "no statistics wait to be released",
    "asked": "nothing waits for a second person",
    "applications": "no application waits",
    "unguarded": "every organisation has its guardian",
    "waiting_mails": "no letter waits",
    "without_account": "every commissioner named has an account",
}
# So many of a kind are shown: whoever has more has other worries than the rest of the list.
MOST = 50
MAILS_WAIT = timedelta(minutes=15)

# What staff do now and then: label and address.
DESK_PAGES = [
    ("Second person", "asked"),
    ("Applications", "applications"),
    ("Organisations, guardians and pilot sites", "organisations"),
    ("Register of organisations (ODS)", "register"),
    ("People and staff", "people"),
    ("National extracts", "national_extracts"),
    ("Audit: who did what", "audit_events"),
    ("Rules on trial", "trials"),
    ("Notices on every page", "notices"),
    ("Write to users", "letters"),
    ("Propose a further year of windows", "windows_propose"),
    ("Empty databases", "empty_databases"),
    ("Newest letters", "mails"),
]


@require_safe
def desk(request: SignedInRequest) -> HttpResponse:
    """The staff's desk: the window, who has sent, what needs a hand."""
    window = Window.objects.open().first()
    closed = Window.objects.past().first()
    shown = window or closed
    hands = needing_a_hand()
    context = {
        "window": window,
        "next_window": Window.objects.upcoming().first(),
        "closed": closed,
        "shown": shown,
        "figures": tracking.figures(shown, tracking.of_window(shown)) if shown else [],
        "nothing_of": [words for name, words in NOTHING_OF.items() if not hands[name]],
        "pages": [
            (label, reverse(address))
            for label, address in DESK_PAGES
            if permissions.may(request.user, address) and (settings.DEMO or address != "mails")
        ],
    }
    return render(request, "home/desk.html", context | hands)


def needing_a_hand() -> dict[str, Any]:
    """Whatever somebody should see to, by the names of `NOTHING_OF`."""
    to_grant = DataUserCertificate.objects.filter(status=CertificateStatus.APPROVED).count()
    return {
        "stuck": list(tracking.stuck()[:MOST]),
        "failed": list(tracking.failed()[:MOST]),
        "runs": list(overdue.troubled_runs()),
        "late": overdue.late_windows(),
        "unreleased": publication_calendar.unreleased()[:MOST],
        "asked": list(second_person.waiting()),
        "applications": to_grant + CaldicottGuardian.objects.waiting().count(),
        "unguarded": list(Organisation.objects.taking_part().without_guardian()[:MOST]),
        "waiting_mails": Mail.objects.filter(
            sent_at=None, written_at__lt=now() - MAILS_WAIT
        ).count(),
        "without_account": overdue.newest_run_without_account(),
    }


@require_safe
def mails(request: SignedInRequest) -> HttpResponse:
    """The newest letters, so that a demonstration can be followed. Nowhere else: a letter may
    hold a link that changes somebody's password."""
    if not settings.DEMO:
        raise Http404
    newest = Mail.objects.select_related("to").order_by("-id")[:50]
    return render(request, "home/mails.html", {"mails": newest})
