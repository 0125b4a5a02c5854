"""The faults that a run may strike with. Each breaks something, waits a while, and sets it right again."""

import asyncio
import random
import subprocess
from collections.abc import Awaitable, Callable

from tests.chaos.database import sqlite_lock
from tests.chaos.proxy import Mode, Proxy
from tests.services import ServerProcess, Stack

Strike = Callable[[], Awaitable[None]]


class Faults:
    def __init__(self, stack: Stack, proxies: list[Proxy], chance: random.Random) -> None:
        self._stack = stack
        self._proxies = proxies
        self._chance = chance

    def all(self) -> dict[str, Strike]:
        """By name; those of stores that this stack does not have are left out."""
        found: dict[str, Strike] = {
            "server kill -9": self._kill_server,
            "server SIGTERM": self._terminate_server,
            "server SIGSTOP": self._pause_server,
            "sockets cut": self._cut_sockets,
            "sockets half-open": self._half_open,
            "readers stop": self._stop_readers,
        }
        if self._stack.kind == "embedded":
            return found | {"database locked": self._lock_sqlite}
        return found | {
            "redis kill -9": self._kill_redis,
            "redis SIGSTOP": self._pause_redis,
            "redis FLUSHALL": self._flush_redis,
            "redis drops subscribers": self._drop_subscribers,
            "database killed": self._kill_database,
            "database SIGSTOP": self._pause_database,
            "database drops connections": self._drop_database_connections,
        }

    def _server(self) -> ServerProcess:
        return self._chance.choice(self._stack.servers)

    async def _wait(self, least: float, most: float) -> None:
        await asyncio.sleep(self._chance.uniform(least, most))

    async def _kill_server(self) -> None:
        server = self._server()
        await asyncio.to_thread(server.kill)
        await self._wait(0, 1)
        await asyncio.to_thread(server.start)

    async def _terminate_server(self) -> None:
        server = self._server()
        server.terminate()
        try:
            status = await asyncio.to_thread(server.wait, 10)
        except subprocess.TimeoutExpired:
            await asyncio.to_thread(server.kill)
            raise AssertionError("a server did not end within 10 s of SIGTERM") from None
        assert status == 0, f"a server ended with status {status} after SIGTERM"
        await asyncio.to_thread(server.start)

    async def _pause_server(self) -> None:
        server = self._server()
        server.pause()
        await self._wait(1, 4)
        server.resume()

    async def _cut_sockets(self) -> None:
        for proxy in self._proxies:
            for connection in proxy.some(self._chance, 0.5):
                connection.cut()

    async def _half_open(self) -> None:
        for proxy in self._proxies:
            for connection in proxy.some(self._chance, 0.3):
                connection.mode = Mode.HOLE

    async def _stop_readers(self) -> None:
        stalled = [connection for proxy in self._proxies for connection in proxy.some(self._chance, 0.3)]
        for connection in stalled:
            connection.mode = Mode.STALL
        await self._wait(1, 5)
        for connection in stalled:
            connection.mode = Mode.PASS

    async def _kill_redis(self) -> None:
        await asyncio.to_thread(self._stack.redis.kill)
        await self._wait(0.5, 4)
        await asyncio.to_thread(self._stack.redis.start)

    async def _pause_redis(self) -> None:
        self._stack.redis.pause()
        await self._wait(1, 8)
        self._stack.redis.resume()

    async def _flush_redis(self) -> None:
        await asyncio.to_thread(self._stack.redis.command, "FLUSHALL")

    async def _drop_subscribers(self) -> None:
        await asyncio.to_thread(self._stack.redis.command, "CLIENT KILL TYPE pubsub")

    async def _kill_database(self) -> None:
        await asyncio.to_thread(self._stack.postgres.kill)
        await self._wait(0, 2)
        await asyncio.to_thread(self._stack.postgres.start)

    async def _pause_database(self) -> None:
        self._stack.postgres.pause()
        await self._wait(1, 7)
        self._stack.postgres.resume()

    async def _drop_database_connections(self) -> None:
        await asyncio.to_thread(self._stack.postgres.disconnect_all)

    async def _lock_sqlite(self) -> None:
        with sqlite_lock(self._stack):
            await self._wait(1, 7)
