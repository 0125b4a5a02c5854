"""Where a request comes from, for bounds that hold for an address."""

from django.conf import settings
from django.http import HttpRequest


def of(request: HttpRequest) -> str | None:
    """The visitor's address, or None where only that of a proxy is known, which everybody shares.

    Behind a proxy the server has to be told to believe it (`--proxy-headers`): then the address is the one that the
    proxy's header begins with. Otherwise nobody may use up what is meant for all.
    """
    address = request.META.get("REMOTE_ADDR") or None
    if settings.SECURE_PROXY_SSL_HEADER and address != _said_by_proxy(request):
        return None
    return address


def _said_by_proxy(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",")[0].strip()
