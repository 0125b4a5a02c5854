"""Processes tell each other who is where; what is lost, late or repeated heals, and a dead process is forgotten."""

import asyncio
from typing import Any

import pytest

from chat import limits
from chat.realtime import presence
from chat.realtime.presence import Presence
from chat.wire import announcements, events
from chat.wire.announcements import AnyNews, AskPresent, Counts, Present
from tests.client import read_rich

ROOM, GROUP = 7, "r.k3.7"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(presence, "monotonic", clock)
    monkeypatch.setattr(limits, "PRESENCE_BATCH_SECONDS", 0)
    return clock


class Page:
    """What a member's page shows, from the frames that it got."""

    def __init__(self) -> None:
        self.people: dict[int, events.Here] = {}
        self.count = 0
        self.frames: list[Any] = []

    def take(self, frame: str) -> None:
        event = read_rich(frame)
        self.frames.append(event)
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

    def __init__(self, wire: "Wire", name: str) -> None:
        self.name = name
        self.wire = wire
        self.page = Page()
        self.presence = Presence(name, self)  # type: ignore[arg-type]  # a bus is what sends and joins
        self.open()

    def open(self) -> None:
        self.presence.open(ROOM, GROUP, self.page.take)
        self.page.take(self.presence.whole(ROOM))
        self.presence.ask(GROUP)

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

    def arrive(self, person: int, socket: object = "socket", name: str = "") -> None:
        self.presence.arrive(ROOM, person, name or f"P{person}", socket)

    def leave(self, person: int, socket: object = "socket") -> None:
        self.presence.leave(ROOM, person, socket)

    @property
    def known(self) -> list[str]:
        event = read_rich(self.presence.whole(ROOM))
        assert isinstance(event, events.Presence)
        assert isinstance(event.here, list)
        assert event.count == len(event.here)
        return sorted(person.name for person in event.here)


class Wire:
    """Carries everything to everybody, the sender too, as a group does; may lose what it is told to."""

    def __init__(self) -> None:
        self.processes: list[Process] = []
        self.waiting: list[AnyNews] = []
        self.lossy = False

    def add(self, name: str) -> Process:
        process = Process(self, name)
        self.processes.append(process)
        return process

    def carry(self, news: AnyNews) -> None:
        if not self.lossy:
            [copy] = announcements.decode(announcements.encode([news]))
            assert copy == news
            self.waiting.append(copy)

    async def deliver(self) -> None:
        """Until nobody has anything more to say."""
        for _ in range(20):
            waiting, self.waiting = self.waiting, []
            for news in waiting:
                for process in self.processes:
                    process.hear(news)
            await asyncio.sleep(0)
            await asyncio.sleep(0.001 if waiting else 0)

    async def a_moment(self) -> None:
        """A quarter of a second, twice: to tell, and to show what was told."""
        for _ in range(2):
            for process in self.processes:
                process.presence._tell_changes()
            await self.deliver()

    async def a_while(self) -> None:
        for process in self.processes:
            process.presence._tell_all()
        await self.deliver()
        await self.a_moment()


@pytest.fixture
async def wire(clock: Clock) -> Wire:
    return Wire()


@pytest.fixture
async def one(wire: Wire) -> Process:
    return wire.add("one")


@pytest.fixture
async def other(wire: Wire, one: Process) -> Process:
    return wire.add("other")


async def test_who_comes_and_goes_is_seen_on_both(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1)
    other.arrive(2)
    await wire.a_moment()
    assert one.page.names == other.page.names == ["P1", "P2"]
    assert one.page.count == other.page.count == 2

    one.leave(1)
    await wire.a_moment()

    assert one.page.names == other.page.names == ["P2"]


async def test_several_changes_of_a_moment_are_one_frame(wire: Wire, one: Process) -> None:
    before = len(one.page.frames)
    for person in range(10):
        one.arrive(person)
    one.leave(3)
    await wire.a_moment()

    assert len(one.page.frames) == before + 1
    assert one.page.count == 9


async def test_one_person_with_three_tabs_is_one_person(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1, "a")
    one.arrive(1, "b")
    other.arrive(1, "c")
    await wire.a_moment()
    assert other.page.count == 1

    one.leave(1, "a")
    one.leave(1, "b")
    await wire.a_moment()
    assert one.page.names == other.page.names == ["P1"]

    other.leave(1, "c")
    await wire.a_moment()
    assert one.page.names == other.page.names == []


async def test_who_is_active_in_one_tab_is_active(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1, "a")
    other.arrive(1, "b")
    one.presence.idle(ROOM, 1, "a", True)
    await wire.a_moment()
    assert not other.page.people[1].idle
    assert not one.page.people[1].idle

    other.presence.idle(ROOM, 1, "b", True)
    await wire.a_moment()
    assert one.page.people[1].idle
    assert other.page.people[1].idle

    one.presence.idle(ROOM, 1, "a", False)
    await wire.a_moment()
    assert not other.page.people[1].idle


