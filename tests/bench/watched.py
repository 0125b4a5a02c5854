"""The chat's application, and a watch that notes for how long the event loop did not turn, when it was 20 ms or more.

It writes the milliseconds, a line each, into the file that STALLS names.
"""

import asyncio
import os
from pathlib import Path
from typing import Any

from chatsite.asgi import application as chat

_SECONDS = 0.02
_watches: list[asyncio.Task[None]] = []


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        _watches.append(asyncio.create_task(_watch(Path(os.environ["STALLS"]))))
    await chat(scope, receive, send)


async def _watch(file: Path) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + _SECONDS
        await asyncio.sleep(_SECONDS)
        late = loop.time() - due
        if late > _SECONDS:
            with file.open("a") as lines:
                lines.write(f"{late * 1e3:.1f}\n")
