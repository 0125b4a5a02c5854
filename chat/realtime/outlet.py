"""The way out of one socket: frames in order, a bound on what waits, and the close that ends it.

There are two roads. Our own server offers an ASGI extension that takes ready bytes, says how much the client has left
unread and can cut it off; there, what becomes due in one turn of the event loop goes out in one write. On any other
server a task sends what waits, so that one who reads slowly delays nobody else.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol

from chat import limits
from chat.realtime.frames import Frames
from chat.realtime.turn import Turn
from chat.vitals import vitals
from chat.wire.codes import Close

logger = logging.getLogger(__name__)

EXTENSION = "chat.ready_frames"

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Outlet(Protocol):
    @property
    def sent(self) -> int:
        """Frames so far."""

    @property
    def closed(self) -> bool:
        """Nothing that is put any more will be sent."""

    @property
    def unread(self) -> int:
        """Bytes that the client has left with us, as far as they can be seen."""

    def put(self, frames: Frames) -> None:
        """Send after what waits already; a client that leaves too much unread is cut off."""

    def put_unless_busy(self, frames: Frames) -> None:
        """The same for what is worth nothing later: dropped, where the client has something to read already."""

    def close(self, code: Close) -> None:
        """Close after what waits has been sent; the first code holds."""

    async def room_for_more(self) -> None:
        """Wait until little is unread: for large answers, sent part by part. One who stops reading is cut off."""

    def stop(self) -> None:
        """The socket is gone: send nothing more."""


class ReadyFrames(Protocol):
    """The extension, as the scope of one socket has it. Where the client leaves something unread, it is in bytes."""

    def write(self, frames: bytes) -> int:
        """Send frames that are framed already; returns what is left unread."""

    def unread(self) -> int: ...

    def finish(self, code: int) -> None:
        """Begin the closing handshake."""

    def cut(self) -> None:
        """End the connection at once."""


def open_outlet(scope: dict[str, Any], send: Send) -> Outlet:
    extension = scope.get("extensions", {}).get(EXTENSION)
    return ReadyOutlet(extension) if extension else QueueOutlet(send)


class ReadyOutlet:
    """Over the extension."""

    __slots__ = ("_due", "_last_resort", "_left", "_socket", "_turn", "closed", "sent")

    def __init__(self, socket: ReadyFrames) -> None:
        self._socket = socket
        self._due: list[Frames] = []
        self._left = 0  # unread after the last write
        self._turn = Turn.of_this_loop()
        self._last_resort: asyncio.TimerHandle | None = None
        self.closed = False
        self.sent = 0

    @property
    def unread(self) -> int:
        return self._socket.unread() if self._left else 0

    def put(self, frames: Frames) -> None:
        if self.closed:
            return
        if not self._due:
            self._turn.add(self)
        self._due.append(frames)

    def put_unless_busy(self, frames: Frames) -> None:
        if not self._left or self._socket.unread() <= limits.LITTLE_BYTES:
            self.put(frames)

    def close(self, code: Close) -> None:
        if self.closed:
            return
        self.flush()
        if not self.closed:
            self._end(code)

    async def room_for_more(self) -> None:
        self.flush()
        loop = asyncio.get_running_loop()
        least, since = None, loop.time()
        while not self.closed and (unread := self._socket.unread()) > limits.LITTLE_BYTES:
            if least is None or unread < least:
                least, since = unread, loop.time()
            if loop.time() - since > limits.STALL_SECONDS:
                self._end(Close.SLOW_READER)
            await asyncio.sleep(0.02)  # Twisted tells of an empty buffer only to those who would hold up a close

    def stop(self) -> None:
        self.closed = True
        self._due = []
        if self._last_resort is not None:
            self._last_resort.cancel()

    def flush(self) -> None:
        due, self._due = self._due, []
        if self.closed or not due:
            return
        data = due[0].framed if len(due) == 1 else b"".join([frames.framed for frames in due])
        if self._left and self._socket.unread() + len(data) > limits.UNREAD_BYTES:
            self._end(Close.SLOW_READER)
            return
        self.sent += len(due[0].texts) if len(due) == 1 else sum(len(frames.texts) for frames in due)
        self._left = self._socket.write(data)
        if self._left > limits.UNREAD_BYTES:
            self._end(Close.SLOW_READER)

    def _end(self, code: Close) -> None:
        """Ask for the close; whoever does not read even that is cut off by force."""
        self.closed = True
        vitals.closes[code] += 1
        self._socket.finish(int(code))
        self._last_resort = asyncio.get_running_loop().call_later(limits.CLOSE_SECONDS, self._socket.cut)


class QueueOutlet:
    """Over `websocket.send`, with a bounded queue and a task of its own."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._texts: deque[str] = deque()
        self._waiting_bytes = 0
        self.sent = 0
        self._something = asyncio.Event()
        self._emptied = asyncio.Event()
        self._close: Close | None = None
        self._task = asyncio.create_task(self._write())

    @property
    def closed(self) -> bool:
        return self._close is not None

    @property
    def unread(self) -> int:
        return self._waiting_bytes

    def put(self, frames: Frames) -> None:
        if self.closed:
            return
        for text in frames.texts:
            self._texts.append(text)
            self._waiting_bytes += len(text)
        if self._waiting_bytes > limits.UNREAD_BYTES:
            self._texts.clear()
            self.close(Close.SLOW_READER)
        self._something.set()

    def put_unless_busy(self, frames: Frames) -> None:
        if self._waiting_bytes <= limits.LITTLE_BYTES:
            self.put(frames)

    def close(self, code: Close) -> None:
        if self._close is None:
            self._close = code
            vitals.closes[code] += 1
            self._something.set()

    async def room_for_more(self) -> None:
        while self._texts and not self.closed:
            self._emptied.clear()
            await self._emptied.wait()

    def stop(self) -> None:
        self._close = self._close or Close.RESTARTING
        self._texts.clear()
        self._emptied.set()
        self._task.cancel()

    async def _write(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            while self._texts:
                text = self._texts.popleft()
                self._waiting_bytes -= len(text)
                await self._send({"type": "websocket.send", "text": text})
                self.sent += 1
            self._waiting_bytes = 0
            self._emptied.set()
            if self._close is not None:
                with suppress(RuntimeError):  # the server may have closed it meanwhile
                    await self._send({"type": "websocket.close", "code": int(self._close)})
                return
