"""The address and scheme of a visitor are those of the connection, or those that a trusted proxy says."""

import asyncio
from ipaddress import ip_network
from typing import Any

import pytest

from chatsite.proxies import BehindProxies, Trusted

PROXIES = Trusted((ip_network("10.0.0.0/24"), ip_network("2001:db8::/64")), unix=False)
FORGED = {"X-Forwarded-For": "192.0.2.66", "X-Forwarded-Proto": "https", "Daphne-Root-Path": "/admin"}


def seen(trusted: Trusted, client: tuple[str, int] | None, headers: dict[str, str], kind: str = "http") -> Any:
    """The scope as the site sees it."""
    found: list[dict[str, Any]] = []

    async def site(scope: dict[str, Any], receive: Any, send: Any) -> None:
        found.append(scope)

    scope = {
        "type": kind, "client": client, "scheme": {"http": "http", "websocket": "ws"}[kind], "root_path": "/forged",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    asyncio.run(BehindProxies(site, trusted)(scope, None, None))
    [scope] = found
    return scope


def address(said: str, trusted: Trusted = PROXIES, client: tuple[str, int] | None = ("10.0.0.1", 1)) -> str | None:
    who = seen(trusted, client, {"X-Forwarded-For": said})["client"]
    return who and who[0]


@pytest.mark.parametrize("trusted", [Trusted((), unix=False), PROXIES])
@pytest.mark.parametrize("client", [("192.0.2.7", 4000), ("::1", 4000), None])
def test_a_stranger_is_not_believed(trusted: Trusted, client: tuple[str, int] | None) -> None:
    scope = seen(trusted, client, FORGED)

    assert (scope["client"], scope["scheme"], scope["root_path"]) == (client, "http", "")


@pytest.mark.parametrize("client", ["10.0.0.1", "10.0.0.255", "::ffff:10.0.0.1", "2001:db8::7"])
def test_a_trusted_proxy_tells_who_came_and_how(client: str) -> None:
    scope = seen(PROXIES, (client, 4000), FORGED)

    assert (scope["client"], scope["scheme"], scope["root_path"]) == (("192.0.2.66", 0), "https", "")
    assert seen(PROXIES, (client, 4000), FORGED, "websocket")["scheme"] == "wss"
    assert seen(PROXIES, (client, 4000), FORGED | {"X-Forwarded-Proto": "http"}, "websocket")["scheme"] == "ws"


def test_what_a_visitor_wrote_before_the_proxy_is_not_believed() -> None:
    assert address("127.0.0.1, 192.0.2.66") == "192.0.2.66"
    assert address("192.0.2.66,, 10.0.0.9 , 10.0.0.8") == "192.0.2.66"
    assert address("192.0.2.66, gibberish") is None
    assert address("gibberish, 10.0.0.9") is None


def test_a_proxy_that_tells_no_address_leaves_it_unknown() -> None:
    assert address("") is None
    assert address("_hidden") is None
    assert seen(PROXIES, ("10.0.0.1", 1), {})["client"] is None


def test_one_who_is_a_proxy_oneself_has_the_address_that_it_says() -> None:
    assert address("10.0.0.9") == "10.0.0.9"


def test_behind_a_unix_socket_there_is_a_proxy_where_the_operator_says_so() -> None:
    assert address("192.0.2.66", Trusted((), unix=True), client=None) == "192.0.2.66"
    assert address("192.0.2.66", Trusted((), unix=True), client=("127.0.0.1", 1)) == "127.0.0.1"
    assert address("192.0.2.66", Trusted((), unix=False), client=None) is None


def test_the_lifespan_goes_through_untouched() -> None:
    scope = {"type": "lifespan"}
    found = []

    async def site(scope: dict[str, Any], receive: Any, send: Any) -> None:
        found.append(scope)

    asyncio.run(BehindProxies(site, PROXIES)(scope, None, None))
    assert found == [scope]
