"""What views say of a deed: done, or why not."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest

from submissions.lifecycle import NotNow
from submissions.refusals import Refusal


def answer(request: HttpRequest, deed: Callable[[], Any], done: str) -> None:
    """Do it; the next page says `done`, the words of a refusal, or that somebody was first."""
    try:
        deed()
    except Refusal as refusal:
        messages.error(request, refusal.words)
    except NotNow:
        messages.error(request, "Somebody was first: look at what it says now.")
    else:
        messages.success(request, done)
