"""Sockets in this process, without a network: the real application with node and database, and its work counted.

They offer the extension for ready frames, as our own server does, and keep each write apart.
"""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple, Self

import msgspec
import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from chat import limits
from chat.actions import messages
from chat.realtime import node
from chat.realtime.outlet import EXTENSION
from chat.realtime.routing import sockets
from chat.text import ids
from chat.wire.codec import SUBPROTOCOL

DEADLINE_SECONDS = 15.0
# What a process does by itself now and then; still, so that only what is asked for is counted.
_CLOCKS = "POLL TICK ECHO PRESENCE_BATCH PRESENCE_WHOLE PRESENCE_FORGET PRESENCE_COUNT UNREAD_BATCH".split()


class Socket:
    """One member of a room. `writes` are the bytes that left for it, as they left; `code` closed it."""

    def __init__(self, room: str, *, rich: bool = True, session: str = "") -> None:
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._news = asyncio.Event()
        self.code: int | None = None
        self.writes: list[bytes] = []
        scope = {
            "type": "websocket", "path": f"/ws/chat/{room}/", "query_string": b"",
            "headers": [(b"cookie", f"session={session}".encode())] if session else [],
            "subprotocols": [SUBPROTOCOL] if rich else [], "extensions": {EXTENSION: self},
        }  # fmt: skip
        self._incoming.put_nowait({"type": "websocket.connect"})
        self._running = asyncio.create_task(sockets(scope, self._incoming.get, self._send))

    async def enter(self, **hello: Any) -> Self:
        """Say hello, and wait until it is known who is here: from here on everything is heard."""
        self.send(type="hello", **hello)
        await self.until(lambda: any(event["type"] == "presence" for event in self.events))
        return self

    async def enter_plain(self) -> Self:
        """A blank message is refused, but not before the room is open."""
        self.send(message=" ")
        await self.until(lambda: bool(self.events))
        return self

    async def leave(self) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await self._running

    def say(self, *words: str) -> None:
        """Send them as frames that come in one turn of the loop."""
        for text in words:
            self.send(type="send", client_id=str(ids.uuid7()), message=text)

    def send(self, **fields: Any) -> None:
        self._incoming.put_nowait({"type": "websocket.receive", "text": msgspec.json.encode(fields).decode()})

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not condition():
                assert self.code is None, f"closed with {self.code}"
                self._news.clear()
                await self._news.wait()

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for written in self.writes for event in events_in(written)]

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("type", "message") == kind]  # the plain dialect has one

    def heard(self) -> list[str]:
        """What was said, in the order in which it came."""
        return [event["message"] for event in self.of("message")]

    async def _send(self, message: dict[str, Any]) -> None:
        assert message["type"] == "websocket.accept", message

    def write(self, frames: bytes) -> int:
        self.writes.append(frames)
        self._news.set()
        return 0

    def unread(self) -> int:
        return 0

    def cut(self) -> None:
        pass

    def finish(self, code: int) -> None:
        self.code = code
        self._news.set()


def events_in(written: bytes) -> list[dict[str, Any]]:
    """What one write said: whole text frames (RFC 6455, 5.2)."""
    found, at = [], 0
    while at < len(written):
        assert written[at] == 0x81, written[at:]
        size, head = written[at + 1], 2
        if size > 125:
            head = 4 if size == 126 else 10
            size = int.from_bytes(written[at + 2 : at + head], "big")
        found.append(msgspec.json.decode(written[at + head : at + head + size]))
        at += head + size
    return found


class Work(NamedTuple):
    """What was done between two moments."""

    statements: list[str]
    encodes: list[Any]  # whatever was made JSON
    tasks: list[str]  # but the channel layer's
    hops: list[Any]  # to a thread, and what for

    def __str__(self) -> str:
        return "\n".join(f"{len(done)} {name}: {done}" for name, done in zip(self._fields, self, strict=True))

    @property
    def counts(self) -> tuple[int, ...]:
        return tuple(map(len, self))


