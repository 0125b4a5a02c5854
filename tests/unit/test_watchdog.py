"""The watchdog is there for as long as the application, and not where it is turned off."""

import asyncio
import threading
from typing import Any

import pytest

from chat import limits
from chat.ops.lifespan import watched
from tests.services.process import wait_for


def watchdogs() -> int:
    return sum(thread.name == "watchdog" for thread in threading.enumerate())


@pytest.mark.parametrize(("seconds", "count"), [(60, 1), (0, 0)])
async def test_it_watches_while_the_application_lives(
    monkeypatch: pytest.MonkeyPatch, seconds: float, count: int
) -> None:
    monkeypatch.setattr(limits, "WATCHDOG_SECONDS", seconds)
    seen = []

    async def application(_scope: dict[str, Any], _receive: Any, _send: Any) -> None:
        seen.append(watchdogs())

    await watched(application)({}, None, None)

    assert seen == [count]
    assert await asyncio.to_thread(wait_for, lambda: watchdogs() == 0, 15)
