"""Behind a proxy with TLS: cookies bound to the host, redirects to https, and the origin that the visitor sees."""

from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.client import RichClient
from tests.integration.server.browser import Browser
from tests.services import ServerProcess, StackMaker

HTTPS = {"X_Forwarded_Proto": "https", "Host": "chat.example.org"}


@pytest.fixture(scope="module")
def proxied(stack_maker: StackMaker) -> Iterator[ServerProcess]:
    with stack_maker.embedded() as stack:
        yield stack.serve(TLS="on", BEHIND_PROXY="on", ALLOWED_HOSTS="chat.example.org 127.0.0.1")


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
    assert "max-age=31536000" in page.headers["strict-transport-security"]


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


async def test_without_a_proxy_its_header_is_not_believed(stack_maker: StackMaker, room: str) -> None:
    with stack_maker.embedded() as stack:
        server = stack.serve()
        own = f"https://127.0.0.1:{server.port}"
        with pytest.raises(InvalidStatus):
            await RichClient(server.ws_url(room), origin=own, X_Forwarded_Proto="https").__aenter__()
