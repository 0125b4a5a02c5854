"""Whose word about a visitor is taken: that of the proxies that the operator named, and nobody else's.

An ASGI application around the site's. Where a named proxy is at the other end of the connection, the visitor's address
and scheme are those that it says; everywhere else they are the connection's, whatever the headers hold. The same goes
for the id under which a request is found in the logs (`scope["request_id"]`), which is made where none is given.
"""

import re
import secrets
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, NamedTuple

Address = IPv4Address | IPv6Address

_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_SECURE = {"http": "https", "websocket": "wss"}
_PLAIN = {"http": "http", "websocket": "ws"}


class Trusted(NamedTuple):
    networks: tuple[IPv4Network | IPv6Network, ...]
    unix: bool  # whoever reaches our Unix socket: its file's permissions say who that is

    def speaks(self, client: Any) -> bool:
        """Whether the other end of a connection, as ASGI tells it, is one of them."""
        if not client:
            return self.unix
        address = _parsed(client[0])
        return address is not None and self.includes(address)

    def includes(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


class BehindProxies:
    def __init__(self, application: Any, trusted: Trusted) -> None:
        self._application = application
        self._trusted = trusted

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if scope["type"] in _PLAIN:
            scope.update(self._as_the_visitor_came(scope))  # no copy: it would be kept as long as the socket
        return await self._application(scope, receive, send)

    def _as_the_visitor_came(self, scope: dict[str, Any]) -> dict[str, Any]:
        # Daphne takes the root path from anybody's `Daphne-Root-Path`; the site stands at the root of its host.
        known: dict[str, Any] = {"root_path": "", "request_id": secrets.token_hex(8)}
        if self._trusted.speaks(scope.get("client")):
            address = self._visitor(_values(scope, b"x-forwarded-for"))
            known["client"] = (str(address), 0) if address else None
            if (said := _values(scope, b"x-request-id")) and _ID.fullmatch(said[-1]):
                known["request_id"] = said[-1]
            if said := _values(scope, b"x-forwarded-proto"):
                known["scheme"] = (_SECURE if said[-1] == "https" else _PLAIN)[scope["type"]]
        return known

    def _visitor(self, said: list[str]) -> Address | None:
        """The last address that is no proxy of ours: what stands before it, anybody may have written."""
        address = None
        for text in reversed(said):
            address = _parsed(text)
            if address is None or not self._trusted.includes(address):
                break
        return address


def _values(scope: dict[str, Any], wanted: bytes) -> list[str]:
    joined = b",".join(value for name, value in scope["headers"] if name == wanted).decode("latin-1")
    return [value for part in joined.split(",") if (value := part.strip().lower())]


def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