class _Encoder:
    def __init__(self, encoder: msgspec.json.Encoder, encodes: list[Any]) -> None:
        self._encoder, self._encodes = encoder, encodes

    def encode(self, thing: Any) -> bytes:
        self._encodes.append(thing)
        return self._encoder.encode(thing)


class Stage:
    """A node of this loop with the sockets that come to it."""

    def __init__(self) -> None:
        self._work = Work([], [], [], [])
        self._sockets: list[Socket] = []

    def socket(self, room: str, **kind: Any) -> Socket:
        self._sockets.append(Socket(room, **kind))
        return self._sockets[-1]

    async def crowd(self, room: str, count: int) -> list[Socket]:
        return [await self.socket(room).enter() for _ in range(count)]

    @contextmanager
    def counted(self) -> Iterator[Work]:
        """What was done since, when it is over."""
        for done in self._work:
            done.clear()
        found = Work([], [], [], [])
        yield found
        for done, copy in zip(self._work, found, strict=True):
            copy.extend(done)

    @contextmanager
    def commits_held_up(self, patch: pytest.MonkeyPatch) -> Iterator[None]:
        """The transaction that begins meanwhile waits for the end of it."""
        go_on, commit = threading.Event(), messages.commit

        def held_up(items: Any) -> Any:
            go_on.wait(DEADLINE_SECONDS)
            return commit(items)

        patch.setattr(messages, "commit", held_up)
        try:
            yield
        finally:
            go_on.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Within some turns of the loop."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not condition():  # noqa: ASYNC110 - the server has no event for it
                await asyncio.sleep(0)

    async def empty(self) -> None:
        await asyncio.gather(*(socket.leave() for socket in self._sockets))

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        """Count from here on."""

        def make_task(loop: Any, work: Any, **named: Any) -> "asyncio.Task[Any]":
            if not work.__qualname__.startswith("InMemoryChannelLayer"):  # its own, some of them for what was before
                self._work.tasks.append(work.__qualname__)
            return asyncio.Task(work, loop=loop, **named)

        asyncio.get_running_loop().set_task_factory(make_task)
        for module, name, encoder in _encoders():
            patch.setattr(module, name, _Encoder(encoder, self._work.encodes))

    def watch_threads(self, threads: Any, patch: pytest.MonkeyPatch) -> None:
        run = threads.run

        async def counted(work: Any, *args: Any, **kwargs: Any) -> Any:
            self._work.hops.append(work)
            return await run(work, *args, **kwargs)

        patch.setattr(threads, "run", counted)

    def watch_connection(self, connection: Any, **_: Any) -> None:
        connection.execute_wrappers.append(self._execute)

    def _execute(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self._work.statements.append(sql)
        return execute(sql, params, many, context)


def _encoders() -> list[tuple[Any, str, msgspec.json.Encoder]]:
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("chat.")]
    found = [(module, *item) for module in modules for item in vars(module).items()]
    encoders = [each for each in found if isinstance(each[2], msgspec.json.Encoder)]
    assert encoders, "nothing in chat makes JSON: then nothing is counted"
    return encoders


@asynccontextmanager
async def stage(patch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    """A node whose clocks stand still, with one thread to read and one to write."""
    for clock in _CLOCKS:
        patch.setattr(limits, f"{clock}_SECONDS", 3600)
    patch.setattr(limits, "READ_THREADS", 1)
    for burst in ("MESSAGE", "FRAME"):
        patch.setattr(limits, f"{burst}_BURST", 1000)
    opened = Stage()
    connection_created.connect(opened.watch_connection)
    opened.watch(patch)
    here = node.current()
    for threads in (here.readers, here._transactions):
        opened.watch_threads(threads, patch)
    try:
        yield opened
    finally:
        await opened.empty()
        connection_created.disconnect(opened.watch_connection)
        await here.reads.stop()
        await here.readers.run(_disconnect)
        await here._transactions.run(_disconnect)
        await node.stop()


def _disconnect() -> None:
    connection.close()  # each thread has its own under this name
