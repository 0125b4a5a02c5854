"""channels_redis' pub/sub layer, with a receive loop that cannot take the process down.

From Python 3.11 on a connection that the kernel gave up (ETIMEDOUT) looks to redis-py like a read that found nothing in
time. It returns at once, the layer asks again at once, and the event loop never runs again. Here such a read is told
from a quiet one by the time it took, and the connection is dropped, which makes redis-py connect and subscribe anew.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, cast

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
from channels_redis.utils import _wrap_close, decode_hosts

logger = logging.getLogger(__name__)

_WAIT_SECONDS = 0.1
_AT_ONCE_SECONDS = 0.01
_BROKEN_AFTER = 10  # empty reads in a row that did not wait


class RedisLayer(RedisPubSubChannelLayer):
    def _get_layer(self) -> RedisPubSubLoopLayer:
        loop = asyncio.get_running_loop()
        if loop not in self._layers:
            self._layers[loop] = _LoopLayer(*self._args, **self._kwargs, channel_layer=self)
            _wrap_close(self, loop)
        return self._layers[loop]

    async def group_send_many(self, messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """As group_send for each (group, message), with one answer awaited a Redis instead of one a message."""
        layer = self._get_layer()
        by_shard: dict[_Shard, list[tuple[str, bytes]]] = {}
        for group, message in messages:
            channel = layer._get_group_channel_name(group)
            by_shard.setdefault(layer._get_shard(channel), []).append((channel, self.serialize(message)))
        for shard, ready in by_shard.items():
            await shard.publish_many(ready)


class _LoopLayer(RedisPubSubLoopLayer):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._shards: list[RedisSingleShardConnection] = [_Shard(host, self) for host in decode_hosts(kwargs["hosts"])]

    async def receive(self, channel: str) -> dict[str, Any]:
        """No unsubscribing when it is cancelled: the bus lets the whole layer go, and Redis may be away just then."""
        return cast("dict[str, Any]", self.channel_layer.deserialize(await self.channels[channel].get()))


class _Shard(RedisSingleShardConnection):
    async def publish_many(self, ready: Sequence[tuple[str, bytes]]) -> None:
        async with self._lock:
            self._ensure_redis()
            pipeline = self._redis.pipeline(transaction=False)
            for channel, message in ready:
                pipeline.publish(channel, message)
            await pipeline.execute()

    async def _do_receiving(self) -> None:
        at_once = 0
        while True:
            try:
                at_once = at_once + 1 if await self._receive_one() else 0
                if at_once > _BROKEN_AFTER:
                    at_once = 0
                    logger.warning("a connection to Redis returns nothing and does not wait: dropping it")
                    await self._pubsub.connection.disconnect(nowait=True)
                    await asyncio.sleep(_WAIT_SECONDS)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                logger.warning("reading from Redis failed (%s); trying again", type(error).__name__)
                await asyncio.sleep(5 * _WAIT_SECONDS)

    async def _receive_one(self) -> bool:
        """Pass one message on. True for a read that found nothing and yet did not wait for anything."""
        if not (self._pubsub and self._pubsub.subscribed):
            await asyncio.sleep(_WAIT_SECONDS)
            return False
        loop = asyncio.get_running_loop()
        before = loop.time()
        message = cast("dict[str, Any] | None", await self._pubsub.get_message(timeout=_WAIT_SECONDS))
        if message is None:
            await asyncio.sleep(0)
            return loop.time() - before < _AT_ONCE_SECONDS
        if message["type"] == "message":
            self._receive_message(message)
        return False
