"""What every request meets first."""

import logging
import sys
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.defaults import server_error

from accounts import visitors

log = logging.getLogger("portal.web")

# What a browser could do for a page and does for none of ours; passkeys are for this site alone.
UNUSED = (
    *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture"),
    *("encrypted-media", "fullscreen", "geolocation", "gyroscope", "hid", "idle-detection"),
    *("magnetometer", "microphone", "midi", "payment", "picture-in-picture"),
    *("screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
)
PERMISSIONS_POLICY = ", ".join(
    [
        *(f"{feature}=()" for feature in UNUSED),
        "publickey-credentials-get=(self)",
        "publickey-credentials-create=(self)",
    ]
)
# Asked by machines that watch, from wherever they are; it tells nothing.
FROM_ANYWHERE = {"/health"}


class safe_headers:  # noqa: N801 (reads like a function in the settings)
    """What neither Django nor django-csp has a setting for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


class allowed_networks:  # noqa: N801
    """Turns away whoever comes from a network that is not named, before anything is asked."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info in FROM_ANYWHERE or visitors.is_allowed(request):
            return self.get_response(request)
        # Without the request: nothing of whoever may be signed in, and no script.
        words = {"email": settings.HELPDESK_EMAIL, "phone": settings.HELPDESK_PHONE}
        return render(None, "elsewhere.html", words, status=403)


class plain_words_when_the_database_is_away:  # noqa: N801 (reads like a function in the settings)
    """A database that is away is our fault: said plainly, with 503 and no trace.

    Views are asked here; what other middleware meets (it reads the session) comes by `our_fault`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        return unavailable(error) if is_database_away(error) else None


def our_fault(request: HttpRequest) -> HttpResponseBase:
    """Django's handler of whatever was not caught."""
    error = sys.exc_info()[1]
    return unavailable(error) if is_database_away(error) else server_error(request)


def is_database_away(error: BaseException | None) -> bool:
    return isinstance(error, OperationalError | InterfaceError)


def unavailable(error: BaseException | None) -> HttpResponseBase:
    log.error("the database is away: %s", type(error).__name__)
    response = render(None, "503.html", status=503)
    response.headers["Retry-After"] = "60"
    return response
