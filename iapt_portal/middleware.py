"""What every request meets first."""

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

log = logging.getLogger("portal.web")


class plain_words_when_the_database_is_away:  # noqa: N801 (reads like a function in the settings)
    """A database that is away is our fault: said plainly, with 503 and no trace."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        if not isinstance(error, OperationalError | InterfaceError):
            return None
        log.error("the database is away: %s", type(error).__name__)
        return unavailable(request)


def unavailable(request: HttpRequest) -> HttpResponseBase:
    response = render(None, "503.html", status=503)
    response.headers["Retry-After"] = "60"
    return response
