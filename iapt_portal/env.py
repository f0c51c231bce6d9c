"""Variables from the environment: `NAME`, or `NAME_FILE` naming a file that holds the value.

A missing or wrong one stops the start and says what to set.
"""

import base64
import os
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from pyrage import RecipientError, x25519

KEY_BYTES = 32

YES, NO = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def text(name: str, default: str | None = None) -> str:
    """The value of `name` (or the content of the file named by `name_FILE`)."""
    if name in os.environ:
        return os.environ[name]
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: cannot read {path}: {error}") from error
    if default is None:
        raise ImproperlyConfigured(f"Set {name}, or {name}_FILE to a file that holds it.")
    return default


def key(name: str) -> str:
    """Base64 of 32 random bytes or more."""
    value = text(name)
    try:
        enough = len(base64.b64decode(value, validate=True)) >= KEY_BYTES
    except ValueError:
        enough = False
    if not enough:
        raise ImproperlyConfigured(f"{name} is base64 of at least {KEY_BYTES} random bytes.")
    return value


def recipient(name: str) -> str:
    """An age recipient, as `age-keygen` prints it."""
    value = text(name)
    try:
        x25519.Recipient.from_str(value)
    except RecipientError as error:
        raise ImproperlyConfigured(f"{name} is an age recipient (age1…).") from error
    return value


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to 1 or 0.")
    return value in YES


def number(name: str, default: int) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to a whole number.")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Networks as 10.1.0.0/16, by commas."""
    try:
        return [ip_network(word) for word in words(name)]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: {error}. Set it to networks by commas, as 10.1.0.0/16,2001:db8::/32, "
            "or leave it blank."
        ) from error
