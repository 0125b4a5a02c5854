"""channels_redis' pub/sub layer over connections of our own: the same names and messages, at a tenth of the price.

Two connections a Redis: one publishes, in one go for all groups of a batch; one listens. The kernel's giving up
(ETIMEDOUT) ends a connection here like any other error, and never spins the loop, as redis-py's listener does from
Python 3.11 on.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, cast

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
from channels_redis.utils import _wrap_close, decode_hosts

from chat.realtime.link import Link, command, publish

logger = logging.getLogger(__name__)

_AGAIN_SECONDS = 0.5
_HEAD_BYTES = 80  # of a message, in which its type and sender are


class RedisLayer(RedisPubSubChannelLayer):
    def _get_layer(self) -> "_LoopLayer":
        loop = asyncio.get_running_loop()
        if loop not in self._layers:
            self._layers[loop] = _LoopLayer(*self._args, **self._kwargs, channel_layer=self)
            _wrap_close(self, loop)
        return cast(_LoopLayer, self._layers[loop])

    async def group_send_many(self, messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """As group_send for each (group, message), with one answer awaited a Redis instead of one a message."""
        layer = self._get_layer()
        by_shard: dict[_Shard, list[bytes]] = {}
        for group, message in messages:
            channel = layer._get_group_channel_name(group)
            published = publish(channel, self.serialize(message))
            by_shard.setdefault(layer._get_shard(channel), []).append(published)
        for shard, commands in by_shard.items():
            await shard.publish_many(commands)

    def pass_on(self, channel: str, hear: Callable[[dict[str, Any]], None], *, but: str) -> None:
        """Call `hear` with what comes to a channel of ours, instead of `receive` with a queue and a task between.

        What is from `but`, by the field `from`, may be left out: most of what a busy process hears is its own.
        """
        packed = self.serialize({"from": but})[1:]  # without the byte that says how many fields there are
        for shard in self._get_layer()._shards:
            shard.leave_out(packed)
        self._get_layer().channels[channel] = _PassedOn(lambda data: hear(self.deserialize(data)))


class _PassedOn:
    """In the place of a channel's queue."""

    def __init__(self, hear: Callable[[bytes], None]) -> None:
        self._hear = hear

    def put_nowait(self, data: bytes) -> None:
        try:
            self._hear(data)
        except Exception:
            logger.exception("a message of the layer could not be taken")


class _LoopLayer(RedisPubSubLoopLayer):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._shards = [_Shard(host, self) for host in decode_hosts(kwargs["hosts"])]

    async def receive(self, channel: str) -> dict[str, Any]:
        """No unsubscribing when it is cancelled: the bus lets the whole layer go, and Redis may be away just then."""
        return cast("dict[str, Any]", self.channel_layer.deserialize(await self.channels[channel].get()))


class _Shard(RedisSingleShardConnection):
    """One Redis. What is subscribed outlives the connection."""

    def __init__(self, host: dict[str, Any], channel_layer: _LoopLayer) -> None:
        super().__init__(host, channel_layer)
        self._subscribed_to: set[str] = set()
        self._receive_task: asyncio.Task[None] | None = None
        self._publisher: Link | None = None
        self._listener: Link | None = None
        self._publishing = asyncio.Lock()
        self._left_out = b""

    def leave_out(self, sender: bytes) -> None:
        self._left_out = sender

    async def publish(self, channel: str, message: bytes) -> None:
        await self.publish_many([publish(channel, message)])

    async def publish_many(self, commands: Sequence[bytes]) -> None:
        async with self._publishing:
            if self._publisher is None or self._publisher.closed.done():
                self._publisher = await Link.open(self.host, self._pass)
            try:
                await self._publisher.ask(*commands)
            except asyncio.CancelledError:  # no answer in time: the next one begins anew
                self._publisher.close()
                raise

    async def subscribe(self, channel: str) -> None:
        async with self._lock:
            if channel not in self._subscribed_to:
                await (await self._listening()).ask(command("SUBSCRIBE", channel))
                self._subscribed_to.add(channel)

    async def unsubscribe(self, channel: str) -> None:
        async with self._lock:
            if channel in self._subscribed_to:
                self._subscribed_to.remove(channel)
                await (await self._listening()).ask(command("UNSUBSCRIBE", channel))

    async def flush(self) -> None:
        """Let go of everything. Waits for nothing: Redis may be away."""
        if self._receive_task is not None:
            self._receive_task.cancel()
            self._receive_task = None
        for link in (self._publisher, self._listener):
            if link is not None:
                link.close()
        self._publisher = self._listener = None
        self._subscribed_to = set()

    async def _listening(self) -> Link:
        if self._listener is None or self._listener.closed.done():
            self._listener = await Link.open(self.host, self._pass)
            if self._receive_task is None:
                self._receive_task = asyncio.create_task(self._listen_again())
            if self._subscribed_to:
                await self._listener.ask(*(command("SUBSCRIBE", channel) for channel in self._subscribed_to))
        return self._listener

    async def _listen_again(self) -> None:
        """Whenever the listening connection ends, make a new one."""
        while True:
            if self._listener is not None:
                await asyncio.shield(self._listener.closed)
            try:
                async with self._lock:
                    await self._listening()
            except Exception as error:
                logger.warning("listening to Redis failed (%s); trying again", type(error).__name__)
                await asyncio.sleep(_AGAIN_SECONDS)

    def _pass(self, channel: bytes, message: bytes) -> None:
        if not self._left_out or self._left_out not in message[:_HEAD_BYTES]:
            self._receive_message({"channel": channel, "data": message})
