"""Carries news between the processes of a site through the channel layer, on behalf of all sockets of this one.

This process is one channel; it is in a group for each room that somebody here is in, so that the layer carries a
message once a process. Nothing here is waited for: joining and sending happen in tasks that outlive every error of
the layer. What the layer loses, repeats or delays, the hub notices by the numbers.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from channels.layers import get_channel_layer

from chat import limits
from chat.wire import announcements
from chat.wire.announcements import AnyNews, Changes

logger = logging.getLogger(__name__)

SITE = "site"


class Bus:
    def __init__(self, hear: Callable[[AnyNews], None], joined: Callable[[str], None]) -> None:
        """`hear` gets what other processes (and this one) said; `joined` is told each time a group is joined."""
        self._hear = hear
        self._tell_joined = joined
        self._layer: Any = get_channel_layer()
        self._channel: str | None = None
        self._wanted: set[str] = set()
        self._joined: set[str] = set()
        self._outgoing: dict[str, list[AnyNews]] = {}
        self._outgoing_count = 0
        self._change = asyncio.Event()
        self._something = asyncio.Event()
        self._sent = asyncio.Event()
        self._sent.set()
        self._tasks: list[asyncio.Task[None]] = []
        self.dropped = 0
        self.not_understood = 0

    def start(self) -> None:
        jobs = (self._receive, self._keep_groups, self._publish)
        self._tasks = [asyncio.create_task(_forever(job)) for job in jobs]

    async def stop(self) -> None:
        """Send what waits, as far as the layer takes it, and fall silent."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._sent.wait(), limits.LAYER_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks, timeout=limits.LAYER_SECONDS)

    def join(self, group: str) -> None:
        self._wanted.add(group)
        self._change.set()

    def leave(self, group: str) -> None:
        self._wanted.discard(group)
        self._change.set()

    def send(self, group: str, news: AnyNews) -> None:
        """Tell a group, soon. When too much waits already, this is dropped: the numbers will show it."""
        if self._outgoing_count >= limits.OUTGOING_NEWS:
            self.dropped += 1
            return
        self._outgoing.setdefault(group, []).append(news)
        self._outgoing_count += 1
        self._something.set()
        self._sent.clear()

    async def _receive(self) -> None:
        self._joined.clear()
        self._channel = await asyncio.wait_for(self._layer.new_channel("hub"), limits.LAYER_SECONDS)
        self._change.set()
        while True:
            message = await self._layer.receive(self._channel)
            for news in announcements.decode(message.get("body", b"")):
                if news is None:
                    self.not_understood += 1
                else:
                    self._hear(news)

    async def _keep_groups(self) -> None:
        while True:
            await self._change.wait()
            self._change.clear()
            if self._channel is None:
                continue
            for group in self._wanted - self._joined:
                await asyncio.wait_for(self._layer.group_add(group, self._channel), limits.LAYER_SECONDS)
                self._joined.add(group)
                self._tell_joined(group)
            for group in self._joined - self._wanted:
                self._joined.discard(group)
                await asyncio.wait_for(self._layer.group_discard(group, self._channel), limits.LAYER_SECONDS)

    async def _publish(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            outgoing, self._outgoing, self._outgoing_count = self._outgoing, {}, 0
            for group, news in outgoing.items():
                body = announcements.encode(_join(news))
                try:
                    await asyncio.wait_for(
                        self._layer.group_send(group, {"type": "chat.news", "body": body}), limits.LAYER_SECONDS
                    )
                except Exception:
                    self.dropped += len(news)
                    logger.warning("the channel layer took no news for a group")
            if not self._outgoing:
                self._sent.set()


def _join(news: Iterable[AnyNews]) -> list[AnyNews]:
    """Adjoining ranges of one room become one; nothing else is touched."""
    joined: list[AnyNews] = []
    for item in news:
        last = joined[-1] if joined else None
        if isinstance(item, Changes) and isinstance(last, Changes) and _adjoin(last, item):
            joined[-1] = Changes(
                last.epoch, last.room, last.after, item.upto, item.state_seq, [*last.changes, *item.changes]
            )
        else:
            joined.append(item)
    return joined


def _adjoin(first: Changes, second: Changes) -> bool:
    return (first.epoch, first.room, first.upto) == (second.epoch, second.room, second.after)


async def _forever(job: Callable[[], Any]) -> None:
    """Start a job again whenever it fails; the layer may be away for as long as it likes."""
    while True:
        try:
            await job()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            logger.warning("the channel layer failed (%s); trying again", type(error).__name__)
        await asyncio.sleep(0.5)
