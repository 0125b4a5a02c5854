"""Writes a line for each request, and gives it an id that its answer and all that is logged of it have too.

A socket's line is written where it ends (chat/realtime/consumer.py), with an id from the same place.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import structlog

logger = structlog.stdlib.get_logger(__name__)

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]

_PROBES = ("/healthz", "/readyz", "/metrics")  # asked for every few seconds


class Requests:
    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        structlog.contextvars.bind_contextvars(id=scope["request_id"])
        began = time.monotonic()
        status, size = 0, 0  # 0: no answer, for whoever asked had left

        async def send_on(message: dict[str, Any]) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                known_as = (b"x-request-id", scope["request_id"].encode())
                message = {**message, "headers": [*message.get("headers", ()), known_as]}
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._application(scope, receive, send_on)
        finally:
            logger.log(
                logging.DEBUG if scope["path"] in _PROBES and status < 400 else logging.INFO,
                "request",
                method=scope["method"],
                path=quote(scope["path"]),
                status=status,
                seconds=time.monotonic() - began,
                bytes=size,
                address=(scope.get("client") or [None])[0],
            )
