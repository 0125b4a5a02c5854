"""Behind a proxy with TLS: cookies bound to the host, redirects to https, and the origin that the visitor sees.

tests/deploy has a real one; here its headers are written by hand, by one whom the server trusts or not.
"""

from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.client import RichClient
from tests.integration.server.browser import Browser
from tests.services import ServerProcess, StackMaker

SETTINGS = {"TLS": "on", "HSTS": "preload", "ALLOWED_HOSTS": "chat.example.org 127.0.0.1"}
HTTPS = {"X_Forwarded_Proto": "https", "Host": "chat.example.org"}


@pytest.fixture(scope="module")
def proxied(stack_maker: StackMaker) -> Iterator[ServerProcess]:
    with stack_maker.embedded() as stack:
        yield stack.serve(TRUSTED_PROXIES="127.0.0.1", **SETTINGS)


def test_a_page_without_tls_leads_to_one_with_it(proxied: ServerProcess) -> None:
    page = Browser(proxied).get("/chat/lobby/", Host="chat.example.org")

    assert (page.status, page.headers["location"]) == (301, "https://chat.example.org/chat/lobby/")
    assert page.set_cookies == []


def test_cookies_are_bound_to_the_host_and_leave_by_tls_only(proxied: ServerProcess) -> None:
    page = Browser(proxied).get("/chat/lobby/", **HTTPS)

    assert page.status == 200
    assert {header.split("=")[0] for header in page.set_cookies} == {"__Host-session", "__Host-csrf"}
    for header in page.set_cookies:
        assert "Secure" in header
        assert "HttpOnly" in header
        assert "Path=/" in header
        assert "Domain" not in header
    assert page.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains; preload"


async def test_the_origin_is_the_one_that_the_visitor_sees(proxied: ServerProcess, room: str) -> None:
    browser = Browser(proxied)
    browser.get(f"/chat/{room}/", **HTTPS)
    url = proxied.ws_url(room).replace("127.0.0.1", "chat.example.org").replace(f":{proxied.port}", "")

    async def status(origin: str, **headers: str) -> int:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            async with connect(
                url, host="127.0.0.1", port=proxied.port, origin=Origin(origin), additional_headers=headers, proxy=None
            ):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    assert await status("https://chat.example.org", X_Forwarded_Proto="https") == 101
    assert await status("http://chat.example.org", X_Forwarded_Proto="https") == 403
    assert await status("https://chat.example.org") == 403
    assert await status("https://chat.example.org", X_Forwarded_Proto="http") == 403
    assert await status("https://evil.example", X_Forwarded_Proto="https") == 403


async def test_who_is_no_proxy_is_not_believed(stack_maker: StackMaker, room: str) -> None:
    with stack_maker.embedded() as stack:
        server = stack.serve(TRUSTED_PROXIES="192.0.2.0/24")
        browser = Browser(server)
        assert browser.get("/chat/lobby/", X_Forwarded_Proto="https", Daphne_Root_Path="/chat").status == 200
        assert "Daphne" not in browser.get("/chat/lobby/", Daphne_Root_Path="/Daphne").text
        own = f"https://127.0.0.1:{server.port}"
        with pytest.raises(InvalidStatus):
            await RichClient(server.ws_url(room), origin=own, X_Forwarded_Proto="https").__aenter__()


def test_hsts_is_a_choice_of_its_own(stack_maker: StackMaker) -> None:
    with stack_maker.embedded() as stack:
        for chosen, header in (("", None), ("host", "max-age=31536000")):
            server = stack.serve(TRUSTED_PROXIES="127.0.0.1", **SETTINGS | {"HSTS": chosen})
            assert Browser(server).get("/chat/lobby/", **HTTPS).headers.get("strict-transport-security") == header


def test_the_deployment_check_has_nothing_to_say_but_what_was_decided(stack_maker: StackMaker) -> None:
    with stack_maker.embedded() as stack:
        for settings, decided in (({}, 4), ({"TLS": "on"}, 1), (SETTINGS, 0)):
            said = stack.manage("check", "--deploy", "--fail-level", "WARNING", **settings)
            assert f"no issues ({decided} silenced)" in said
