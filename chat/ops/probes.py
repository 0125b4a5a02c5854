"""Answers those who watch over the process, before Django sees the request.

So they are answered whatever host name they ask for (a probe knows an address, not the site's name), without TLS's
redirect, and when every thread for pages waits for the database. What they are told is no secret; the numbers are
shown to those alone whom guard.py lets.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec

from chat.ops import guard, metrics
from chat.ops.readiness import Node, Readiness
from chat.vitals import Gauges

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


class MeasuredNode(Node, Protocol):
    def gauges(self) -> Gauges: ...


class Probes:
    def __init__(self, pages: Application, present: Callable[[], MeasuredNode | None]) -> None:
        """`pages` answers everything else; `present` is the node, once there is one."""
        self._pages = pages
        self._present = present
        self._readiness = Readiness(present)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        match scope["path"]:
            case "/healthz" | "/readyz" if scope["method"] not in ("GET", "HEAD"):
                await _answer(scope, send, 405, {"status": "only GET and HEAD are answered here"})
            case "/healthz":
                await _answer(scope, send, 200, {"status": "alive"})
            case "/readyz":
                await _answer(scope, send, *await self._readiness.told())
            case "/metrics" if guard.allows(scope):
                node = self._present()
                numbers = await metrics.exposition(node.gauges() if node is not None else None)
                await _send(scope, send, 200, metrics.CONTENT_TYPE, numbers)
            case _:  # as any other address that is none, where one may not see the numbers
                await self._pages(scope, receive, send)


async def _answer(scope: dict[str, Any], send: Any, status: int, told: dict[str, str]) -> None:
    await _send(scope, send, status, b"application/json", msgspec.json.encode(told) + b"\n")


async def _send(scope: dict[str, Any], send: Any, status: int, content_type: bytes, body: bytes) -> None:
    headers = [
        (b"content-type", content_type),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
