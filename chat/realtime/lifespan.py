"""The ASGI lifespan of this process: the node starts with the server and is stopped before it."""

from typing import Any

from chat.realtime import node


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """ASGI lifespan protocol 2.0; servers that do not speak it start the node with the first socket."""
    while True:
        event = await receive()
        if event["type"] == "lifespan.startup":
            node.current()
            await send({"type": "lifespan.startup.complete"})
        elif event["type"] == "lifespan.shutdown":
            await node.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
