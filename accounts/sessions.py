"""When a session ends: after a while without a request, after a working day, at once for all.

Its beginning and its last request are stamped in it. The last is written at most once a minute,
also when a request ends: an upload may take longer than the idle time.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_http_methods

from accounts.models import User

BEGAN, SEEN = "began", "seen"
STAMP_SECONDS = 60
# What a page asks by itself does not show that somebody is there; (address name, method).
ASKED_BY_PAGES = {("submission_status", "GET"), ("account_session", "GET")}
HOURS = settings.SESSION_COOKIE_AGE // 3600
MINUTES = settings.SESSION_IDLE_SECONDS // 60
AFTER_HOURS = f"You were signed out {HOURS} hours after signing in. Sign in again to go on."
AFTER_IDLE = (
    f"You were signed out because nothing was done for {MINUTES} minutes. Sign in again to go on."
)


def begin(session: SessionBase) -> None:
    """Somebody has signed in."""
    session[BEGAN] = session[SEEN] = time.time()


def end_all(user: User) -> None:
    """End every session of the user, wherever it is: at a change of role, for instance."""
    User.objects.filter(pk=user.pk).update(sessions_ended=F("sessions_ended") + 1)
    user.refresh_from_db(fields=["sessions_ended"])


def left(session: SessionBase) -> tuple[float, float]:
    """Seconds until the session ends for want of requests, and until it ends in any case."""
    now = time.time()
    return (
        session.get(SEEN, 0) + settings.SESSION_IDLE_SECONDS - now,
        session.get(BEGAN, 0) + settings.SESSION_COOKIE_AGE - now,
    )


def seen(session: SessionBase) -> None:
    """Stamp a request. Only the stamp is written: since a long request began, the session may
    have been changed by others, or have ended."""
    now = time.time()
    if now - session.get(SEEN, 0) < STAMP_SECONDS:
        return
    if session.modified:
        session[SEEN] = now
        return
    stored = type(session)(session.session_key)
    if BEGAN in stored:
        stored[SEEN] = now
        try:
            stored.save()
        except UpdateError:
            return


class ends_in_time:  # noqa: N801 (a middleware reads like a function in the settings)
    """Signs out whose time is over. Asked before a body is read: a file on its way is not lost."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.user.is_authenticated:
            idle, whole = left(request.session)
            if min(idle, whole) <= 0:
                logout(request)
                messages.info(request, AFTER_HOURS if whole <= 0 else AFTER_IDLE)
        response = self.get_response(request)
        match = request.resolver_match
        asked = (match.view_name if match else "", request.method)
        if request.user.is_authenticated and asked not in ASKED_BY_PAGES:
            seen(request.session)
        return response


@require_http_methods(["GET", "POST"])
def session(request: HttpRequest) -> HttpResponse:
    """GET: how many seconds are left, and whether staying helps. POST: stay."""
    if request.method == "POST":
        return HttpResponse(status=204)
    idle, whole = left(request.session)
    answer: dict[str, Any] = {"left": int(min(idle, whole)), "may_stay": idle < whole}
    return JsonResponse(answer)
