"""Where a visitor comes from: what the proxy says, as far as it is trusted, and no further."""

from ipaddress import IPv4Address, IPv6Address, ip_address

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.http import HttpRequest


def address(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """The visitor's address; None where there is none to be trusted.

    `ALLAUTH_TRUSTED_PROXY_COUNT` says how many entries of X-Forwarded-For, from the right, were
    written by proxies of our own: whatever stands before them was written by anybody.
    """
    said = get_client_ip(request)
    if not said:
        return None
    found = ip_address(said)
    # An IPv4 visitor of a socket for both is the same visitor.
    return getattr(found, "ipv4_mapped", None) or found


def is_allowed(request: HttpRequest) -> bool:
    """Whether the visitor comes from a network that may reach the portal at all."""
    if not settings.ALLOWED_NETWORKS:
        return True
    found = address(request)
    return found is not None and any(found in network for network in settings.ALLOWED_NETWORKS)
