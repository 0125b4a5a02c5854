"""Who is in which room, over all processes of the site. No table, no Redis keys: processes tell each other.

Each tells whom it holds: changes at once (those of a quarter of a second in one), the whole set now and then and when
asked, and an empty one when it stops. Each of these has the process's incarnation and a counter, so that what comes
late is known as late. What was not refreshed for a while is forgotten. One person with three tabs is one person, and
idle when they are so everywhere (activity.py).

Of a large room a sample and the number are told, to processes as to pages. While people come and go all the time, the
pages are told once a second, and the more pages there are to tell, the longer it takes until they are told again. So
what a room costs in a second grows neither with its size nor with the number of those who come and go.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from time import monotonic

from chat import limits
from chat.realtime.activity import Activity
from chat.realtime.bus import SITE, Bus
from chat.realtime.people import Elsewhere, People
from chat.realtime.told import Pace, ToPages, ToProcesses
from chat.wire import codec, events
from chat.wire.announcements import AskPresent, Counts, Present


class _Room:
    def __init__(self, key: int, group: str, tell: Callable[[str], int], is_idle: Callable[[int], bool]) -> None:
        self.key = key
        self.group = group
        self.tell = tell
        self.people = People(is_idle)
        # A room that is left and entered again goes on above where it was.
        self.to_processes = ToProcesses(self.people, counter=int(monotonic() * 1000))
        self.to_pages = ToPages(self.people)
        self.pace = Pace()
        self.changed = False  # who is here, since the pages were told
        self.held_changed = False  # whom this process holds, since the other processes were told
        self.whole_at = _next_whole()

    def holds(self, person: int) -> bool:
        return self.people.holds(person)

    def is_active(self, person: int) -> bool:
        return self.people.is_active(person)

    def names(self, person: int) -> bool:
        return self.to_processes.names(person) or self.to_pages.names(person)

    def change(self) -> None:
        self.changed = self.held_changed = True


class Presence:
    def __init__(self, process: str, bus: Bus) -> None:
        self._bus = bus
        self._process = process
        self.activity = Activity(process, bus)
        self._rooms: dict[int, _Room] = {}
        self._counts: dict[str, tuple[float, dict[int, int]]] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._bus.join(SITE)
        every = (
            (limits.PRESENCE_BATCH_SECONDS, self._tell_changes),
            (limits.PRESENCE_COUNT_SECONDS, self._tell_counts),
            (limits.PRESENCE_COUNT_SECONDS, self.activity.ask_all),
            (limits.PRESENCE_COUNT_SECONDS, self._forget_the_silent),
        )
        self._tasks = [asyncio.create_task(_repeat(seconds, job)) for seconds, job in every]

    def stop(self) -> None:
        """Say good-bye for everybody here."""
        for task in self._tasks:
            task.cancel()
        for room in self._rooms.values():
            room.people.let_go()
            self._say(room, whole=True)
        self._bus.send(SITE, Counts(self._process, {}))
        self.activity.stop()

    # What happens here

    def open(self, key: int, group: str, tell: Callable[[str], int]) -> None:
        """Begin to follow a room; `tell` sends a frame to its members in the rich dialect, and says to how many."""
        if key not in self._rooms:
            self._rooms[key] = _Room(key, group, tell, self.activity.is_idle)

    def close(self, key: int) -> None:
        room = self._rooms.pop(key, None)
        if room is None:
            return
        for person in room.people.let_go():
            self.activity.note(person, room)
        if room.to_processes.anybody:
            self._say(room, whole=True)

    def ask(self, group: str) -> None:
        """The group was just joined, perhaps again: learn who is there, and tell it who is here."""
        if group == SITE:
            self.activity.ask_all()
        for room in self._rooms.values():
            if room.group == group:
                self._bus.send(group, AskPresent(self._process, room.key))
                if room.people.held:
                    self._say(room, whole=True)

    def arrive(self, key: int, person: int, name: str, socket: object) -> None:
        room = self._rooms[key]
        room.people.arrive(person, name, socket)
        self.activity.note(person, room)

    def leave(self, key: int, person: int, socket: object) -> None:
        room = self._rooms.get(key)
        if room is not None:
            room.people.leave(person, socket)
            self.activity.note(person, room)

    def idle(self, key: int, person: int, socket: object, idle: bool) -> None:
        room = self._rooms[key]
        room.people.idle(person, socket, idle)
        self.activity.note(person, room)

    def rename(self, person: int, name: str) -> None:
        """Known here at once; the other processes hear of the new name by the same road as this one."""
        frame = codec.encode(events.User(person, name))
        for room in self._rooms.values():
            if room.people.find(person):
                room.tell(frame)
                room.to_pages.rename(person, name)
                room.to_processes.rename(person, name)
                room.people.rename(person, name)

    def whole(self, key: int) -> str:
        """The frame for one who just came."""
        return self._rooms[key].to_pages.whole()

    def people_in(self, keys: Iterable[int]) -> dict[int, int]:
        """How many people are in each room: as its members see it where somebody is here, else as the others said."""
        return {key: self._rooms[key].people.count if key in self._rooms else self._counted(key) for key in keys}

    def _counted(self, key: int) -> int:
        fresh = monotonic() - limits.PRESENCE_FORGET_SECONDS
        return sum(people.get(key, 0) for heard_at, people in self._counts.values() if heard_at > fresh)

    # What others say

    def hear(self, news: Present) -> None:
        room = self._rooms.get(news.room)
        if room is None or news.process == self._process:
            return
        process = room.people.elsewhere.setdefault(news.process, Elsewhere())
        if news.counter <= process.counter:
            return
        if not news.whole and news.counter != process.counter + 1:
            self._bus.send(room.group, AskPresent(self._process, news.room))  # one was lost: have the whole again
        process.counter, process.heard_at, process.unnamed = news.counter, monotonic(), news.unnamed
        if news.whole:
            process.named = {}
        process.named.update({person.id: person for person in news.here})
        for key in news.left:
            process.named.pop(key, None)
        room.changed = True

    def asked(self, news: AskPresent) -> None:
        room = self._rooms.get(news.room)
        if room is not None and news.process != self._process and room.people.held:
            delay = random.uniform(0, limits.PRESENCE_BATCH_SECONDS)  # noqa: S311 - so that not all answer at once
            asyncio.get_running_loop().call_later(delay, self._answer, news.room)

    def counted(self, news: Counts) -> None:
        if news.process != self._process:
            self._counts[news.process] = monotonic(), news.people

    def _answer(self, key: int) -> None:
        room = self._rooms.get(key)
        if room is not None:
            self._say(room, whole=True)

    # What is told

    def _tell_changes(self) -> None:
        self.activity.settle()
        now = monotonic()
        for room in self._rooms.values():
            if room.whole_at <= now:
                room.whole_at = _next_whole()
                self._say(room, whole=True)
            elif room.held_changed:
                self._say(room, whole=False)
            if room.changed and room.pace.rests_until <= now:
                self._show(room, now)
        self.activity.tell_changes()

    def _say(self, room: _Room, *, whole: bool) -> None:
        room.held_changed = False
        news = room.to_processes.news(self._process, room.key, whole=whole)
        if news is not None:
            self._bus.send(room.group, news)

    def _show(self, room: _Room, now: float) -> None:
        room.changed = False
        frame = room.to_pages.change()
        if frame is not None:
            room.pace.told(now, room.tell(frame))

    def _tell_counts(self) -> None:
        people = {key: room.people.held for key, room in self._rooms.items() if room.people.held}
        self._bus.send(SITE, Counts(self._process, people))

    def _forget_the_silent(self) -> None:
        """Processes that have died, however."""
        before = monotonic() - limits.PRESENCE_FORGET_SECONDS
        self._counts = {name: said for name, said in self._counts.items() if said[0] > before}
        for room in self._rooms.values():
            room.changed |= room.people.forget(before)


def _next_whole() -> float:
    """Spread, so that a thousand rooms that were entered together are not told of together for ever."""
    return monotonic() + limits.PRESENCE_WHOLE_SECONDS * random.uniform(0.5, 1)  # noqa: S311 - keeps no secret


async def _repeat(seconds: float, job: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(seconds)
        job()
