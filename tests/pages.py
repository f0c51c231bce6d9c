"""Pages as a visitor without a browser gets them."""

import re

from django.http import HttpResponse
from django.test import Client

from accounts.doors import SECOND_FACTOR
from accounts.models import User
from iapt_portal.demonstration import PASSWORD

# What every page has of its own: the nonce of its scripts, the token of its forms.
OWN = re.compile(rb'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"')


def visit(user: User | None = None) -> Client:
    """Somebody signed in (with the second factor, where one is asked for), or a passer-by."""
    client = Client()
    if user:
        client.force_login(user)
        session = client.session
        session[SECOND_FACTOR] = user.pk
        session.save()
    return client


def confirmed(user: User) -> Client:
    """Somebody who has just said once more who they are, as is asked before what weighs most."""
    client = visit(user)
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


def same_page(one: HttpResponse, two: HttpResponse) -> bool:
    """The same, but for what every page has of its own."""
    return OWN.sub(b"", one.content) == OWN.sub(b"", two.content)
