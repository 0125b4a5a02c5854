"""Five hundred come in one go: what every member is told of it is a handful of frames."""

import asyncio
from contextlib import AsyncExitStack

import msgspec
import pytest

from chat import limits
from chat.wire import events
from tests.client import RichClient
from tests.services import ServerProcess, Stack

CROWD = 500
COME_SECONDS = 60.0  # on a busy test machine


@pytest.fixture
def pair(distributed_stack: Stack) -> tuple[ServerProcess, ServerProcess]:
    return distributed_stack.serve(CHAT_RATE_LIMITS="off"), distributed_stack.serve(CHAT_RATE_LIMITS="off")


async def test_a_crowd_that_joins_is_a_handful_of_frames_a_member(
    pair: tuple[ServerProcess, ServerProcess], room: str
) -> None:
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as opened:

        async def come(number: int) -> RichClient:
            client = await opened.enter_async_context(RichClient(pair[number % 2].ws_url(room)))
            await client.enter()
            return client

        witnesses = [await come(0), await come(1)]
        before = loop.time()
        crowd = await asyncio.gather(*map(come, range(CROWD)))
        for client in (*witnesses, *crowd):
            await client.until(lambda client=client: client.count == CROWD + 2, "all are counted", COME_SECONDS)
        took = loop.time() - before

        handful = 2 + took / limits.PRESENCE_BATCH_SECONDS  # four a second, while it lasts
        for client in (*witnesses, *crowd):
            assert len(client.of(events.Presence)) <= 1 + handful
            assert len(client.here) == limits.HERE_PEOPLE
        for witness in witnesses:
            told = witness.of(events.Presence)
            assert sum(len(frame.joined or []) for frame in told) < 2 * limits.HERE_PEOPLE
            assert sum(len(msgspec.json.encode(frame)) for frame in told) < 2 * 60 * limits.HERE_PEOPLE + 100 * handful
