"""Carries news between the processes of a site through the channel layer, on behalf of all sockets of this one.

This process is one channel; it is in a group for each room that somebody here is in, so that the layer carries a
message once a process. Nothing here is waited for: joining and sending happen in tasks that outlive every error of
the layer. What the layer loses, repeats or delays, the hub notices by the numbers.

Every few seconds the process says something to itself. When it does not hear it, the layer is deaf or its connection
dead without knowing, and it is built anew.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import channel_layers

from chat import limits
from chat.vitals import vitals
from chat.wire import announcements
from chat.wire.announcements import AnyNews, Changes, Echo

logger = logging.getLogger(__name__)

SITE = "site"


def configured_layer() -> Any:
    """A fresh channel layer of the site's settings."""
    return channel_layers.make_backend(DEFAULT_CHANNEL_LAYER)


class Bus:
    def __init__(
        self,
        process: str,
        make_layer: Callable[[], Any],
        hear: Callable[[AnyNews], None],
        joined: Callable[[str], None],
    ) -> None:
        """`hear` gets what all processes said, this one too; `joined` is told each time a group is joined."""
        self._process = process
        self._own_group = f"process.{process}"
        self._make_layer = make_layer
        self._hear = hear
        self._tell_joined = joined
        self._layer: Any = None
        self._channel: str | None = None
        self._wanted: set[str] = {self._own_group}
        self._joined: set[str] = set()
        self._outgoing: dict[str, list[AnyNews]] = {}
        self._outgoing_count = 0
        self._change = asyncio.Event()
        self._something = asyncio.Event()
        self._sent = asyncio.Event()
        self._sent.set()
        self._heard_itself_at = 0.0
        self._echoes = 0
        self._last_echo = 0
        self._echoed_at = 0.0
        self._fails_to_send = False
        self._tasks: list[asyncio.Task[None]] = []
        self.dropped = 0
        self.not_understood = 0
        self.rebuilt = 0

    def start(self) -> None:
        jobs = (self._live, self._keep_groups, self._publish, self._say_something)
        self._tasks = [asyncio.create_task(_forever(job)) for job in jobs]

    async def stop(self) -> None:
        """Send what waits, as far as the layer takes it, and fall silent."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._sent.wait(), limits.LAYER_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks, timeout=limits.LAYER_SECONDS)
        await _close(self._layer)

    @property
    def is_up(self) -> bool:
        """Whether what is sent arrives, as far as is known: the last sending worked, and our own word was heard."""
        silence = asyncio.get_running_loop().time() - self._heard_itself_at
        return self._channel is not None and not self._fails_to_send and silence < 2 * limits.ECHO_SECONDS

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

    # The layer's life

    async def _live(self) -> None:
        """One life of the layer: from a fresh one until it fails or falls silent."""
        old, self._layer = self._layer, self._make_layer()
        self._channel = None
        self._joined.clear()
        if old is not None:
            self.rebuilt += 1
            await _close(old)
        self._channel = await _in_time(self._layer.new_channel("hub"))
        self._change.set()
        self._heard_itself_at = asyncio.get_running_loop().time()
        receiving = asyncio.create_task(self._receive())
        try:
            while not receiving.done() and not self._is_deaf():
                await asyncio.wait([receiving], timeout=limits.ECHO_SECONDS / 5)
        finally:
            receiving.cancel()
            await asyncio.wait([receiving], timeout=limits.LAYER_SECONDS)
        raise ConnectionError("nothing is heard any more")

    def _is_deaf(self) -> bool:
        return asyncio.get_running_loop().time() - self._heard_itself_at > 3 * limits.ECHO_SECONDS

    async def _receive(self) -> None:
        if hasattr(self._layer, "pass_on"):
            self._layer.pass_on(self._channel, self._take, but=self._process)
            await asyncio.Event().wait()
        while True:
            self._take(await self._layer.receive(self._channel))

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("from") == self._process:
            return  # told here when it was committed
        for news in announcements.decode(message.get("body", b"")):
            if news is None:
                self.not_understood += 1
            elif isinstance(news, Echo):
                self._hear_itself(news)
            else:
                self._hear(news)

    def _hear_itself(self, echo: Echo) -> None:
        """A word that is missing tells that others may have been lost with it, such as who is where."""
        self._heard_itself_at = asyncio.get_running_loop().time()
        if echo.number == self._echoes:
            vitals.echo.observe(self._heard_itself_at - self._echoed_at)
        if self._last_echo and echo.number > self._last_echo + 1:
            for group in self._joined:
                self._tell_joined(group)
        self._last_echo = echo.number

    async def _say_something(self) -> None:
        while True:
            self._echoes += 1
            self._echoed_at = asyncio.get_running_loop().time()
            self.send(self._own_group, Echo(self._process, self._echoes))
            await asyncio.sleep(limits.ECHO_SECONDS)

    # Groups and sending

    async def _keep_groups(self) -> None:
        while True:
            await self._change.wait()
            self._change.clear()
            try:
                await self._adjust_groups()
            except Exception:
                self._change.set()
                raise

    async def _adjust_groups(self) -> None:
        layer, channel = self._layer, self._channel
        if channel is None:
            return
        for group in self._wanted - self._joined:
            await _in_time(layer.group_add(group, channel))
            if channel is not self._channel:
                return
            self._joined.add(group)
            self._tell_joined(group)
        for group in self._joined - self._wanted:
            self._joined.discard(group)
            await _in_time(layer.group_discard(group, channel))

    async def _publish(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            outgoing, self._outgoing, self._outgoing_count = self._outgoing, {}, 0
            try:
                await self._send_all([(group, self._message(group, news)) for group, news in outgoing.items()])
                self._fails_to_send = False
            except Exception:
                self._fails_to_send = True
                self.dropped += sum(map(len, outgoing.values()))
                raise
            finally:
                if not self._outgoing:
                    self._sent.set()

    def _message(self, group: str, news: list[AnyNews]) -> dict[str, Any]:
        sender = "" if group == self._own_group else self._process
        body = announcements.encode(_join(news) if len(news) > 1 else news)
        return {"type": "chat.news", "from": sender, "body": body}

    async def _send_all(self, messages: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """In one go where the layer can; any layer can one by one."""
        if hasattr(self._layer, "group_send_many"):
            await _in_time(self._layer.group_send_many(messages))
        else:
            for group, message in messages:
                await _in_time(self._layer.group_send(group, message))


def _join(news: list[AnyNews]) -> list[AnyNews]:
    """Adjoining ranges of one room become one; nothing else is touched."""
    joined: list[AnyNews] = []
    for item in news:
        last = joined[-1] if joined else None
        if isinstance(item, Changes) and isinstance(last, Changes) and _adjoin(last, item):
            changes = [*last.changes, *item.changes]
            joined[-1] = Changes(last.epoch, last.room, last.after, item.upto, item.state_seq, changes)
        else:
            joined.append(item)
    return joined


def _adjoin(first: Changes, second: Changes) -> bool:
    return (first.epoch, first.room, first.upto) == (second.epoch, second.room, second.after)


async def _in_time(call: Awaitable[Any]) -> Any:
    return await asyncio.wait_for(call, limits.LAYER_SECONDS)


async def _close(layer: Any) -> None:
    """Let a layer's connections go; of one that is dead already nothing is expected."""
    if layer is not None and hasattr(layer, "flush"):
        with suppress(Exception):
            await _in_time(layer.flush())


async def _forever(job: Callable[[], Awaitable[None]]) -> None:
    """Start a job again whenever it fails; the layer may be away for as long as it likes. Said once in a while."""
    say_again_at = 0.0
    while True:
        try:
            await job()
        except Exception as error:
            now = asyncio.get_running_loop().time()
            if now >= say_again_at:
                logger.warning("the channel layer failed (%s); trying again", type(error).__name__)
                say_again_at = now + 30
        await asyncio.sleep(limits.RETRY_SECONDS)
