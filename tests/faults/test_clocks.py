"""Clocks that disagree or jump: order is by number, and nobody is sent away."""

from pathlib import Path

import pytest

from chat.wire import events
from tests.client import PlainClient, RichClient
from tests.services import Stack

# The library itself: its wrapper starts the server as a child that a signal to it would not reach.
LIBRARY = [str(path) for path in Path("/usr/lib").glob("*/faketime/libfaketime.so.1")]


@pytest.mark.skipif(not LIBRARY, reason="faketime is not installed")
@pytest.mark.parametrize("ahead", ["+2d", "-1h"])
async def test_two_servers_whose_clocks_disagree_tell_one_order(distributed_stack: Stack, ahead: str) -> None:
    right = distributed_stack.serve(CHAT_RATE_LIMITS="off")
    wrong = distributed_stack.serve(CHAT_RATE_LIMITS="off", LD_PRELOAD=LIBRARY[0], FAKETIME=ahead)
    async with (
        RichClient(right.ws_url("lobby")) as ana,
        RichClient(wrong.ws_url("lobby")) as bo,
        PlainClient(wrong.ws_url("lobby")) as cy,
    ):
        hello = await ana.enter()
        await bo.enter()
        said = [text for number in range(10) for text in (f"right {number}", f"wrong {number}")]
        for text in said:
            await (ana if text.startswith("right") else bo).say(text)
        first, second = [await ana.see(text) for text in said[:2]]
        assert (second.ts > first.ts) is ahead.startswith("+"), "the clocks agree"
        for listener in (ana, bo, cy):
            await listener.see(said[-1])
            assert listener.texts == said
            assert listener.close_code is None
            assert not listener.of(events.Error)
        async with RichClient(wrong.ws_url("lobby")) as again:  # the session of another clock's server
            assert (await again.enter(key=hello.key)).user.id == ana.me.id
