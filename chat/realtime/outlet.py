"""The way out of one socket: frames in order, a bound on what waits, and the close that ends it.

Works on any ASGI server: a task writes what waits, so that one who reads slowly delays nobody else.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from chat import limits
from chat.wire.codes import Close

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Outlet:
    def __init__(self, send: Send) -> None:
        self._send = send
        self._frames: deque[str] = deque()
        self._waiting_bytes = 0
        self._something = asyncio.Event()
        self._emptied = asyncio.Event()
        self._close: Close | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def closed(self) -> bool:
        return self._close is not None

    def open(self) -> None:
        self._task = asyncio.create_task(self._write())

    def put(self, frame: str) -> None:
        """Send a text frame after those that wait already; a client that leaves too much unread is cut off."""
        if self.closed:
            return
        self._frames.append(frame)
        self._waiting_bytes += len(frame)
        if self._waiting_bytes > limits.UNREAD_BYTES:
            self._frames.clear()
            self.close(Close.SLOW_READER)
        self._something.set()

    def close(self, code: Close) -> None:
        """Close after what waits has been sent; the first code holds."""
        if self._close is None:
            self._close = code
            self._something.set()

    async def room_for_more(self) -> None:
        """Wait until what was put has been handed to the server: for senders of large answers, part by part."""
        while self._frames and not self.closed:
            self._emptied.clear()
            await self._emptied.wait()

    def stop(self) -> None:
        """The socket is gone: send nothing more."""
        self._close = self._close or Close.RESTARTING
        self._frames.clear()
        self._emptied.set()
        if self._task is not None:
            self._task.cancel()

    async def _write(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            while self._frames:
                frame = self._frames.popleft()
                self._waiting_bytes -= len(frame)
                await self._send({"type": "websocket.send", "text": frame})
            self._waiting_bytes = 0
            self._emptied.set()
            if self._close is not None:
                with suppress(RuntimeError):  # the server may have closed it meanwhile
                    await self._send({"type": "websocket.close", "code": int(self._close)})
                return
