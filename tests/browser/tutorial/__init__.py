"""A site as one has it after the tutorial of Channels, whose sockets are ours.

Its two pages are in our words, with the tutorial's element ids, its socket's address and its one field.
"""

import json
import os
from pathlib import Path
from typing import Any

from channels.routing import ProtocolTypeRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

from chatsite.asgi import application as chat

_FOLDER = Path(__file__).parent


async def pages(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """`/chat/` asks for a room, `/chat/<room>/` is one."""
    room = scope["path"].removeprefix("/chat/").strip("/")
    page = (_FOLDER / ("room.html" if room else "index.html")).read_text()
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html; charset=utf-8")]}
    )
    await send({"type": "http.response.body", "body": page.replace("ROOM_NAME", json.dumps(room)).encode()})


application = ProtocolTypeRouter({"http": pages, "websocket": chat, "lifespan": chat})
