"""The way of a file through a page, to be sent or only to be checked: the body comes in, and the
answer leads on to what was made of it."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpResponse, UnreadablePostError
from django.shortcuts import redirect
from django.urls import reverse

from accounts.doors import SignedInRequest
from submissions.uploading import LockingUploadHandler, too_large

CREATED, TOO_LARGE, UNPROCESSABLE, UNAVAILABLE = 201, 413, 422, 503
NO_ROOM = "We cannot take files now. Nothing was saved. Please try again in some minutes."
ROOM_FOR_THE_FORM = 64 * 1024

Take = Callable[[LockingUploadHandler], HttpResponse]
# The page again, with why nothing was taken.
Refuse = Callable[[str, int], HttpResponse]


def let_in(request: SignedInRequest, take: Take, refuse: Refuse) -> HttpResponse:
    """Let the file come in, and answer with what `take` makes of it. Whatever happens, nothing
    stays but a file that became a row's.

    Raises BadRequest when the line broke before the end.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_UPLOAD_BYTES + ROOM_FOR_THE_FORM:
        return refuse(too_large(), TOO_LARGE)
    handler = LockingUploadHandler(request)
    request.upload_handlers = [handler]
    try:
        # Asked for here because asking is what reads the body, before anything else looks at it.
        request.POST  # noqa: B018
        return take(handler)
    except UnreadablePostError as error:
        raise BadRequest("the body ended early") from error
    except OSError:
        return refuse(NO_ROOM, UNAVAILABLE)
    finally:
        handler.forget()


def lead_to(request: SignedInRequest, name: str, number: int) -> HttpResponse:
    """To what was made: the page's own script is told where it is, a plain form is sent there."""
    if request.headers.get("X-Requested-With") != "XMLHttpRequest":
        return redirect(name, number)
    response = HttpResponse(status=CREATED)
    response.headers["X-Continue-At"] = reverse(name, args=[number])
    return response
