"""What every request meets first."""

import logging
import sys
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.defaults import server_error

log = logging.getLogger("portal.web")


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
