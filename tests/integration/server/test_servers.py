"""The chat is served by other servers too: a page, and a word in either dialect."""

import asyncio
from collections.abc import Sequence

import pytest
from websockets.asyncio.client import connect

from tests.client import PlainClient, RichClient
from tests.integration.server.browser import Browser
from tests.services import DAPHNE, RUNSERVER, UVICORN, ServerProcess, Stack


@pytest.mark.parametrize(
    ("argv", "settings"),
    [(DAPHNE, {}), (UVICORN, {}), (RUNSERVER, {"DEBUG": "on"})],
    ids=["daphne", "uvicorn", "runserver"],
)
async def test_another_server_serves_pages_and_sockets(
    embedded_stack: Stack, room: str, argv: Sequence[str], settings: dict[str, str]
) -> None:
    server = embedded_stack.serve(argv, **settings)
    browser = Browser(server)
    assert browser.room(room).status == 200
    async with (
        PlainClient(server.ws_url(room)) as plain,
        RichClient(server.ws_url(room), cookie=browser.cookie, origin=browser.origin) as rich,
        RichClient(server.ws_url("a b")) as nowhere,
        PlainClient(f"ws://127.0.0.1:{server.port}/nothing/") as no_path,
    ):
        assert not isinstance((await rich.enter()).key, str)
        await plain.say("from the tutorial")
        await rich.see("from the tutorial")
        await rich.say("😀" * 8_000)
        await plain.see("😀" * 8_000)
        await plain.send_frame("")
        await plain.send_frame(b"\xff")
        assert await nowhere.closed() == 4404
        assert await no_path.closed() == 4404
        await rich.say("and still")
        await plain.see("and still")
    assert 'data-id="1"' in browser.room(room).text
    server.terminate()
    server.wait()
    assert "Traceback" not in server.log()


async def test_who_offers_compression_as_browsers_do_is_let_in_without(server: ServerProcess, room: str) -> None:
    async with connect(server.ws_url(room), compression="deflate", proxy=None) as socket:
        await socket.send('{"message": "hi"}')

        assert '"message":"hi"' in await asyncio.wait_for(socket.recv(decode=True), 15)
        assert socket.protocol.extensions == []
