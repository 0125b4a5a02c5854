"""One connection to Redis for many small commands: written at once, answered in order, what is published passed on.

redis-py connects (address, password, TLS, database), and then hands over the transport: its own reading and writing
costs some hundred microseconds a message (a task, a time-out and a lock for each), more than the message itself.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from channels_redis.utils import create_pool
from hiredis import Reader

Heard = Callable[[bytes, bytes], None]  # channel, message


def command(*words: str | bytes) -> bytes:
    """One command as Redis reads it (RESP, an array of bulk strings)."""
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        raw = word.encode() if isinstance(word, str) else word
        parts.append(b"$%d\r\n%b\r\n" % (len(raw), raw))
    return b"".join(parts)


def publish(channel: str, message: bytes) -> bytes:
    """The command of which there are many."""
    to = channel.encode()
    return b"*3\r\n$7\r\nPUBLISH\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(to), to, len(message), message)


class Link(asyncio.Protocol):
    def __init__(self, heard: Heard, connection: Any) -> None:
        """`connection` is redis-py's, connected."""
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._heard = heard
        self._connection = connection  # kept, or it would close what it opened
        self._transport: asyncio.Transport = connection._writer.transport
        self._transport.set_protocol(self)
        self._answers = Reader()
        self._asked: deque[tuple[int, asyncio.Future[None]]] = deque()
        self._answered = 0
        self._error: Exception | None = None

    @classmethod
    async def open(cls, host: dict[str, Any], heard: Heard) -> "Link":
        """`host` as channels_redis takes it. Raises OSError or redis-py's errors."""
        connection = create_pool(host).make_connection()
        await connection.connect()
        return cls(heard, connection)

    async def ask(self, *commands: bytes) -> None:
        """Send commands and wait for the answers of all. Raises ConnectionError, or the first error of Redis."""
        if self.closed.done():
            raise ConnectionError("the connection to Redis is closed")
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._asked.append((len(commands), answered))
        self._transport.write(b"".join(commands))
        await answered

    def close(self) -> None:
        self._transport.abort()
        self.connection_lost(None)

    # As the transport tells it

    def data_received(self, data: bytes) -> None:
        self._answers.feed(data)
        while (answer := self._answers.gets()) is not False:
            if isinstance(answer, list) and len(answer) == 3 and answer[0] == b"message":
                self._heard(answer[1], answer[2])
            else:
                self._count(answer)

    def _count(self, answer: Any) -> None:
        if isinstance(answer, Exception):
            self._error = self._error or answer
        self._answered += 1
        if self._asked and self._answered == self._asked[0][0]:
            _, waiting = self._asked.popleft()
            error, self._error, self._answered = self._error, None, 0
            if waiting.done():  # nobody waits any more
                return
            if error is None:
                waiting.set_result(None)
            else:
                waiting.set_exception(error)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.closed.done():
            return
        self.closed.set_result(None)
        self._connection._reader = self._connection._writer = None  # nothing left for redis-py to close
        for _, waiting in self._asked:
            if not waiting.done():
                waiting.set_exception(ConnectionError("the connection to Redis was lost"))
        self._asked.clear()
