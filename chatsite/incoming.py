"""What waits for an application: a queue for one reader that costs little while it is empty."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

Event = dict[str, Any]


class IncomingEvents:
    """The events of one socket or request. asyncio's own queue keeps four deques, 3 KiB for each socket."""

    __slots__ = ("_loop", "_reader", "_waiting", "when_empty")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Event] | None = None
        self._reader: asyncio.Future[None] | None = None
        self.when_empty: Callable[[], None] | None = None  # called once, when the last event has been taken

    def __len__(self) -> int:
        return len(self._waiting) if self._waiting else 0

    def put_nowait(self, event: Event) -> None:
        if self._waiting is None:
            self._waiting = deque()
        self._waiting.append(event)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> Event:
        """The next event, waited for where there is none. One reader at a time."""
        while not self._waiting:
            self._waiting = None
            self._reader = self._loop.create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        event = self._waiting.popleft()
        if not self._waiting and self.when_empty is not None:
            resume, self.when_empty = self.when_empty, None
            resume()
        return event
