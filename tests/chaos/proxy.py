"""A small TCP proxy before one server, whose connections can be cut, half-opened and stalled."""

import asyncio
import random
from contextlib import suppress
from enum import Enum, auto
from typing import Self


class Mode(Enum):
    PASS = auto()
    STALL = auto()  # the client stops reading: nothing is taken from the server any more
    HOLE = auto()  # half-open: what either side sends vanishes, and nobody is told


class Connection:
    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self._mode = Mode.PASS
        self._reading = asyncio.Event()
        self._reading.set()
        self._writers = client, server

    @property
    def mode(self) -> Mode:
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        if self._mode is Mode.HOLE:
            return  # bytes are lost on it: no network could let it go on
        self._mode = mode
        if mode is Mode.STALL:
            self._reading.clear()
        else:
            self._reading.set()

    def cut(self) -> None:
        """A reset on both sides."""
        for writer in self._writers:
            writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_client: bool) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while data := await reader.read(65_536):
                if to_client:
                    await self._reading.wait()
                if self.mode is not Mode.HOLE:
                    writer.write(data)
                    await writer.drain()
        if self.mode is not Mode.HOLE:
            writer.close()


class Proxy:
    def __init__(self, target: int) -> None:
        self._target = target
        self.connections: set[Connection] = set()

    async def __aenter__(self) -> Self:
        # A small window, so that a stalled reader is felt by the server soon.
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=65_536)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in list(self.connections):
            connection.cut()

    def some(self, chance: random.Random, share: float) -> list[Connection]:
        return [connection for connection in list(self.connections) if chance.random() < share]

    async def _serve(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            from_server, to_server = await asyncio.open_connection("127.0.0.1", self._target, limit=65_536)
        except (OSError, asyncio.CancelledError):  # cancelled: the run is over, and nobody waits for this task
            to_client.transport.abort()
            return
        connection = Connection(to_client, to_server)
        self.connections.add(connection)
        try:
            await asyncio.gather(
                connection.carry(from_client, to_server, to_client=False),
                connection.carry(from_server, to_client, to_client=True),
            )
        except asyncio.CancelledError:
            pass  # as above
        finally:
            self.connections.discard(connection)
            connection.cut()
