"""Who is writing is told to the others in the room, seldom enough, and never to themselves."""

from typing import Any

import pytest

from chat import limits
from chat.realtime.room import LiveRoom
from chat.realtime.typists import Typists
from chat.wire import events
from chat.wire.announcements import Typing
from tests.client import read_rich
from tests.unit.realtime.model import ROOM, World
from tests.unit.realtime.processes import Clock


class Member:
    """One tab of a person who is in the room."""

    def __init__(self, room: LiveRoom, person: int) -> None:
        self.person = person
        self.heard: list[str] = []
        room.rich.add(self)  # type: ignore[arg-type]  # what a room asks of who hears of it

    def put_unless_busy(self, frames: Any) -> None:
        for event in map(read_rich, frames.texts):
            assert isinstance(event, events.Typing)
            self.heard.append(event.user.name)


class Site:
    """One process of several: what it tells the others is kept."""

    def __init__(self) -> None:
        self.world = World()
        self.room = self.world.room
        self.clock = Clock()
        self.told: list[Any] = []
        self.typists = Typists(self, self.clock)  # type: ignore[arg-type]  # a bus is what sends

    def send(self, group: str, news: Any) -> None:
        assert group == f"r.k3.{ROOM}"
        self.told.append(news)

    def write(self, person: int) -> None:
        self.typists.write(self.room, person, f"P{person}")

    def hear(self, person: int, state_seq: int = 0) -> None:
        self.typists.hear(self.room, Typing(ROOM, person, f"P{person}", state_seq))


@pytest.fixture
async def site() -> Site:
    return Site()


async def test_everybody_else_hears_of_it_and_the_other_processes_do(site: Site) -> None:
    ana, anas_phone, bo = Member(site.room, 1), Member(site.room, 1), Member(site.room, 2)
    site.write(1)

    assert bo.heard == ["P1"]
    assert ana.heard == anas_phone.heard == []
    assert site.told == [Typing(ROOM, 1, "P1", 0)]


async def test_what_another_process_says_is_told_here_and_not_passed_on(site: Site) -> None:
    anas_phone, bo = Member(site.room, 1), Member(site.room, 2)
    site.hear(1)

    assert bo.heard == ["P1"]
    assert anas_phone.heard == []
    assert site.told == []


async def test_of_one_person_it_is_told_each_three_seconds_whatever_they_send(site: Site) -> None:
    bo = Member(site.room, 2)
    for _ in range(100):  # ten seconds
        site.write(1)
        site.hear(1)
        site.clock.now += 0.1

    assert len(bo.heard) == len(site.told) == 4
    assert limits.TYPING_SECONDS == 3


async def test_one_that_comes_a_little_early_is_told(site: Site) -> None:
    bo = Member(site.room, 2)
    site.write(1)
    site.clock.now += 2.8
    site.write(1)

    assert bo.heard == ["P1", "P1"]


async def test_of_a_crowd_only_some_are_told_of(site: Site) -> None:
    """A page names three of them; one is too many, and one may be its reader."""
    bo = Member(site.room, 200)
    for person in range(100):
        site.write(person)

    assert bo.heard == ["P0", "P1", "P2", "P3", "P4"]
    assert len(site.told) == limits.TYPING_PEOPLE == 5


async def test_in_a_large_room_frames_are_bounded(site: Site) -> None:
    members = [Member(site.room, 1_000 + person) for person in range(5_000)]
    for _ in range(100):  # ten seconds
        for person in range(20):
            site.write(person)
        site.clock.now += 0.1

    frames = sum(len(member.heard) for member in members)
    assert 0 < frames / 10 < 1.5 * limits.PRESENCE_FRAMES_PER_SECOND
    assert len({tuple(member.heard) for member in members}) == 1


async def test_while_it_is_asked_who_may_still_be_here_nobody_hears_of_it(site: Site) -> None:
    bo = Member(site.room, 2)
    site.world.log.send_out(2)
    site.hear(1, state_seq=site.world.log.state_seq)  # the process where it was said knows of it already

    assert site.room.newest_state == site.world.log.state_seq
    assert bo.heard == []


async def test_a_room_that_is_closed_is_forgotten(site: Site) -> None:
    site.write(1)
    assert site.typists._told
    site.typists.close(ROOM)

    assert not site.typists._told
