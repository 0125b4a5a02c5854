"""The layer's receive loop over a connection that is dead without saying so (pitfall of Python 3.11 and redis-py)."""

import asyncio
from types import SimpleNamespace
from typing import Any

from chat.realtime.layer import _BROKEN_AFTER, _Shard


class _DeadPubSub:
    """What redis-py gives once the kernel has reported ETIMEDOUT: None, at once, for ever."""

    subscribed = True

    def __init__(self) -> None:
        self.reads = 0
        self.dropped = asyncio.Event()
        self.connection = SimpleNamespace(disconnect=self._disconnect)

    async def get_message(self, timeout: float) -> None:  # noqa: ASYNC109 - as redis-py has it
        self.reads += 1

    async def _disconnect(self, nowait: bool) -> None:
        self.dropped.set()


class _LivePubSub:
    subscribed = True

    def __init__(self, *messages: dict[str, Any]) -> None:
        self._messages = list(messages)

    async def get_message(self, timeout: float) -> dict[str, Any] | None:  # noqa: ASYNC109 - as redis-py has it
        if self._messages:
            return self._messages.pop(0)
        await asyncio.sleep(timeout)
        return None


def _shard(pubsub: object, layer: object) -> _Shard:
    shard = _Shard("unused", layer)
    shard._pubsub = pubsub
    return shard


async def test_a_dead_connection_is_dropped_and_never_takes_the_loop() -> None:
    pubsub = _DeadPubSub()
    receiving = asyncio.create_task(_shard(pubsub, None)._do_receiving())
    await asyncio.wait_for(pubsub.dropped.wait(), 5)  # a loop that is taken would never get here
    assert pubsub.reads <= 2 * _BROKEN_AFTER
    assert not receiving.done()
    receiving.cancel()


async def test_confirmed_subscriptions_are_no_sign_of_a_dead_connection() -> None:
    layer = SimpleNamespace(channels={"mine": asyncio.Queue()}, groups={})
    confirmed = {"type": "subscribe", "channel": b"mine", "data": 1}
    said = {"type": "message", "channel": b"mine", "data": b"hello"}
    receiving = asyncio.create_task(_shard(_LivePubSub(*[confirmed] * 50, said), layer)._do_receiving())
    assert await asyncio.wait_for(layer.channels["mine"].get(), 5) == b"hello"
    receiving.cancel()
