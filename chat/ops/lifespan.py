"""What runs beside the application for as long as the process serves it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from chat import limits
from chat.vitals import vitals

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def watched(application: Application) -> Application:
    """The ASGI lifespan of `application`, with a pulse on its event loop."""

    async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
        pulse = asyncio.create_task(_beat())
        try:
            await application(scope, receive, send)
        finally:
            pulse.cancel()

    return lifespan


async def _beat() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + limits.BEAT_SECONDS
        await asyncio.sleep(limits.BEAT_SECONDS)
        vitals.lag.observe(max(loop.time() - due, 0))
