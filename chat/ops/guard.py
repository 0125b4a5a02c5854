"""Who may see the numbers: who has the token, or comes from a listed address. Nobody, unless one of them is set."""

import secrets
from ipaddress import IPv6Address, ip_address
from typing import Any

from django.conf import settings


def allows(scope: dict[str, Any]) -> bool:
    """Of an ASGI request."""
    headers = dict(scope["headers"])
    return _has_token(headers.get(b"authorization", b"")) or _is_listed(_address(scope, headers))


def _has_token(given: bytes) -> bool:
    wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
    return bool(settings.METRICS_TOKEN) and secrets.compare_digest(given, wanted)


def _is_listed(address: str) -> bool:
    try:
        asking = ip_address(address)
    except ValueError:
        return False
    if isinstance(asking, IPv6Address) and asking.ipv4_mapped:
        asking = asking.ipv4_mapped
    return any(asking in network for network in settings.METRICS_ALLOW)


def _address(scope: dict[str, Any], headers: dict[bytes, bytes]) -> str:
    """Of who asks; none where a proxy that the site was not told of passed it on, for through it comes everybody."""
    address = str((scope.get("client") or [""])[0])
    said = headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",")[-1].strip()
    return "" if b"forwarded" in headers or (said and said != address) else address
