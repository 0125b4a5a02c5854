"""The rooms that this process holds members of, and the roads by which news of them comes.

A commit of this process is told to its own members at once and to the other processes through the bus. Once a second
the database is asked where the rooms stand, so that whatever was lost on the way is found too.
"""

import asyncio
import logging
from collections.abc import Callable
from functools import lru_cache

from chat import limits
from chat.actions import epochs
from chat.queries import rooms
from chat.queries.rooms import Numbers
from chat.realtime.bus import Bus
from chat.realtime.database import Runner
from chat.realtime.frames import Frames
from chat.realtime.room import LiveRoom
from chat.wire import codec, events
from chat.wire.announcements import Changes
from chat.wire.codes import ChatError, Close

logger = logging.getLogger(__name__)


class Hub:
    def __init__(self, bus: Bus, readers: Runner, closed: Callable[[LiveRoom], None]) -> None:
        """`closed` is told of each room that is no longer held here."""
        self.rooms: dict[int, LiveRoom] = {}
        self._bus = bus
        self._readers = readers
        self._closed = closed
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._tick())]

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def open(self, numbers: Numbers, epoch: str) -> LiveRoom:
        """The live room, made when its first member comes; `numbers` are as just read."""
        room = self.rooms.get(numbers.room)
        if room is not None and room.epoch != epoch:
            self._restored(epoch)
            room = None
        if room is None:
            room = self.rooms[numbers.room] = LiveRoom(numbers, epoch, self._readers)
            self._bus.join(group_of(room))
        room.known(numbers)
        return room

    def close_if_empty(self, room: LiveRoom) -> None:
        if room.empty and self.rooms.get(room.pk) is room:
            self._close(room)

    def _close(self, room: LiveRoom) -> None:
        del self.rooms[room.pk]
        self._bus.leave(group_of(room))
        self._closed(room)

    def _restored(self, epoch: str) -> None:
        """Another life of the log has begun: whoever heard an older one starts anew."""
        for room in [room for room in self.rooms.values() if room.epoch != epoch]:
            self._close(room)
            room.close(Close.RESTARTING)

    def hear(self, news: Changes) -> None:
        room = self.rooms.get(news.room)
        if room is not None and room.epoch == news.epoch:
            room.hear(news)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(limits.POLL_SECONDS)
            try:
                await self._look()
            except ChatError:
                logger.warning("the database did not say where the rooms stand")
            except Exception:  # whatever it is, the next look may find more
                logger.exception("a look at the rooms failed")

    async def _look(self) -> None:
        if not self.rooms:
            return
        asked = {room: room.stand for room in self.rooms.values()}
        epoch, found = await self._readers.run(rooms.numbers, [room.pk for room in asked])
        if any(room.epoch != epoch for room in asked):
            self._restored(epoch)
        stands = {numbers.room: numbers for numbers in found}
        for room, stand in asked.items():
            if self.rooms.get(room.pk) is room:
                await self._compare(room, stand, stands.get(room.pk))

    async def _compare(self, room: LiveRoom, stand: int, numbers: Numbers | None) -> None:
        """`stand` is where the room stood before the database was asked."""
        if numbers is None:  # deleted
            self._close(room)
            room.close(Close.NO_ROOM)
        elif numbers.seq < stand:
            logger.error("room %d went back from %d to %d: a restore without a new epoch", room.pk, stand, numbers.seq)
            self._restored(await self._readers.run(epochs.begin, room.epoch))
        else:
            room.known(numbers)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(limits.TICK_SECONDS)
            for room in list(self.rooms.values()):
                await self._tell_stand(room)

    async def _tell_stand(self, room: LiveRoom) -> None:
        """To some sockets at a time: a message has not to wait for all of them."""
        members = list(room.rich)
        for first in range(0, len(members), limits.TICK_SOCKETS):
            for member in members[first : first + limits.TICK_SOCKETS]:
                if member in room.rich:
                    member.put_all(_tick(max(room.stand, member.stand)))
            await asyncio.sleep(0)


@lru_cache(maxsize=64)
def _tick(number: int) -> Frames:
    return Frames(codec.encode(events.Tick(number)))


def group_of(room: LiveRoom) -> str:
    return _group(room.epoch, room.pk)


def group_of_changes(news: Changes) -> str:
    return _group(news.epoch, news.room)


def _group(epoch: str, room: int) -> str:
    return f"r.{epoch}.{room}"
