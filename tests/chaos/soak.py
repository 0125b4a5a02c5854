"""`make soak SECONDS=3600`: joins, leaves and messages for a long time, and what the server's memory does meanwhile.

Prints a line a minute. Fails when the server ends more than 10 % above what it had after the first five minutes (or a
twelfth of a shorter run), or when it keeps file descriptors of sockets that are gone.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from contextlib import ExitStack, suppress

import psutil
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.chaos.__main__ import make_stack
from tests.services import ServerProcess

_GROWTH = 1.10


async def _visitor(url: str, rich: bool, chance: random.Random) -> None:
    """Comes, talks, and goes, again and again; every fourth time without saying good-bye."""
    while True:
        with suppress(OSError, WebSocketException):
            socket = await connect(url, subprotocols=["chat.v1"] if rich else None, compression=None, proxy=None)
            reading = asyncio.create_task(_read(socket))
            if rich:
                await socket.send(json.dumps({"type": "hello"}))
            for _ in range(chance.randrange(1, 15)):
                await asyncio.sleep(chance.uniform(0.2, 2))
                frame = {"type": "send", "client_id": _uuid(chance)} if rich else {}
                await socket.send(json.dumps(frame | {"message": "word " * chance.randrange(1, 60)}))
            reading.cancel()
            if chance.random() < 0.25:
                socket.transport.abort()
            else:
                await socket.close()


async def _read(socket: object) -> None:
    with suppress(WebSocketException):
        async for _ in socket:  # type: ignore[attr-defined]
            pass


def _uuid(chance: random.Random) -> str:
    text = f"{chance.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


async def soak(server: ServerProcess, seconds: float, visitors: int) -> list[tuple[float, float, int]]:
    """(seconds, MiB, descriptors) at each sample."""
    process, begun, samples = psutil.Process(server.pid), time.monotonic(), []
    tasks = [
        asyncio.create_task(_visitor(server.ws_url(f"soak-{index % 10}"), index % 3 != 0, random.Random(index)))
        for index in range(visitors)
    ]
    while (passed := time.monotonic() - begun) < seconds:
        await asyncio.sleep(min(60, seconds / 12))
        samples.append((passed, process.memory_info().rss / 2**20, process.num_fds()))
        sys.stdout.write(f"{passed:6.0f} s  {samples[-1][1]:7.1f} MiB  {samples[-1][2]} descriptors\n")
        sys.stdout.flush()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return samples


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--visitors", type=int, default=100)
    parser.add_argument("--servers", type=int, default=1, help="2: on PostgreSQL and Redis")
    asked = parser.parse_args()
    with ExitStack() as opened:
        stack = make_stack(opened, asked.servers, CHAT_RATE_LIMITS="off")
        samples = asyncio.run(soak(stack.servers[0], asked.seconds, asked.visitors))
    settled = next(mib for passed, mib, _ in samples if passed >= min(300, asked.seconds / 12))
    growth = samples[-1][1] / settled
    sys.stdout.write(f"after five minutes {settled:.1f} MiB, at the end {samples[-1][1]:.1f} MiB: {growth - 1:+.1%}\n")
    return 0 if growth <= _GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
