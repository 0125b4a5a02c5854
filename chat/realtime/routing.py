"""Which socket paths there are; on every other one the socket is told that there is no such room."""

from typing import Any

from channels.routing import URLRouter
from django.urls import path, re_path

from chat.realtime.consumer import ChatConsumer
from chat.realtime.refusals import refusals
from chat.wire.codes import Close


async def no_such_path(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Accepted first, so that a browser can read the code."""
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.close", "code": int(Close.NO_ROOM)})
    refusals.note(scope, Close.NO_ROOM)
    while (await receive())["type"] != "websocket.disconnect":
        pass


sockets = URLRouter(
    [
        path("ws/chat/<room>/", ChatConsumer.as_asgi()),
        re_path(r"", no_such_path),  # type: ignore[arg-type]  # typed for views; here it is an ASGI application
    ]
)
