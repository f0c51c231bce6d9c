"""The door in front of every view: default deny, and a second factor where one is asked for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
)
from django.shortcuts import redirect

from accounts import known_browsers, permissions
from accounts.models import User
from accounts.refusals import NotNow, Refusal

SECOND_FACTOR = "second_factor"


ACTS_NO_MORE = "Nobody may act for your organisation now. Why, and who must act, stands below."


class SignedInRequest(HttpRequest):
    """A request that has passed this door: somebody is signed in."""

    user: User


def needs_second_factor(user: User | AnonymousUser) -> bool:
    """Whether the user's role needs one."""
    return user.is_authenticated and (settings.SECOND_FACTOR_FOR_EVERYONE or user.is_staff)


def remember_second_factor(request: HttpRequest, user: User) -> None:
    """This session has given the second factor, or set it up: others of the user have not."""
    request.session[SECOND_FACTOR] = user.pk


def gave_second_factor(request: HttpRequest) -> bool:
    return request.session.get(SECOND_FACTOR) == request.user.pk


def only_posted(
    page: str, *, same_arguments: bool = True, confirmed: bool = False
) -> Callable[[Any], Any]:
    """For a view that does a deed: whoever comes to its address otherwise, as after signing in
    again, is led to the page that has its button, with `same_arguments` or without any.

    `confirmed`: for deeds that weigh most. Who has not said in the last five minutes who they are
    is asked to, and then the deed goes on.
    """

    def to_page(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        deed = reauthentication_required(view) if confirmed else view

        @wraps(view)
        def door(request: HttpRequest, **arguments: Any) -> HttpResponseBase:
            if request.method in {"GET", "HEAD"}:
                return redirect(page, *(arguments.values() if same_arguments else ()))
            if request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            return deed(request, **arguments)

        return door

    return to_page


def answer(request: HttpRequest, deed: Callable[[], Any], done: str) -> bool:
    """Do it; the next page says `done`, the words of a refusal, or that somebody was first.
    Whether it was done."""
    try:
        deed()
    except Refusal as refusal:
        messages.error(request, refusal.words)
    except NotNow:
        messages.error(request, "Somebody was first: look at what it says now.")
    else:
        messages.success(request, done)
        return True
    return False


def ask_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """To the sign-in page, and back afterwards. A part of a page that asks by itself has the whole
    page asked again."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return redirect_to_login(request.get_full_path())


class default_deny:  # noqa: N801 (a middleware reads like a function in the settings)
    """Turns away whoever the permission table does not name for the address."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        user = request.user
        if user.is_authenticated or permissions.is_somebodys(match.view_name if match else ""):
            response.headers["Cache-Control"] = "no-store"
        if (
            user.is_authenticated
            and not known_browsers.is_known(request, user)
            and (gave_second_factor(request) or not is_mfa_enabled(user))
        ):
            known_browsers.remember(request, response, user)
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        match = request.resolver_match
        address = match.view_name if match else ""
        if needs_second_factor(request.user) and not gave_second_factor(request):
            if is_mfa_enabled(request.user):
                # Signed in before the second factor was set up, perhaps by somebody else.
                logout(request)
                return ask_to_sign_in(request)
            if address not in permissions.BEFORE_SECOND_FACTOR:
                return redirect("mfa_activate_totp")
        if permissions.may(request.user, address):
            return None
        if not request.user.is_authenticated and address in permissions.TABLE:
            return ask_to_sign_in(request)
        if permissions.only_acts_no_more(request.user, address):
            messages.error(request, ACTS_NO_MORE)
            return redirect("home")
        raise Http404
