"""The rooms that this process holds members of, and the roads by which news of them comes.

A commit of this process is told to its own members at once and to the other processes through the bus. Once a second
the database is asked where the rooms stand, so that whatever was lost on the way is found too.
"""

import asyncio
import logging

from chat import limits
from chat.queries import rooms
from chat.queries.rooms import Numbers
from chat.realtime.bus import Bus
from chat.realtime.database import Threads
from chat.realtime.room import LiveRoom
from chat.wire import codec, events
from chat.wire.announcements import Changes
from chat.wire.codes import ChatError

logger = logging.getLogger(__name__)


class Hub:
    def __init__(self, bus: Bus, readers: Threads) -> None:
        self.rooms: dict[int, LiveRoom] = {}
        self._bus = bus
        self._readers = readers
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._watch()), asyncio.create_task(self._tick())]

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def open(self, numbers: Numbers, epoch: str) -> LiveRoom:
        """The live room, made when its first member comes; `numbers` are as just read."""
        room = self.rooms.get(numbers.room)
        if room is None:
            room = self.rooms[numbers.room] = LiveRoom(numbers, epoch, self._readers)
            self._bus.join(group_of(room))
        room.known(numbers)
        return room

    def close_if_empty(self, room: LiveRoom) -> None:
        if room.empty and self.rooms.get(room.pk) is room:
            del self.rooms[room.pk]
            self._bus.leave(group_of(room))

    def committed(self, news: Changes) -> None:
        """What this process has just written."""
        self.hear(news)
        self._bus.send(_group(news.epoch, news.room), news)

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

    async def _look(self) -> None:
        if not self.rooms:
            return
        _, found = await self._readers.run(rooms.numbers, list(self.rooms))
        for numbers in found:
            room = self.rooms.get(numbers.room)
            if room is not None:
                room.known(numbers)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(limits.TICK_SECONDS)
            for room in self.rooms.values():
                for member in room.rich:
                    member.put(codec.encode(events.Tick(max(room.stand, member.stand))))


def group_of(room: LiveRoom) -> str:
    return _group(room.epoch, room.pk)


def _group(epoch: str, room: int) -> str:
    return f"r.{epoch}.{room}"
