"""Processes tell each other who is where; what is lost, late or repeated heals, and a dead process is forgotten."""

from chat import limits
from chat.wire.announcements import Present
from tests.unit.realtime.processes import ROOM, Clock, Process, Wire


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
    one.idle(1, True, "a")
    await wire.a_moment()
    assert not other.page.people[1].idle
    assert not one.page.people[1].idle

    other.idle(1, True, "b")
    await wire.a_moment()
    assert one.page.people[1].idle
    assert other.page.people[1].idle

    one.idle(1, False, "a")
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


async def test_a_process_that_died_is_forgotten(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1)
    other.arrive(2)
    await wire.a_moment()
    wire.processes.remove(one)

    await wire.a_while(limits.PRESENCE_FORGET_SECONDS - 2)
    assert other.page.names == ["P1", "P2"]
    await wire.a_while()

    assert other.page.names == ["P2"]


async def test_a_living_process_is_not_forgotten(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1)
    await wire.a_moment()

    for _ in range(10):
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
    one.arrive(2)
    late = one.new_page()
    assert late.names == ["P1", "P2"]
    one.leave(1)
    await wire.a_moment()

    assert late.names == ["P2"]


async def test_who_left_and_came_back_within_a_moment_is_there_for_one_who_came_between(
    wire: Wire, one: Process
) -> None:
    """As when somebody loads the page anew."""
    one.arrive(1)
    await wire.a_moment()
    one.leave(1)
    one.arrive(2)
    late = one.new_page()
    assert late.names == ["P2"]
    one.arrive(1)
    await wire.a_moment()

    assert late.names == one.page.names == ["P1", "P2"]


async def test_who_was_idle_for_a_moment_is_active_for_one_who_came_between(wire: Wire, one: Process) -> None:
    one.arrive(1)
    await wire.a_moment()
    for person in range(1, limits.PRESENCE_BURST):  # then it takes a second until the pages are told again
        one.arrive(1 + person)
        await wire.a_batch()
    one.arrive(9)
    one.idle(1, True)
    for _ in range(2):
        await wire.a_batch()
    assert not one.page.people[1].idle
    late = one.new_page()
    assert late.people[1].idle
    one.idle(1, False)
    await wire.a_moment()

    assert not late.people[1].idle


async def test_a_new_name_is_seen_on_both(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1)
    await wire.a_moment()

    for process in (one, other):
        process.presence.rename(1, "Ana Li")
    await wire.a_moment()

    assert one.page.names == other.page.names == ["Ana Li"]
    assert one.known == other.known == ["Ana Li"]
    assert other.page.count == 1


async def test_a_new_name_that_was_lost_is_seen_with_the_whole(wire: Wire, one: Process, other: Process) -> None:
    one.arrive(1)
    await wire.a_moment()

    one.presence.rename(1, "Ana Li")
    await wire.a_moment()
    assert other.page.names == ["P1"]
    await wire.a_while()

    assert other.page.names == other.known == ["Ana Li"]


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
