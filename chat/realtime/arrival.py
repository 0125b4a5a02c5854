"""How one comes into a room: says who it is, is told what it has missed, and takes part from there.

Again and again, if it likes: a later hello of the same socket is answered as the first was.
"""

import asyncio
from functools import partial
from typing import TypeVar

from chat import limits, policy
from chat.queries import log
from chat.realtime import entrance, greeting, parts, rights
from chat.realtime.entrance import CaughtUp, Entered
from chat.realtime.room import LiveRoom
from chat.realtime.seat import Seat, State
from chat.wire import codec, commands, events
from chat.wire.codec import Dialect
from chat.wire.codes import Close

R = TypeVar("R")


class Arrival(Seat):
    __slots__ = ()

    def begin(self, *, history: int = 0, wished_name: str = "") -> None:
        """The socket is open. The rich dialect has to say hello in time; the plain one enters at once."""
        if self.dialect is Dialect.RICH:
            self._patience = asyncio.get_running_loop().call_later(limits.HELLO_SECONDS, self._no_hello)
        else:
            self._wished_name = wished_name
            self._move(State.ENTERING)
            self._do(self._enter_plain(history))

    def _no_hello(self) -> None:
        self._outlet.close(Close.NO_HELLO)

    async def _enter_rich(self, hello: commands.Hello) -> None:
        if self._room is not None:
            self._room.hold(self)  # or what is said meanwhile would come before the answer, which is older
        entered, caught_up = await self._within_time(self._how_to_enter(hello))
        room = self._enter(entered)
        assert self._user is not None
        self.put(codec.encode(greeting.answer(entered, self._user, room.wire_epoch)))
        await self._catch_up(room, caught_up)
        self._node.arrived(room, self, self._user)
        self.put(self._node.presence.whole(room.pk))

    def _how_to_enter(self, hello: commands.Hello) -> partial[tuple[Entered, CaughtUp]]:
        since = hello.since, hello.epoch
        if self._user is not None and self._room is not None:
            return partial(entrance.enter_again, self._user, self._room.pk, self._key, *since)
        return partial(entrance.enter_rich, self.slug, self._newcomers, self._session, hello.key, *since)

    async def _enter_plain(self, history: int) -> None:
        entered = await self._within_time(partial(entrance.enter_plain, self.slug, self._newcomers, self._session))
        room = self._enter(entered)
        self.stand = entered.numbers.seq
        if history:
            await self._tell_history(room, history)
        while not room.settle(self):
            await self._read_on_plain(room)
        self._node.arrived(room, self, self._user)

    def _enter(self, entered: Entered) -> LiveRoom:
        """From here on one hears of what changes in the room, and of what happens to the person."""
        self._user, self._key = entered.user, entered.key
        self.tie = self.tie or entered.tie
        self.asked_at = entered.numbers.state_seq
        self.told = rights.frame(entered.described) if self.dialect is Dialect.RICH else ""
        self._room = self._node.entering(entered, self)
        return self._room

    async def _within_time(self, enter: partial[R]) -> R:
        async with asyncio.timeout(limits.IDENTITY_SECONDS):
            return await self._node.readers.run(enter)

    # Catching up

    async def _catch_up(self, room: LiveRoom, missed: CaughtUp) -> None:
        """Bring the client from its number to where the room is, and let it take part from there."""
        for place, part in enumerate(parts.sync(missed.page.messages, missed.page.seq, complete=missed.complete)):
            if place:
                await self._outlet.room_for_more()
            self.put(part)
        self.stand = missed.page.seq
        while not room.settle(self):
            await self._read_on_rich(room)

    async def _read_on_rich(self, room: LiveRoom) -> None:
        """What was said while the catch-up was on its way was more than the room keeps."""
        await room.asked_for(self)
        who = policy.visible(self._user)
        page = await self._node.readers.run(log.changed_since, who, room.pk, self.stand, limits.FILL_MESSAGES)
        for message in page.messages:
            self.put(codec.encode(message))
        await self._outlet.room_for_more()
        self.stand = page.seq

    async def _read_on_plain(self, room: LiveRoom) -> None:
        await room.asked_for(self)
        who = policy.visible(self._user)
        upto = max(room.stand, self.stand)
        page = await self._node.readers.run(log.posted_since, who, room.pk, self.stand, upto, limits.FILL_MESSAGES)
        await self._tell_plain(page.messages)
        self.stand = page.seq if page.more else upto

    async def _tell_history(self, room: LiveRoom, count: int) -> None:
        who = policy.visible(self._user)
        page = await self._node.readers.run(log.newest, who, room.pk, count, tombstones=False)
        await self._tell_plain(page.messages)
        self.stand = page.seq

    async def _tell_plain(self, messages: list[events.Message]) -> None:
        for message in messages:
            self.put(codec.encode(codec.plain(message)))
        await self._outlet.room_for_more()
