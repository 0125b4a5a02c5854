"""Processes of one site that tell each other who is where over a wire that may lose things, and pages that show it.

Time passes when a test says so.
"""

import asyncio
from typing import Any

import pytest

from chat import limits
from chat.realtime import presence
from chat.realtime.presence import Presence
from chat.wire import announcements, events
from chat.wire.announcements import Active, AnyNews, AskActive, AskPresent, Counts, Present
from tests.client import read_rich

ROOM, GROUP = 7, "r.k3.7"
DEN = 8  # another room, which nobody watches
BATCH_SECONDS = limits.PRESENCE_BATCH_SECONDS


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Page:
    """What a member's page shows, from the frames that it got."""

    def __init__(self) -> None:
        self.people: dict[int, events.Here] = {}
        self.count = 0
        self.frames: list[Any] = []
        self.largest = 0  # frame, in bytes

    def take(self, frame: str) -> None:
        event = read_rich(frame)
        self.frames.append(event)
        self.largest = max(self.largest, len(frame.encode()))
        if isinstance(event, events.User) and event.id in self.people:
            self.people[event.id] = events.Here(event.id, event.name, self.people[event.id].idle)
        if isinstance(event, events.Presence):
            self._take(event)

    def _take(self, event: events.Presence) -> None:
        if isinstance(event.here, list):
            self.people = {person.id: person for person in event.here}
        self.people |= {person.id: person for person in event.joined or []}
        for number in event.left or []:
            self.people.pop(number, None)
        for numbers, idle in ((event.idle, True), (event.active, False)):
            for number in numbers or []:
                self.people[number] = events.Here(number, self.people[number].name, idle)
        self.count = event.count

    @property
    def names(self) -> list[str]:
        return sorted(person.name for person in self.people.values())


class Process:
    """One process with the room open, whose page is that of one who watches from the beginning."""

    def __init__(self, wire: "Wire", name: str, crowd: int) -> None:
        self.name = name
        self.wire = wire
        self.page = Page()
        self.pages = [self.page]
        self.crowd = crowd  # members who are told, in numbers only
        self.presence = Presence(name, self)  # type: ignore[arg-type]  # a bus is what sends and joins
        self.open()

    def open(self) -> None:
        self.presence.open(ROOM, GROUP, self._tell)
        self.page.take(self.presence.whole(ROOM))
        self.presence.ask(GROUP)

    def _tell(self, frame: str) -> int:
        for page in self.pages:
            page.take(frame)
        return self.crowd + len(self.pages)

    def new_page(self) -> Page:
        """That of one who comes now."""
        page = Page()
        page.take(self.presence.whole(ROOM))
        self.pages.append(page)
        return page

    def join(self, group: str) -> None:
        pass

    def send(self, group: str, news: AnyNews) -> None:
        self.wire.carry(news)

    def hear(self, news: AnyNews) -> None:
        match news:
            case Present():
                self.presence.hear(news)
            case AskPresent():
                self.presence.asked(news)
            case Counts():
                self.presence.counted(news)
            case AskActive():
                self.presence.activity.asked(news)
            case Active():
                self.presence.activity.hear(news)

    def arrive(self, person: int, socket: object = "socket", name: str = "", *, room: int = ROOM) -> None:
        self.presence.open(room, f"r.k3.{room}", lambda _: 0)
        self.presence.arrive(room, person, name or f"P{person}", socket)

    def leave(self, person: int, socket: object = "socket", *, room: int = ROOM) -> None:
        self.presence.leave(room, person, socket)

    def idle(self, person: int, idle: bool, socket: object = "socket", *, room: int = ROOM) -> None:
        self.presence.idle(room, person, socket, idle)

    @property
    def known(self) -> list[str]:
        event = read_rich(self.presence.whole(ROOM))
        assert isinstance(event, events.Presence)
        assert isinstance(event.here, list)
        assert event.count == len(event.here)
        return sorted(person.name for person in event.here)


class Wire:
    """Carries everything to everybody, the sender too, as a group does; may lose what it is told to."""

    def __init__(self, clock: Clock) -> None:
        self.processes: list[Process] = []
        self.waiting: list[AnyNews] = []
        self.lossy = False
        self.carried: list[int] = []  # bytes of each
        self.spoken: list[AnyNews] = []
        self._clock = clock

    def add(self, name: str, crowd: int = 0) -> Process:
        process = Process(self, name, crowd)
        self.processes.append(process)
        return process

    def carry(self, news: AnyNews) -> None:
        body = announcements.encode([news])
        self.carried.append(len(body))
        self.spoken.append(news)
        if not self.lossy:
            [copy] = announcements.decode(body)
            assert copy == news
            self.waiting.append(copy)

    async def deliver(self) -> None:
        """Until nobody has anything more to say."""
        quiet = 0
        while quiet < 3:
            waiting, self.waiting = self.waiting, []
            for news in waiting:
                for process in self.processes:
                    process.hear(news)
            await asyncio.sleep(0)  # an answer is given in a later turn of the loop
            quiet = 0 if waiting else quiet + 1

    async def a_batch(self) -> None:
        """A quarter of a second."""
        self._clock.now += BATCH_SECONDS
        for process in self.processes:
            process.presence._tell_changes()
        await self.deliver()

    async def a_moment(self) -> None:
        """As long as it may take to tell the others, and all to show it: the promise is two seconds."""
        await self.a_batch()
        self._clock.now += limits.PRESENCE_FRAME_SECONDS
        await self.a_batch()

    async def a_while(self, seconds: float = limits.PRESENCE_WHOLE_SECONDS) -> None:
        self._clock.now += seconds
        for process in self.processes:
            process.presence._forget_the_silent()
        for _ in range(int(seconds / limits.PRESENCE_COUNT_SECONDS)):
            for process in self.processes:
                process.presence.activity.ask_all()
            await self.deliver()
        await self.a_moment()


def set_clock(patch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    patch.setattr(presence, "monotonic", clock)
    patch.setattr(limits, "PRESENCE_BATCH_SECONDS", 0)  # answers are given at once
    return clock
