"""Pages as a visitor without a browser gets them."""

import re

from django.http import HttpResponse
from django.test import Client

from accounts.doors import SECOND_FACTOR
from accounts.models import User

# What every page has of its own: the nonce of its scripts, the token of its forms.
OWN = re.compile(rb'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"')


def visit(user: User | None = None) -> Client:
    """Somebody signed in (with the second factor, where one is asked for), or a passer-by."""
    client = Client()
    if user:
        # As they are stored now: their sessions may have been ended.
        client.force_login(User.objects.get(pk=user.pk))
        session = client.session
        session[SECOND_FACTOR] = user.pk
        session.save()
    return client


def same_page(one: HttpResponse, two: HttpResponse) -> bool:
    """The same, but for what every page has of its own."""
    return OWN.sub(b"", one.content) == OWN.sub(b"", two.content)
