"""One is idle only where one is so in all rooms and on all devices, and what others need to know of it is little."""

import pytest

from chat import limits
from chat.wire.announcements import Active, AskActive
from tests.unit.realtime.processes import DEN, Process, Wire

PHONE, LAPTOP = "phone", "laptop"


async def settle(wire: Wire) -> None:
    """Long enough to ask for those who are idle, and then to tell of them."""
    for _ in range(2):
        await wire.a_moment()


@pytest.mark.parametrize("where", ["one", "other"])
async def test_who_is_active_in_another_room_is_active(wire: Wire, one: Process, other: Process, where: str) -> None:
    desk = {"one": one, "other": other}[where]
    one.arrive(1, PHONE)
    desk.arrive(1, LAPTOP, room=DEN)
    await settle(wire)
    one.idle(1, True, PHONE)
    await settle(wire)
    for page in (one.page, other.page):
        assert page.people.keys() == {1}
        assert not page.people[1].idle
        assert not [frame for frame in page.frames if frame.idle]  # nor was that said for a moment

    desk.idle(1, True, LAPTOP, room=DEN)
    await settle(wire)
    assert one.page.people[1].idle
    assert other.page.people[1].idle

    desk.idle(1, False, LAPTOP, room=DEN)
    await settle(wire)
    assert not one.page.people[1].idle
    assert not other.page.people[1].idle

    desk.leave(1, LAPTOP, room=DEN)
    await settle(wire)
    assert one.page.people[1].idle
    assert other.page.people[1].idle


async def test_a_device_that_comes_to_another_process_later_makes_its_person_active(
    wire: Wire, one: Process, other: Process
) -> None:
    one.arrive(1, PHONE)
    one.idle(1, True, PHONE)
    await settle(wire)
    assert one.page.people[1].idle

    other.arrive(1, LAPTOP, room=DEN)
    await settle(wire)

    assert not one.page.people[1].idle


async def test_a_process_that_dies_keeps_nobody_active(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1, PHONE)
    other.arrive(1, LAPTOP, room=DEN)
    one.idle(1, True, PHONE)
    await settle(wire)
    assert not one.page.people[1].idle
    wire.processes.remove(other)

    await wire.a_while(limits.PRESENCE_COUNT_SECONDS)
    assert not one.page.people[1].idle  # an answer may have been lost
    await wire.a_while(59 - limits.PRESENCE_COUNT_SECONDS)

    assert one.page.people[1].idle


async def test_a_process_that_stops_says_so(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1, PHONE)
    other.arrive(1, LAPTOP, room=DEN)
    one.idle(1, True, PHONE)
    await settle(wire)
    assert not one.page.people[1].idle

    other.presence.stop()
    wire.processes.remove(other)
    await settle(wire)

    assert one.page.people[1].idle


@pytest.mark.parametrize("active", [True, False])
async def test_what_was_lost_heals(wire: Wire, one: Process, other: Process, active: bool) -> None:
    one.arrive(1, PHONE)
    other.arrive(1, LAPTOP, room=DEN)
    one.idle(1, True, PHONE)
    other.idle(1, active, LAPTOP, room=DEN)
    await settle(wire)
    assert one.page.people[1].idle is active
    wire.lossy = True
    other.idle(1, not active, LAPTOP, room=DEN)
    await settle(wire)
    assert one.page.people[1].idle is active

    wire.lossy = False
    await wire.a_while(limits.PRESENCE_COUNT_SECONDS)

    assert one.page.people[1].idle is not active


async def test_a_new_layer_is_asked_at_once(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1, PHONE)
    other.arrive(1, LAPTOP, room=DEN)
    wire.lossy = True
    one.idle(1, True, PHONE)
    await settle(wire)
    assert one.page.people[1].idle

    wire.lossy = False
    one.presence.ask("site")
    await wire.deliver()
    await settle(wire)

    assert not one.page.people[1].idle


async def test_the_others_hear_nothing_of_signs_of_life_that_change_nothing(
    wire: Wire, one: Process, other: Process
) -> None:
    one.arrive(1, PHONE)
    other.arrive(1, LAPTOP, room=DEN)
    other.arrive(1, "tablet", room=DEN)
    one.idle(1, True, PHONE)
    await settle(wire)
    wire.carried = []
    for _ in range(10):
        other.idle(1, True, "tablet", room=DEN)
        other.idle(1, False, "tablet", room=DEN)
        one.idle(1, True, PHONE)
        await wire.a_batch()

    assert wire.carried == []


async def test_of_a_large_room_a_sample_is_asked_for(wire: Wire, one: Process, other: Process) -> None:
    people = range(10 * limits.HERE_PEOPLE)
    for person in people:
        one.arrive(person)
        other.arrive(person, LAPTOP, room=DEN)
    await settle(wire)
    wire.spoken = []
    for person in people:
        one.idle(person, True)
    await settle(wire)
    await wire.a_while()

    questions = [news for news in wire.spoken if isinstance(news, AskActive)]
    answers = [news for news in wire.spoken if isinstance(news, Active)]
    assert questions
    assert answers
    assert max(len(news.people) for news in questions) <= 2 * limits.HERE_PEOPLE
    assert max(len(news.active) for news in answers) <= 2 * limits.HERE_PEOPLE
    assert len(one.page.people) == limits.HERE_PEOPLE
    assert not [person for person in one.page.people.values() if person.idle]
