"""People behind nginx who come back as the page does, and note how long they heard nothing."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from tests.chaos.clients import RichPerson
from tests.chaos.ledger import Ledger
from tests.chaos.run import newest_numbers
from tests.services import Reachable, Stack

CALM_SECONDS = 60.0


class Visitor(RichPerson):
    """Talks all the time in a room where others do."""

    def __init__(self, name: str, room: str, nginx: Reachable, ledger: Ledger, seed: int) -> None:
        super().__init__(name, room, lambda: nginx.port, ledger, seed)
        self.ends: Counter[str] = Counter()  # how connections ended, or were not to be had
        self.silence = 0.0  # the longest, in seconds, since `watch`
        self._heard: float | None = None
        self._wait_for: float | None = None

    def watch(self) -> None:
        self.silence, self._heard = 0.0, time.monotonic()

    def look_away(self) -> None:
        self._hear()
        self._heard = None

    async def live(self) -> None:
        """As static/js/net: after a word of the server when it says, else after a time by chance."""
        while True:
            self._wait_for = None
            try:
                await self._visit()
            except ConnectionClosed as closed:
                self.ends[str(closed.rcvd.code if closed.rcvd else 1006)] += 1
            except InvalidStatus as refused:
                self.ends[f"HTTP {refused.response.status_code}"] += 1
            except (OSError, WebSocketException, TimeoutError, EOFError) as gone:
                self.ends[type(gone).__name__] += 1
            self.connected = False
            await asyncio.sleep(self._chance.uniform(0.25, 0.75) if self._wait_for is None else self._wait_for)

    def _on_notice(self, frame: dict[str, Any]) -> None:
        self._wait_for = float(frame["retry_after"])

    def _on_sync(self, frame: dict[str, Any]) -> None:
        super()._on_sync(frame)
        self._hear()

    def _on_message(self, frame: dict[str, Any]) -> None:
        super()._on_message(frame)
        self._hear()

    def _hear(self) -> None:
        now = time.monotonic()
        if self._heard is not None:
            self.silence = max(self.silence, now - self._heard)
            self._heard = now


async def calm(stack: Stack, visitors: Sequence[Visitor]) -> None:
    """Wait until everybody is there, has heard all that was said by now, and waits for no answer."""
    numbers = await asyncio.to_thread(newest_numbers, stack)
    async with asyncio.timeout(CALM_SECONDS):
        while not all(one.connected and one.idle and (one.since or 0) >= numbers[one.room] for one in visitors):
            await asyncio.sleep(0.02)
            numbers = await asyncio.to_thread(newest_numbers, stack)


async def arrived(visitors: Sequence[Visitor]) -> None:
    """Wait until everybody is there and has said something."""
    async with asyncio.timeout(CALM_SECONDS):
        while True:
            if all(one.connected and one.has_spoken for one in visitors):
                return
            await asyncio.sleep(0.02)
