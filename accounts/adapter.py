"""How allauth behaves here: nobody signs up; mails go through the outbox; tries are counted."""

from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from accounts import guessing, outbox, visitors
from accounts.clock import clock
from accounts.models import Mail, User

# How somebody signed in says once more who they are, in our words.
WAYS = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code of your authenticator app, or a recovery code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}


# The letter by which a new password is chosen, and how often one is written: an earlier one still
# works, and a stranger who asks for hundreds floods no mailbox.
RESET = "account/email/password_reset_key"
RESET_EVERY = timedelta(minutes=5)


def _wrote_lately(user: User, subject: str) -> bool:
    lately = Mail.objects.filter(written_at__gt=clock() - RESET_EVERY)
    return lately.filter(to=user, subject=subject).exists()


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made for known people, never by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Through the outbox, so that a mail server that is away never shows."""
        if user := User.objects.filter(email__iexact=email, is_active=True).first():
            message = self.render_mail(template_prefix, email, context)
            if template_prefix == RESET and _wrote_lately(user, message.subject):
                return
            outbox.write([user], message.subject, message.body)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """At the site's own address, whatever name the request came by."""
        words = {"uidb36": "UID", "key": "KEY"}
        path = reverse("account_reset_password_from_key", kwargs=words).replace("UID-KEY", key)
        return f"{settings.SITE_ADDRESS}{path}"

    def get_client_ip(self, request: HttpRequest) -> str:
        if found := visitors.address(request):
            return str(found)
        raise PermissionDenied

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Allauth takes back what is counted here once the password was right."""
        account = credentials.get("email", "")
        self._login_failed_rl_usage = guessing.count(
            request, secret=guessing.PASSWORD, account=account
        )

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """The password alone: what else changed meanwhile, as an account that was closed, stays."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def get_reauthentication_methods(
        self, user: AbstractBaseUser | AnonymousUser
    ) -> list[dict[str, Any]]:
        ways = super().get_reauthentication_methods(user)
        return [way | {"description": WAYS[way["id"]]} for way in ways]
