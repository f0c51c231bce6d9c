"""Who may ask for what: one table. Whatever is not in it, nobody may.

The table says which kind of user may come to an address at all; *whose* submission or extract
is then found only through the user (`user.providers`, `user.commissioners`), so that a stranger
and somebody asking for what does not exist get the same answer: 404.
"""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser

from accounts.models import User

Visitor = User | AnonymousUser


def anybody(user: Visitor) -> bool:
    return True


def signed_in(user: Visitor) -> bool:
    return user.is_authenticated


def provider(user: Visitor) -> bool:
    return isinstance(user, User) and user.providers.exists()


def receiver(user: Visitor) -> bool:
    """Members of any organisation, provider or commissioner, receive extracts."""
    return isinstance(user, User) and user.organisations.exists()


def staff(user: Visitor) -> bool:
    return user.is_authenticated and user.is_staff


def provider_or_staff(user: Visitor) -> bool:
    return staff(user) or provider(user)


# address name -> who may ask for it
TABLE: dict[str, Callable[[Visitor], bool]] = {
    # what the portal is about
    "home": signed_in,
    "windows": anybody,
    "windows_year": anybody,
    "windows_feed": anybody,
    "dictionary": anybody,
    "dictionary_whole": anybody,
    "dictionary_column": anybody,
    "guidance": anybody,
    "guidance_page": anybody,
    "help": anybody,
    "privacy": anybody,
    "accessibility": anybody,
    "health": anybody,
    # sending
    "empty_databases": provider_or_staff,
    "empty_database": provider_or_staff,
    "send": provider,
    "submissions": provider,
    "submission": provider_or_staff,
    "submission_status": provider_or_staff,
    "submission_withdraw": provider,
    # receiving
    "downloads": receiver,
    "download": receiver,
    # staff
    "desk": staff,
    "window": staff,
    "windows_propose": staff,
    "window_open": staff,
    "window_close": staff,
    "window_process": staff,
    "window_publish": staff,
    "submission_try_again": staff,
    "mails": staff,
    # signing in
    "account_login": anybody,
    "account_logout": anybody,
    "account_reauthenticate": signed_in,
    "account_change_password": signed_in,
    "account_reset_password": anybody,
    "account_reset_password_done": anybody,
    "account_reset_password_from_key": anybody,
    "account_reset_password_from_key_done": anybody,
    "account_inactive": anybody,
    "mfa_authenticate": anybody,
    "mfa_reauthenticate": signed_in,
    "mfa_index": signed_in,
    "mfa_activate_totp": signed_in,
    "mfa_deactivate_totp": signed_in,
    "mfa_generate_recovery_codes": signed_in,
    "mfa_view_recovery_codes": signed_in,
    "mfa_download_recovery_codes": signed_in,
}

# Addresses that somebody who still lacks a second factor may use, in order to get one.
BEFORE_SECOND_FACTOR = {
    "account_logout",
    "account_reauthenticate",
    "mfa_activate_totp",
    "mfa_reauthenticate",
    "help",
    "privacy",
    "accessibility",
    "health",
}


def may(user: Visitor, address: str) -> bool:
    """Whether `user` may ask for the address of that name; nobody may ask for an unlisted one."""
    rule = TABLE.get(address)
    return rule is not None and rule(user)
