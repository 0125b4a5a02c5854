"""Of a large room the number and a sample travel: what it costs is bounded, and what a page shows is true."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import limits
from chat.wire import events
from chat.wire.announcements import Present
from tests.unit.realtime.processes import BATCH_SECONDS, DEN, ROOM, Process, Wire, set_clock

HERE = limits.HERE_PEOPLE


def presence_frames(process: Process) -> list[events.Presence]:
    return [frame for frame in process.page.frames if isinstance(frame, events.Presence)]


def arrive(process: Process, people: range) -> None:
    for person in people:
        process.arrive(person)


async def fill(wire: Wire, *, size: int) -> Process:
    """A process with a room of so many, whose page has been told of them."""
    process = wire.add("one", crowd=size)
    arrive(process, range(size))
    await wire.a_while()
    assert process.page.count == size
    return process


def numbered(people: range) -> list[str]:
    return sorted(f"P{person}" for person in people)


# What it costs


async def test_five_hundred_who_join_within_a_second_are_a_handful_of_frames(wire: Wire) -> None:
    one, other = wire.add("one", crowd=500), wire.add("other")
    for process in (one, other):
        process.page.frames = []
    for batch in range(4):
        arrive(one, range(100 * batch, 100 * (batch + 1)))
        arrive(other, range(1_000 + 25 * batch, 1_000 + 25 * (batch + 1)))
        await wire.a_batch()
    await wire.a_moment()

    for process in (one, other):
        assert process.page.count == 500
        assert len(process.page.people) == HERE
        assert len(presence_frames(process)) <= limits.PRESENCE_BURST + 2
        assert process.page.largest < 60 * HERE


@pytest.mark.parametrize("step", [1, 3, 5])
async def test_a_storm_that_does_not_end_is_one_frame_a_second(wire: Wire, step: int) -> None:
    """One comes and another leaves, at each step of a quarter of a second, on either process."""
    one, other = wire.add("one", crowd=100), wire.add("other", crowd=100)
    await wire.a_while()
    for process in (one, other):
        process.page.frames = []
    for batch in range(120):
        if batch % step == 0:
            one.arrive(batch)
            other.leave(1_000 + batch - step)
            other.arrive(1_000 + batch)
        await wire.a_batch()

    for process in (one, other):
        assert 120 * BATCH_SECONDS / max(1, step * BATCH_SECONDS) <= len(presence_frames(process))
        assert len(presence_frames(process)) <= limits.PRESENCE_BURST + 120 * BATCH_SECONDS


async def test_who_leaves_in_a_storm_is_gone_within_two_seconds(wire: Wire) -> None:
    one, other = wire.add("one", crowd=1_000), wire.add("other", crowd=1_000)
    arrive(one, range(20))
    await wire.a_while()
    for batch in range(40):
        other.arrive(100 + batch)
        if batch % 2 == 0:
            one.leave(batch // 2)
        await wire.a_batch()
        gone = (batch + 1) * BATCH_SECONDS - 2
        for process in (one, other):
            assert not {f"P{person}" for person in range(20) if person * 2 * BATCH_SECONDS <= gone} & {
                *process.page.names
            }


async def test_in_a_room_of_5000_frames_and_announcements_are_small(wire: Wire) -> None:
    one = await fill(wire, size=5_000)
    wire.add("other")
    arrive(one, range(5_000, 6_000))
    newcomer = one.new_page()
    await wire.a_while()

    assert newcomer.count == one.page.count == 6_000
    assert len(newcomer.people) == HERE
    assert max(one.page.largest, newcomer.largest) < 60 * HERE
    assert max(wire.carried) < 30 * HERE


async def test_who_is_not_named_changes_the_number_alone(wire: Wire) -> None:
    one = await fill(wire, size=5_000)
    other = wire.add("other")
    await wire.a_while()
    one.page.largest, wire.carried = 0, []
    arrive(one, range(5_000, 5_100))
    for person in range(4_000, 4_050):
        one.leave(person)
    for person in range(4_050, 4_100):
        one.idle(person, True)
    await wire.a_while(2)

    assert one.page.count == other.page.count == 5_050
    assert presence_frames(one)[-1] == events.Presence(count=5_050, joined=[], left=[], idle=[], active=[])
    assert len(wire.carried) == 1
    assert one.page.largest < 100
    assert wire.carried[0] < 100


async def test_the_larger_a_room_the_rarer_it_is_told(wire: Wire) -> None:
    """So that its frames in a second are bounded, however many come and go. The other processes are few."""
    one = await fill(wire, size=10_000)
    before, announced = len(presence_frames(one)), len(wire.carried)
    for person in range(80):  # in 20 seconds
        one.leave(person)
        await wire.a_batch()

    assert 80 * BATCH_SECONDS == 20
    assert 5 <= len(presence_frames(one)) - before <= 1 + 20 * limits.PRESENCE_FRAMES_PER_SECOND / 10_000
    assert len(wire.carried) - announced == 80


async def test_newcomers_of_a_large_room_get_one_frame_until_it_is_told_again(wire: Wire) -> None:
    one = await fill(wire, size=HERE + 1)

    first = one.presence.whole(ROOM)
    one.leave(3)
    assert one.presence.whole(ROOM) is first
    page = one.new_page()
    assert "P3" in page.names
    await wire.a_moment()

    assert one.presence.whole(ROOM) is not first
    assert "P3" not in page.names
    assert page.people == one.page.people


# What it shows


async def test_a_newcomer_of_a_full_but_small_room_sees_everybody_at_once(wire: Wire) -> None:
    one = await fill(wire, size=HERE - 1)
    one.arrive(HERE - 1)

    assert one.new_page().names == numbered(range(HERE))


async def test_a_room_that_grew_and_shrank_is_shown_wholly_again(wire: Wire) -> None:
    one, other = wire.add("one"), wire.add("other")
    arrive(one, range(HERE * 3))
    arrive(other, range(HERE * 3, HERE * 5))
    await wire.a_moment()
    assert one.page.count == other.page.count == HERE * 5
    assert len(one.page.people) == len(other.page.people) == HERE

    for person in range(HERE * 3 - 10):
        one.leave(person)
    for person in range(HERE * 3, HERE * 5 - 10):
        other.leave(person)
    await wire.a_moment()

    left = sorted(numbered(range(HERE * 3 - 10, HERE * 3)) + numbered(range(HERE * 5 - 10, HERE * 5)))
    assert one.page.names == other.page.names == one.known == other.known == left
    assert one.page.count == other.page.count == 20


async def test_the_place_of_a_named_one_who_leaves_is_given_to_another(wire: Wire) -> None:
    one = await fill(wire, size=HERE * 2)
    named = set(one.page.people)

    one.leave(min(named))
    await wire.a_moment()

    assert len(one.page.people) == HERE
    assert set(one.page.people) >= named - {min(named)}
    assert one.page.count == HERE * 2 - 1


async def test_what_newcomers_know_and_the_others_do_not_fit_is_taken_back(wire: Wire) -> None:
    """All leave and others come, within one moment in which somebody joins: then the first come back."""
    one = await fill(wire, size=HERE)
    for person in range(HERE):
        one.leave(person)
    arrive(one, range(HERE, HERE * 2))
    late = one.new_page()
    assert late.names == numbered(range(HERE, HERE * 2))
    arrive(one, range(HERE))
    await wire.a_moment()

    assert late.people == one.page.people
    assert len(late.people) == HERE
    assert late.count == HERE * 2


async def test_the_number_given_to_a_newcomer_is_taken_back_too(wire: Wire) -> None:
    one = await fill(wire, size=HERE * 2)
    one.arrive(HERE * 2)
    late = one.new_page()
    assert late.count == HERE * 2 + 1
    one.leave(HERE * 2)
    await wire.a_moment()

    assert late.count == HERE * 2


async def test_one_person_in_two_processes_is_counted_once_where_both_name_them(wire: Wire) -> None:
    one, other = wire.add("one"), wire.add("other")
    arrive(one, range(150))
    arrive(other, range(100, 250))
    await wire.a_moment()
    assert one.page.count == other.page.count == 250

    arrive(other, range(250, 400))  # now it names 200 of its 300, and nobody knows who the others are
    arrive(one, range(390, 400))
    await wire.a_moment()

    assert one.page.count == 400 + 10
    assert one.presence.people_in([ROOM]) == {ROOM: 410}


async def test_a_lost_number_heals(wire: Wire) -> None:
    one = await fill(wire, size=HERE * 2)
    other = wire.add("other")
    await wire.a_while()
    wire.lossy = True
    arrive(one, range(HERE * 2, HERE * 3))
    await wire.a_moment()
    assert other.page.count == HERE * 2
    wire.lossy = False
    one.arrive(HERE * 3)
    await wire.a_moment()

    assert other.page.count == HERE * 3 + 1


async def test_a_process_of_an_older_version_is_heard(wire: Wire) -> None:
    """It names everybody, however many."""
    one = wire.add("one")
    everybody = [events.Here(person, f"P{person}", False) for person in range(HERE * 2)]
    one.presence.hear(Present("old", 1, ROOM, True, everybody, []))  # type: ignore[arg-type]  # same shape
    await wire.a_moment()

    assert one.page.count == HERE * 2
    assert len(one.page.people) == HERE


# Whatever happens

Tab = tuple[int, int, str]  # process, person, mark
IN_DEN = "den"  # the mark of a tab that is in another room
STEPS = st.lists(
    st.tuples(
        st.sampled_from("arrive arrive arrive leave leave idle active newcomer newcomer batch lose close".split()),
        st.integers(0, 1),
        st.integers(0, 4),
        st.sampled_from(["a", "a", "b", IN_DEN]),
    ),
    min_size=20,
    max_size=60,
)


@settings(max_examples=300)
@given(steps=STEPS, may_lose=st.booleans())
def test_whatever_happens_every_page_ends_right(steps: list[tuple[str, int, int, str]], may_lose: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "HERE_PEOPLE", 3)
        asyncio.run(_happen(Wire(set_clock(patch)), steps, may_lose))


async def _happen(wire: Wire, steps: list[tuple[str, int, int, str]], may_lose: bool) -> None:
    """Each of five people has tabs in one process or in both, in the room and in another one.

    A page, whenever it came, stays to the end.
    """
    processes = [wire.add("one"), wire.add("other")]
    await wire.a_moment()
    tabs: dict[Tab, bool] = {}  # and whether they are idle
    for what, where, person, mark in steps:
        process, tab = processes[where], (where, person, mark)
        open_tab = sorted(tabs)[(where * 5 + person) % len(tabs)] if tabs else None
        if what == "arrive":
            process.arrive(person, mark, room=_room(mark))
            tabs[tab] = False
        elif what == "leave" and open_tab:
            processes[open_tab[0]].leave(*open_tab[1:], room=_room(open_tab[2]))
            del tabs[open_tab]
        elif what in ("idle", "active") and open_tab:
            processes[open_tab[0]].idle(open_tab[1], what == "idle", open_tab[2], room=_room(open_tab[2]))
            tabs[open_tab] = what == "idle"
        elif what == "newcomer":
            process.new_page()
        elif what == "batch":
            await wire.a_batch()
        elif what == "lose":
            wire.lossy = may_lose and not wire.lossy
        elif what == "close" and not any(tab[0] == where for tab in tabs):
            process.presence.close(ROOM)
            process.pages = [process.page]
            process.open()
    await wire.a_moment()
    if may_lose:
        wire.lossy = False
        for _ in range(2):  # until an answer that was taken back unheard is forgotten
            await wire.a_while()
    for _ in range(2):  # who is idle is asked for, and then told
        await wire.a_moment()
    _check(processes, tabs)


def _room(mark: str) -> int:
    return DEN if mark == IN_DEN else ROOM


def _check(processes: list[Process], tabs: dict[Tab, bool]) -> None:
    here = {person for _, person, mark in tabs if mark != IN_DEN}
    active = {person for (_, person, _), idle in tabs.items() if not idle}
    held = Counter(where for where, _ in {(where, person) for where, person, mark in tabs if mark != IN_DEN})
    all_named = max(held.values(), default=0) <= limits.HERE_PEOPLE
    for page in [page for process in processes for page in process.pages]:
        assert set(page.people) <= here
        assert len(page.people) == min(len(here), limits.HERE_PEOPLE)
        if all_named:
            assert page.count == len(here)
            assert {number for number, person in page.people.items() if not person.idle} == active & set(page.people)
        else:
            assert len(here) <= page.count <= held.total()
