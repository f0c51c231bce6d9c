"""How allauth's second factors behave here: passkeys of this site, codes that are counted."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from allauth.account.internal.stagekit import clear_login, get_pending_stage
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from accounts import guessing
from accounts.doors import needs_second_factor


class SecondFactorAdapter(DefaultMFAAdapter):
    """Names, and the words of what goes wrong."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This was not accepted. A code works once: wait for the next one.",
        "cannot_delete_authenticator": "Your account needs a second step: set up another first.",
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The last one stays: a password alone would let in whoever then sets up their own."""
        user = authenticator.user
        others = Authenticator.objects.filter(user=user).exclude(pk=authenticator.pk)
        codes = Authenticator.Type.RECOVERY_CODES
        return others.exclude(type=codes).exists() or not needs_second_factor(user)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the site's own name, whatever name a request came by."""
        name = urlsplit(settings.SITE_ADDRESS).hostname or ""
        return {"id": name, "name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"


class GiveSecondFactor(AuthenticateView):
    """The second step of signing in. Where staff have removed it meanwhile, signing in begins
    anew: allauth would send the browser to and fro."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        stage = get_pending_stage(request)
        if stage and not is_mfa_enabled(stage.login.user):
            clear_login(request)
            messages.info(request, "Your second step was removed. Sign in again.")
            return redirect("account_login")
        return super().dispatch(request, *args, **kwargs)


@contextmanager
def well_formed() -> Iterator[None]:
    """What is not what a browser makes of a passkey is refused in words; the library that reads
    it stumbles."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, struct.error) as error:
        raise SecondFactorAdapter().validation_error("incorrect_code") from error


class PasskeyForm(AuthenticateWebAuthnForm):
    """A passkey as the second factor while signing in."""

    def clean_credential(self) -> Authenticator:
        with well_formed():
            return super().clean_credential()


class ConfirmByPasskeyForm(PasskeyForm, ReauthenticateWebAuthnForm):
    """The passkey of somebody signed in, who says once more who they are."""


class AddPasskeyForm(AddWebAuthnForm):
    """A new passkey."""

    def clean(self) -> dict[str, Any]:
        with well_formed():
            return super().clean()


class RemovePasskey(RemoveWebAuthnView):
    """Allauth asks whether the app may go, but not whether a passkey may."""

    def form_valid(self, form: Any) -> HttpResponse:
        adapter = SecondFactorAdapter()
        if adapter.can_delete_authenticator(self.get_object()):
            return super().form_valid(form)
        messages.error(self.request, adapter.error_messages["cannot_delete_authenticator"])
        return redirect("mfa_list_webauthn")


class Counted(BaseAuthenticateForm):
    """Wrong codes are counted; others than the user cannot use up the user's tries."""

    def clean_code(self) -> str:
        tried = guessing.count(
            context.request, secret=guessing.CODE, account=str(self.user.get_username())
        )
        code = super().clean_code()
        tried.rollback()
        return code


class CodeForm(Counted, AuthenticateForm):
    """The second factor while signing in."""


class ConfirmForm(Counted, ReauthenticateForm):
    """The second factor of somebody signed in, who says once more who they are."""
