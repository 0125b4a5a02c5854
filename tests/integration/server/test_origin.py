"""Our own pages and programs come in; nobody else's page does."""

from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.client import RichClient
from tests.integration.server.browser import Browser
from tests.services import ServerProcess, Stack, StackMaker

FOREIGN = [
    "https://127.0.0.1:{port}",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://localhost:{port}",
    "http://[::1]:{port}",
    "http://evil.example",
    "https://evil.example",
    "http://127.0.0.1.evil.example:{port}",
    "http://evil.example#127.0.0.1:{port}",
    "http://127.0.0.1:{port}@evil.example",
    "http://user@127.0.0.1:{port}",
    "http://127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/path",
    "null",
    "file://",
    "chrome-extension://abcdef",
    "ws://127.0.0.1:{port}",
]
# The WebSocket library answers these before anybody is asked, with a 400.
NO_ORIGIN_AT_ALL = [
    "http://127.0.0.1:{port}0",
    "http://127.0.0.1:{port} http://evil.example",
    "127.0.0.1:{port}",
    "//127.0.0.1:{port}",
    "*",
    "http://",
    "://",
    "http://[::1",
    "%",
]


async def status(server: ServerProcess, url: str, origin: str, **headers: str) -> int:
    """101 for a socket that is let in, else the status of the refusal."""
    try:
        async with connect(
            url,
            host="127.0.0.1",
            port=server.port,
            origin=Origin(origin.format(port=server.port)),
            additional_headers=headers,
            proxy=None,
        ) as socket:
            assert socket.response is not None
            return socket.response.status_code
    except InvalidStatus as refused:
        return refused.response.status_code


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_origin_is_refused(server: ServerProcess, room: str, origin: str) -> None:
    assert await status(server, server.ws_url(room), origin) == 403


@pytest.mark.parametrize("origin", NO_ORIGIN_AT_ALL)
async def test_what_is_no_origin_is_refused(server: ServerProcess, room: str, origin: str) -> None:
    assert await status(server, server.ws_url(room), origin) in (400, 403)


async def test_our_own_origin_is_let_in(server: ServerProcess, room: str) -> None:
    assert await status(server, server.ws_url(room), "http://127.0.0.1:{port}") == 101
    assert await status(server, server.ws_url(room), "HTTP://127.0.0.1:{port}") == 101


async def test_the_origin_has_to_be_that_of_the_host_that_was_asked(server: ServerProcess, room: str) -> None:
    by_name = server.ws_url(room).replace("127.0.0.1", "localhost")

    assert await status(server, by_name, "http://localhost:{port}") == 101
    assert await status(server, by_name, "http://127.0.0.1:{port}") == 403


async def test_a_host_that_is_not_ours_is_nobodys_origin(server: ServerProcess, room: str) -> None:
    """DNS rebinding: evil.example leads here, and its page has the origin that its host says."""
    rebound = server.ws_url(room).replace("127.0.0.1", "evil.example")

    assert await status(server, rebound, "http://evil.example:{port}") == 403


async def test_a_second_origin_helps_nobody(server: ServerProcess, room: str) -> None:
    own = f"http://127.0.0.1:{server.port}"

    assert await status(server, server.ws_url(room), "http://evil.example", Origin=own) == 403


async def test_a_foreign_origin_is_refused_on_every_path(server: ServerProcess) -> None:
    for path in ("/", "/ws/chat/a b/", "/ws/nothing/"):
        url = f"ws://127.0.0.1:{server.port}{path.replace(' ', '%20')}"
        assert await status(server, url, "http://evil.example") == 403


async def test_without_an_origin_cookies_are_not_looked_at(server: ServerProcess, room: str) -> None:
    browser = Browser(server)
    browser.room(room)
    async with RichClient(server.ws_url(room), cookie=browser.cookie, origin=browser.origin) as ana:
        own = await ana.enter()
        assert not isinstance(own.key, str)
    async with RichClient(server.ws_url(room), cookie=browser.cookie) as program:
        hello = await program.enter()

        assert hello.user.id != own.user.id
        assert isinstance(hello.key, str)


# With a list of origins


@pytest.fixture(scope="module")
def listed(stack_maker: StackMaker) -> Iterator[ServerProcess]:
    with stack_maker.embedded() as stack:
        yield serve_listed(stack)


def serve_listed(stack: Stack) -> ServerProcess:
    return stack.serve(ALLOWED_ORIGINS="https://chat.example.org, http://other.example:8080")


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://chat.example.org", 101),
        ("https://CHAT.example.org", 101),
        ("http://other.example:8080", 101),
        ("http://chat.example.org", 403),
        ("https://chat.example.org:8443", 403),
        ("https://chat.example.org.evil.example", 403),
        ("http://other.example", 403),
        ("http://127.0.0.1:{port}", 403),
    ],
)
async def test_with_a_list_exactly_those_are_let_in(
    listed: ServerProcess, room: str, origin: str, expected: int
) -> None:
    assert await status(listed, listed.ws_url(room), origin) == expected


async def test_with_a_list_programs_are_let_in_all_the_same(listed: ServerProcess, room: str) -> None:
    async with RichClient(listed.ws_url(room)) as program:
        await program.enter()
