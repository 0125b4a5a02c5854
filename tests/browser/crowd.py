"""Programs that talk along, without a window: for a long log, and for words said while a window is away."""

import asyncio
from collections.abc import Sequence

from tests.client import RichClient
from tests.services import ServerProcess


def say_all(server: ServerProcess, room: str, texts: Sequence[str]) -> None:
    """A stranger enters, says all this in order, and leaves when everything is confirmed."""
    asyncio.run(_say_all(server, room, texts))


async def _say_all(server: ServerProcess, room: str, texts: Sequence[str]) -> None:
    async with RichClient(server.ws_url(room)) as stranger:
        await stranger.enter()
        for said in [await stranger.post(text) for text in texts]:
            await stranger.outcome(said)