async def test_who_opens_the_room_later_learns_who_is_there(wire: Wire, one: Process) -> None:
    one.arrive(1)
    await wire.a_moment()

    late = wire.add("late")
    await wire.deliver()

    assert late.known == ["P1"]
    await wire.a_moment()
    assert late.page.names == ["P1"]


async def test_news_that_was_lost_is_noticed_with_the_next_one(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1)
    await wire.a_moment()
    wire.lossy = True
    one.arrive(2)
    await wire.a_moment()
    assert other.page.names == ["P1"]

    wire.lossy = False
    one.arrive(3)
    await wire.a_moment()

    assert other.page.names == ["P1", "P2", "P3"]


async def test_the_last_news_lost_is_made_good_by_the_whole(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1)
    await wire.a_moment()
    wire.lossy = True
    one.leave(1)
    await wire.a_moment()
    wire.lossy = False
    assert other.page.names == ["P1"]

    await wire.a_while()

    assert other.page.names == []


async def test_late_and_repeated_news_change_nothing(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1)
    one.presence._tell_changes()
    came = [news for news in wire.waiting if isinstance(news, Present)]
    await wire.a_moment()
    one.leave(1)
    await wire.a_moment()
    assert other.page.names == []

    for news in came * 2:
        other.hear(news)
    await wire.a_moment()

    assert other.page.names == []


async def test_a_process_that_says_good_bye_is_gone_at_once(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1)
    other.arrive(2)
    await wire.a_moment()
    assert other.page.count == 2

    one.presence.stop()
    await wire.a_moment()

    assert other.page.names == ["P2"]


async def test_a_process_that_died_is_forgotten(wire: Wire, one: Process, other: Process, clock: Clock) -> None:
    one.arrive(1)
    other.arrive(2)
    await wire.a_moment()
    wire.processes.remove(one)

    clock.now += limits.PRESENCE_FORGET_SECONDS - 1
    await wire.a_while()
    assert other.page.names == ["P1", "P2"]
    clock.now += 2
    await wire.a_while()

    assert other.page.names == ["P2"]


async def test_a_living_process_is_not_forgotten(wire: Wire, one: Process, other: Process, clock: Clock) -> None:
    one.arrive(1)
    await wire.a_moment()

    for _ in range(10):
        clock.now += limits.PRESENCE_WHOLE_SECONDS
        await wire.a_while()

    assert other.page.names == ["P1"]


async def test_a_room_left_by_all_and_entered_again_is_seen_by_the_others(
    wire: Wire, one: Process, other: Process, clock: Clock
) -> None:
    """As when the only one in a room loads the page anew."""
    other.arrive(9)
    for _ in range(3):
        one.arrive(1)
        await wire.a_moment()
        one.leave(1)
        await wire.a_moment()
    one.presence.close(ROOM)
    await wire.a_moment()
    assert other.page.names == ["P9"]

    clock.now += 0.2
    one.open()
    one.arrive(1)
    await wire.a_moment()

    assert other.page.names == ["P1", "P9"]
    assert one.page.names == ["P1", "P9"]


async def test_who_came_and_went_within_a_moment_is_no_ghost_on_a_page_that_saw_them(wire: Wire, one: Process) -> None:
    one.arrive(1)
    late = Page()
    one.presence._rooms[ROOM].tell = lambda frame: (one.page.take(frame), late.take(frame))  # type: ignore[assignment]
    one.arrive(2)
    late.take(one.presence.whole(ROOM))
    assert late.names == ["P1", "P2"]
    one.leave(1)
    await wire.a_moment()

    assert late.names == ["P2"]


async def test_one_frame_names_so_many_people_and_counts_all(wire: Wire, one: Process) -> None:
    for person in range(limits.HERE_PEOPLE + 50):
        one.arrive(person)
    await wire.a_moment()

    event = read_rich(one.presence.whole(ROOM))
    assert isinstance(event, events.Presence)
    assert isinstance(event.here, list)
    assert (len(event.here), event.count) == (limits.HERE_PEOPLE, limits.HERE_PEOPLE + 50)
    assert one.page.count == limits.HERE_PEOPLE + 50


async def test_a_new_name_is_seen_on_both(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1)
    await wire.a_moment()

    for process in (one, other):
        process.presence.rename(1, "Ana Li")
    await wire.a_moment()

    assert one.page.names == other.page.names == ["Ana Li"]
    assert one.known == other.known == ["Ana Li"]
    assert other.page.count == 1


async def test_rooms_without_members_here_are_counted_as_the_others_said(
    wire: Wire, one: Process, other: Process, clock: Clock
) -> None:
    one.arrive(1)
    one.arrive(2)
    other.presence.close(ROOM)
    one.presence._tell_counts()
    await wire.deliver()
    assert other.presence.people_in([ROOM, 8]) == {ROOM: 2, 8: 0}

    clock.now += limits.PRESENCE_FORGET_SECONDS + 1

    assert other.presence.people_in([ROOM]) == {ROOM: 0}


async def test_a_room_that_is_held_here_is_counted_exactly(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1)
    other.arrive(1)
    other.arrive(2)
    await wire.a_moment()

    assert one.presence.people_in([ROOM]) == other.presence.people_in([ROOM]) == {ROOM: 2}
