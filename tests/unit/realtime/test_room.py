"""Whatever the channel layer does to the announcements, every socket hears each number once and in order."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import limits
from chat.queries import log
from chat.realtime.bus import _join
from chat.realtime.member import Member
from chat.wire import commands, events
from chat.wire.announcements import Changes
from chat.wire.codec import Dialect
from tests.client import Sync
from tests.unit.realtime.model import (
    EPOCH,
    ROOM,
    ModelLog,
    ModelOutlet,
    World,
    delay_entrance,
    enter,
    heard,
    kept,
    numbers,
    settled,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GAP_SECONDS", 0)


@pytest.fixture
async def world() -> World:
    return World()


async def test_the_next_announcement_goes_out_to_everybody(world: World) -> None:
    ana, bo, plain = await world.arrive(), await world.arrive(), await world.arrive(Dialect.PLAIN)

    world.room.hear(world.log.post())

    assert heard(ana) == heard(bo) == [1]
    assert numbers(plain) == [1]


async def test_an_announcement_that_comes_twice_is_heard_once(world: World) -> None:
    ana, plain = await world.arrive(), await world.arrive(Dialect.PLAIN)
    news = world.log.post()

    for _ in range(3):
        world.room.hear(news)

    assert heard(ana) == numbers(plain) == [1]
    assert world.room.fills == 0


async def test_one_that_is_merely_late_is_waited_for_and_nothing_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "GAP_SECONDS", 3600)
    ana, plain = await world.arrive(), await world.arrive(Dialect.PLAIN)
    first, second, third = world.log.post(), world.log.post(), world.log.post()

    world.room.hear(third)
    world.room.hear(second)
    assert heard(ana) == []
    world.room.hear(first)

    assert heard(ana) == numbers(plain) == [1, 2, 3]
    assert world.room.fills == 0


async def test_one_that_is_lost_is_read_from_the_database(world: World) -> None:
    ana, plain = await world.arrive(), await world.arrive(Dialect.PLAIN)
    world.log.post()

    world.room.hear(world.log.post())
    await settled(lambda: world.room.stand == 2)

    assert heard(ana) == numbers(plain) == [1, 2]
    assert world.room.fills == 1


async def test_the_last_one_lost_is_found_by_the_look_at_the_database(world: World) -> None:
    ana = await world.arrive()
    world.log.post()
    assert heard(ana) == []

    await world.rest()

    assert heard(ana) == [1]


async def test_joined_ranges_that_overlap_what_was_heard_are_heard_from_there_on(world: World) -> None:
    ana = await world.arrive()
    news = [world.log.post() for _ in range(4)]
    world.room.hear(news[0])
    world.room.hear(news[1])

    world.room.hear(_join(news)[0])  # type: ignore[arg-type]

    assert heard(ana) == [1, 2, 3, 4]


async def test_a_long_gap_is_read_in_pages(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FILL_MESSAGES", 10)
    ana, plain = await world.arrive(), await world.arrive(Dialect.PLAIN)
    for _ in range(95):
        world.log.post()

    await world.rest()

    assert heard(ana) == numbers(plain) == list(range(1, 96))
    assert world.room.fills == 10


async def test_an_edit_reaches_the_rich_dialect_alone(world: World) -> None:
    ana, plain = await world.arrive(), await world.arrive(Dialect.PLAIN)
    world.room.hear(world.log.post())

    world.room.hear(world.log.edit(0))

    assert heard(ana) == [1, 2]
    assert ana.of(events.Message)[-1].message == "edited 2"
    assert numbers(plain) == [1]


async def test_a_message_changed_before_anybody_heard_of_it_is_still_new_to_the_plain_dialect(world: World) -> None:
    ana, plain = await world.arrive(), await world.arrive(Dialect.PLAIN)
    world.log.post()
    world.log.post()
    world.log.edit(0)

    await world.rest()

    assert heard(ana) == [2, 3]  # the state that the edit has replaced is never sent
    assert numbers(plain) == [1, 2]  # by number, where the rich dialect has them by change


async def test_a_deleted_one_is_never_new_to_the_plain_dialect(world: World) -> None:
    plain = await world.arrive(Dialect.PLAIN)
    world.log.post()
    world.log.post()
    world.log.delete(0)

    await world.rest()

    assert numbers(plain) == [2]


async def test_who_comes_gets_what_was_said_while_it_caught_up(world: World) -> None:
    world.room.hear(world.log.post())
    gate = delay_entrance(world.node)
    member, outlet = enter(world.node, Dialect.RICH)
    await settled(lambda: world.readers.reads == 1)
    for _ in range(10):
        await asyncio.sleep(0)
    world.room.hear(world.log.post())
    gate.set()
    await settled(lambda: member in world.room._held)
    world.room.hear(world.log.post())
    world.room.hear(world.log.edit(0))
    await settled(lambda: member in world.room.rich)
    world.room.hear(world.log.post())

    assert kept(outlet) == world.log.messages


async def test_nothing_overtakes_the_answer_to_a_later_hello(world: World) -> None:
    """Its log would be dropped for an older page, while its number stays above what was dropped."""
    member, outlet = enter(world.node, Dialect.RICH)
    await settled(lambda: member in world.room.rich)
    gate = delay_entrance(world.node)
    member.take(commands.Hello())
    await settled(lambda: world.readers.reads == 2)
    for _ in range(10):
        await asyncio.sleep(0)
    world.room.hear(world.log.post())
    assert heard(outlet) == []
    gate.set()
    await settled(lambda: member in world.room.rich)

    assert kept(outlet) == world.log.messages


async def test_a_plain_socket_that_catches_up_misses_no_message_changed_meanwhile(world: World) -> None:
    """A gap fill tells the changed state only: whoever is held then must get the message from the database."""
    world.room.hear(world.log.post())
    member, outlet = enter(world.node, Dialect.PLAIN)
    await settled(lambda: member in world.room._held or member in world.room.plain)
    world.room.leave(member)
    world.room.hold(member)  # still on its way, for whatever reason
    member.stand = 1
    world.log.post()
    world.log.edit(1)  # both announcements are lost
    await world.rest()

    while not world.room.settle(member):
        await member._read_on_plain(world.room)

    assert numbers(outlet) == [2]


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_when_too_much_is_said_meanwhile_the_newcomer_reads_on(
    world: World, monkeypatch: pytest.MonkeyPatch, dialect: Dialect
) -> None:
    monkeypatch.setattr(limits, "HELD_CHANGES", 5)
    monkeypatch.setattr(limits, "FILL_MESSAGES", 7)
    gate = delay_entrance(world.node)
    member, outlet = enter(world.node, dialect, history=100)
    await settled(lambda: world.readers.reads == 1)
    for _ in range(10):
        await asyncio.sleep(0)
    world.room.hear(world.log.post())
    gate.set()
    await settled(lambda: member in world.room._held)
    for _ in range(30):
        world.room.hear(world.log.post())
    await settled(lambda: member in world.room.rich | world.room.plain)

    if dialect is Dialect.PLAIN:
        assert numbers(outlet) == list(range(1, 32))
    else:
        assert kept(outlet) == world.log.messages


@pytest.mark.parametrize("slow_read", [log.changed_since, log.posted_since])
async def test_what_is_heard_while_a_gap_is_being_read_is_not_told_again_by_it(world: World, slow_read: Any) -> None:
    ana, plain = await world.arrive(), await world.arrive(Dialect.PLAIN)
    gate, answer, has_read = asyncio.Event(), world.readers.run, asyncio.Event()

    async def answer_late(work: Any, *args: Any, **kwargs: Any) -> Any:
        found = await answer(work, *args, **kwargs)
        if work is slow_read:
            has_read.set()
            await gate.wait()
        return found

    world.readers.run = answer_late  # type: ignore[method-assign]
    first, second, third = world.log.post(), world.log.post(), world.log.post()
    world.room.hear(second)
    await has_read.wait()
    world.room.hear(first)
    world.room.hear(third)
    assert heard(ana) == numbers(plain) == [1, 2, 3]

    gate.set()
    await settled(lambda: world.room._keeping_up is None)

    assert heard(ana) == numbers(plain) == [1, 2, 3]


async def test_a_gap_that_cannot_be_read_is_read_at_the_next_look(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    ana = await world.arrive()
    world.log.post()
    world.readers.failures = 1

    world.room.known(world.numbers())
    await settled(lambda: world.room._keeping_up is None)
    assert heard(ana) == []
    assert "could not be read" in caplog.text
    await world.rest()

    assert heard(ana) == [1]


async def test_a_number_that_the_database_does_not_have_is_not_waited_for(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    ana = await world.arrive()
    world.room.hear(world.log.post())

    world.room.hear(Changes(EPOCH, ROOM, 40, 41, 0, []))
    await settled(lambda: world.room._keeping_up is None)
    assert "was announced" in caplog.text
    world.room.hear(world.log.post())

    assert heard(ana) == [1, 2]


async def test_only_so_many_early_announcements_are_kept(world: World) -> None:
    ana = await world.arrive()
    news = [world.log.post() for _ in range(limits.LATE_ANNOUNCEMENTS * 2)]

    for item in news[:0:-1]:
        world.room.hear(item)
    assert len(world.room._late) == limits.LATE_ANNOUNCEMENTS
    await world.rest()

    assert heard(ana) == list(range(1, len(news) + 1))


async def test_nothing_is_kept_where_nobody_is_on_the_way(world: World) -> None:
    await world.arrive()
    for _ in range(20):
        world.room.hear(world.log.post())

    assert world.room._recent == []


async def test_who_has_left_hears_nothing(world: World) -> None:
    member, outlet = enter(world.node, Dialect.RICH)
    await settled(lambda: member in world.room.rich)
    world.room.hear(world.log.post())
    assert heard(outlet) == [1]

    member.gone()
    world.room.hear(world.log.post())

    assert heard(outlet) == [1]
    assert world.room.empty


# Everything at once

CHANGE = st.sampled_from(["post", "post", "post", "edit", "delete"])
STEP = st.one_of(
    st.tuples(CHANGE, st.integers(0, 9)),
    st.tuples(st.just("hear"), st.integers(0, 99)),  # any announcement there ever was: late, again, out of order
    st.tuples(st.just("next"), st.just(0)),  # the one that comes next
    st.tuples(st.just("joined"), st.integers(0, 99)),
    st.tuples(st.just("look"), st.just(0)),
    st.tuples(st.just("turns"), st.integers(1, 8)),
    st.tuples(st.sampled_from(["rich", "plain", "back", "leave"]), st.integers(0, 99)),
    st.tuples(st.sampled_from(["send out", "let in", "topic"]), st.integers(0, 99)),
    st.tuples(st.just("fail"), st.integers(1, 2)),
)


@given(
    steps=st.lists(STEP, max_size=60),
    seed=st.integers(0, 2**32),
    bounds=st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 5)),
)
async def test_nobody_misses_anything_hears_it_twice_or_hears_what_is_not_theirs(
    steps: list[tuple[str, int]], seed: int, bounds: tuple[int, int, int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in zip(("HELD_CHANGES", "FILL_MESSAGES", "LATE_ANNOUNCEMENTS"), bounds, strict=True):
            patch.setattr(limits, name, value)
        patch.setattr(limits, "GAP_SECONDS", 0)
        await play(World(seed), steps)


async def play(world: World, steps: list[tuple[str, int]]) -> None:
    log, room = world.log, world.room
    came: list[tuple[Member, ModelOutlet]] = []
    gone: list[tuple[Member, ModelOutlet, int]] = []
    for verb, argument in steps:
        who = argument % 3 + 1
        match verb:
            case "post":
                log.post()
            case "edit":
                log.edit(argument)
            case "delete":
                log.delete(argument)
            case "hear" if log.announced:
                room.hear(log.announced[argument % len(log.announced)])
            case "next" if room.stand < log.seq:
                room.hear(log.announced[room.stand])
            case "joined" if log.announced:
                start = argument % len(log.announced)
                room.hear(_join(log.announced[start : start + 4])[0])  # type: ignore[arg-type]
            case "look":
                room.known(world.numbers())
            case "turns":
                for _ in range(argument):
                    await asyncio.sleep(0)
            case "send out":
                log.send_out(who)
            case "let in":
                log.let_in(who)
            case "topic":
                log.set_topic()
            case "fail":
                world.readers.failures = argument
            case "rich":
                came.append(enter(world.node, Dialect.RICH, who=who))
            case "plain":
                came.append(enter(world.node, Dialect.PLAIN, who=who if argument % 2 else None, history=argument % 3))
            case "back":
                since = argument % (log.seq + 1)
                came.append(enter(world.node, Dialect.RICH, who=who, since=since, epoch=room.wire_epoch))
            case "leave" if came:
                member, outlet = came.pop(argument % len(came))
                member.gone()
                gone.append((member, outlet, len(outlet.sent)))
    await settled(lambda: all(outlet.closed or member in room.rich | room.plain for member, outlet in came))
    world.readers.failures = 0
    await world.rest()
    for member, outlet in came:
        assert outlet.leaked == []
        if outlet.closed:
            continue
        assert member.person not in log.out
        if member.dialect is Dialect.RICH:
            assert_whole(outlet, log)
        else:
            assert_plain(outlet, world.node.stands[member], log)
    for member, outlet, heard_before in gone:
        assert member not in room.rich | room.plain | room._held
        assert outlet.leaked == []
        assert len(outlet.sent) == heard_before


def assert_whole(outlet: ModelOutlet, log: ModelLog) -> None:
    """In order, nothing twice, and in the end the log itself, down to where the catch-up began."""
    stand = -1
    for event in outlet.sent:
        if isinstance(event, Sync):
            order = [message.seq if event.complete else message.id for message in event.messages]
            assert order == sorted(set(order))
            assert all(message == log.states[message.seq] for message in event.messages)
            stand = event.seq
        elif isinstance(event, events.Message):
            assert event.seq > stand >= 0, "heard already, or before the catch-up"
            assert event == log.states[event.seq]
            stand = event.seq
    found, first = kept(outlet), outlet.of(Sync)[0]
    lowest = min(found, default=0)
    for number, message in log.messages.items():
        if number in found:
            assert found[number] == message
        elif first.complete:
            assert message.seq <= outlet.since, f"{message} was missed"
        else:
            assert number < lowest, f"{message} was missed"


def assert_plain(outlet: ModelOutlet, stand: int, log: ModelLog) -> None:
    """In order, nothing twice, nothing from before; and all but what was deleted on the way."""
    found = numbers(outlet)
    assert found == sorted(set(found))
    said = {number for number in log.messages if number > stand}
    assert len(set(found) - said) <= outlet.history
    first = found[0] if outlet.history and found else 0
    assert {number for number in said if number >= first and not log.messages[number].deleted} <= set(found)
