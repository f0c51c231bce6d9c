"""Pages as a visitor without a browser gets them."""

import re
import time

from django.http import HttpResponse
from django.test import Client

from accounts.doors import SECOND_FACTOR
from accounts.models import User
from iapt_portal.demonstration import PASSWORD

# What every page has of its own: the nonce of its scripts, the token of its forms.
OWN = re.compile(rb'nonce="[^"]*"|name="csrfmiddlewaretoken" value="[^"]*"')
# What is said of a star to those who do not see it.
LEFT_OUT = '<span class="nhsuk-u-visually-hidden"> left out</span>'


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


def confirmed(user: User) -> Client:
    """Somebody who has just said once more who they are, as is asked before what weighs most."""
    client = visit(user)
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


def same_page(one: HttpResponse, two: HttpResponse) -> bool:
    """The same, but for what every page has of its own."""
    return OWN.sub(b"", one.content) == OWN.sub(b"", two.content)


def confirmed_just_now(client: Client, user: User) -> None:
    """The session has said within the last five minutes who it is."""
    session = client.session
    record = {"method": "password", "at": time.time(), "reauthenticated": True}
    session["account_authentication_methods"] = [record]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def cells(html: str, row: str) -> list[str]:
    """What is seen in the first row whose head begins like that."""
    for found in re.findall(r"<tr.*?</tr>", html.replace(LEFT_OUT, ""), re.DOTALL):
        head, *rest = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", found, re.DOTALL)
        if words(head).startswith(row):
            return [words(one) for one in rest]
    raise AssertionError(row)


def words(html: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", html).split())
