"""For tests only: on `/busy` it takes nothing until the file `go` is there, and it counts what comes."""

import asyncio
import os
from pathlib import Path
from typing import Any


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        raise ValueError("this application speaks WebSocket only")
    await receive()
    await send({"type": "websocket.accept"})
    if scope["path"] == "/busy":
        await _told_to_go()
    count = 0
    while (event := await receive())["type"] != "websocket.disconnect":
        count += 1
        if event.get("text") == "how many?":
            await send({"type": "websocket.send", "text": str(count)})


async def _told_to_go() -> None:
    sign = Path(os.environ["VAR_DIR"]) / "go"
    while not sign.exists():  # noqa: ASYNC110 - another process gives the sign
        await asyncio.sleep(0.05)
