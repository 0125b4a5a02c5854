"""Answers those who watch over the process, before Django sees the request.

So they are answered whatever host name they ask for (a probe knows an address, not the site's name), without TLS's
redirect, and when every thread for pages waits for the database. Nothing that they are told is secret.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec

from chat.ops.readiness import Look, Readiness

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class Probes:
    def __init__(self, pages: Application, look: Look) -> None:
        """`pages` answers everything else."""
        self._pages = pages
        self._readiness = Readiness(look)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        match scope["path"]:
            case "/healthz" | "/readyz" if scope["method"] not in ("GET", "HEAD"):
                await _answer(scope, send, 405, {"status": "only GET and HEAD are answered here"})
            case "/healthz":
                await _answer(scope, send, 200, {"status": "alive"})
            case "/readyz":
                await _answer(scope, send, *await self._readiness.told())
            case _:
                await self._pages(scope, receive, send)


async def _answer(scope: dict[str, Any], send: Any, status: int, told: dict[str, str]) -> None:
    body = msgspec.json.encode(told) + b"\n"
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
