"""What runs beside the application for as long as the process serves it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from chat import limits
from chat.ops.watchdog import Watchdog
from chat.vitals import vitals

Application = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def watched(application: Application) -> Application:
    """The ASGI lifespan of `application`, with a pulse on its event loop and a watchdog that hears it."""

    async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
        watchdog = Watchdog()
        pulse = asyncio.create_task(_beat(watchdog))
        if limits.WATCHDOG_SECONDS:
            watchdog.start()
        try:
            await application(scope, receive, send)
        finally:
            watchdog.stop()
            pulse.cancel()

    return lifespan


async def _beat(watchdog: Watchdog) -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + limits.BEAT_SECONDS
        await asyncio.sleep(limits.BEAT_SECONDS)
        watchdog.beat()
        vitals.lag.observe(max(loop.time() - due, 0))
