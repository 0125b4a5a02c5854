"""Sockets that are open obey every change of rights: nothing that is said after it reaches who is out."""

import asyncio
import random
from typing import Any

import pytest

from chat import limits
from chat.queries import log, rooms
from chat.queries.rooms import Numbers
from chat.wire import codec, events
from chat.wire.codec import Dialect
from chat.wire.codes import Close
from tests.unit.realtime.model import (
    EPOCH,
    ROOM,
    ModelOutlet,
    World,
    delay_entrance,
    enter,
    heard,
    numbers,
    settled,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GAP_SECONDS", 0)


@pytest.fixture
async def world() -> World:
    return World()


class Delayed:
    """Lets no answer of one kind come before `go`, and keeps what was asked: about people's rights, who they are."""

    def __init__(self, world: World, work: Any = rooms.standing) -> None:
        self.asked: list[Any] = []
        self._work = work
        self.go = asyncio.Event()
        self._answer = world.readers.run
        world.readers.run = self._run  # type: ignore[method-assign]

    async def _run(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        answer = await self._answer(work, *args, **kwargs)
        if work is self._work:
            self.asked.append(set(args[1]) if work is rooms.standing else args)
            await self.go.wait()
        return answer


def told(outlet: ModelOutlet) -> list[events.Room]:
    return [event.room for event in outlet.of(events.RoomChanged)]


DIALECTS = pytest.mark.parametrize("dialect", list(Dialect))


@DIALECTS
@pytest.mark.parametrize("code", [Close.REMOVED, Close.NO_ROOM])
async def test_who_is_out_is_closed_with_the_code_that_tells_why(world: World, dialect: Dialect, code: Close) -> None:
    ana, bo = await world.arrive(dialect, 1), await world.arrive(dialect, 2)

    world.room.hear(world.log.send_out(2, code))
    await settled(lambda: bo.closed)

    assert bo.code is code
    assert not ana.closed
    assert len(world.room.rich | world.room.plain) == 1


@DIALECTS
async def test_nothing_said_after_a_removal_reaches_the_removed_however_long_the_answer_takes(
    world: World, dialect: Dialect
) -> None:
    ana, bo = await world.arrive(dialect, 1), await world.arrive(dialect, 2)
    answers = Delayed(world)
    world.room.hear(world.log.post())

    world.room.hear(world.log.send_out(2))
    for _ in range(5):
        world.room.hear(world.log.post())
    await settled(lambda: bool(answers.asked))
    everywhere = heard if dialect is Dialect.RICH else numbers
    assert everywhere(ana) == everywhere(bo) == [1]
    answers.go.set()
    await settled(lambda: bo.closed)

    assert everywhere(bo) == [1]
    assert everywhere(ana) == [1, 3, 4, 5, 6, 7]
    assert world.room.fills == 0


@DIALECTS
async def test_words_that_overtake_the_word_of_a_removal_wait_for_it(world: World, dialect: Dialect) -> None:
    ana, bo = await world.arrive(dialect, 1), await world.arrive(dialect, 2)
    removal, secret = world.log.send_out(2), world.log.post()

    world.room.hear(secret)
    await settled(lambda: bo.closed and world.room.stand == 2)
    world.room.hear(removal)

    assert bo.leaked == []
    assert (heard(ana) or numbers(ana)) == [2]


async def test_a_late_word_lets_nothing_out_that_waits_for_the_answer(world: World) -> None:
    ana, bo = await world.arrive(who=1), await world.arrive(who=2)
    answers = Delayed(world)
    late, removal, secret = world.log.post(), world.log.send_out(2), world.log.post()
    world.room.hear(secret)
    world.room.hear(removal)
    await settled(lambda: bool(answers.asked))

    world.room.hear(late)
    assert heard(ana) == heard(bo) == [1]
    answers.go.set()
    await world.rest()

    assert heard(ana) == [1, 3]
    assert bo.leaked == []


@DIALECTS
async def test_when_all_words_are_lost_the_look_finds_the_removal_first(world: World, dialect: Dialect) -> None:
    ana, bo = await world.arrive(dialect, 1), await world.arrive(dialect, 2)
    world.log.send_out(2)
    for _ in range(30):
        world.log.post()

    await world.rest()

    assert bo.code is Close.REMOVED
    assert bo.leaked == []
    assert len(heard(ana) or numbers(ana)) == 30


async def test_a_gap_whose_page_was_read_after_a_removal_waits_for_the_answer(world: World) -> None:
    """The word that there is a gap knows nothing of it; the page that fills it does."""
    ana, bo = await world.arrive(who=1), await world.arrive(who=2)
    world.log.post()
    later = world.log.post()
    world.room.hear(later)
    world.log.send_out(2)
    world.log.post()

    await settled(lambda: world.room.stand == 4)

    assert heard(ana) == [1, 2, 4]
    assert bo.code is Close.REMOVED
    assert bo.leaked == []


async def test_what_was_said_before_a_change_of_rights_does_not_wait(world: World) -> None:
    ana = await world.arrive(who=1)
    answers = Delayed(world)
    before = world.log.post()
    world.log.set_topic()

    world.room.known(world.numbers())
    world.room.hear(before)

    assert heard(ana) == [1]
    answers.go.set()


@DIALECTS
async def test_while_the_answer_fails_nobody_hears_anything_more(
    world: World, dialect: Dialect, caplog: pytest.LogCaptureFixture
) -> None:
    ana, bo = await world.arrive(dialect, 1), await world.arrive(dialect, 2)
    world.readers.failures = 3
    world.room.hear(world.log.send_out(2))
    for _ in range(3):
        world.room.hear(world.log.post())
        await settled(lambda: world.room._keeping_up is None)
    assert world.readers.failures == 0
    assert not heard(ana) + heard(bo) + numbers(ana) + numbers(bo)
    assert "could not be read" in caplog.text

    await world.rest()

    assert bo.code is Close.REMOVED
    assert bo.leaked == []
    assert (heard(ana) or numbers(ana)) == [2, 3, 4]


async def test_more_than_the_room_keeps_while_it_waits_is_read_from_the_database(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LATE_ANNOUNCEMENTS", 5)
    ana = await world.arrive(who=1)
    answers = Delayed(world)
    world.room.hear(world.log.set_topic())
    for _ in range(20):
        world.room.hear(world.log.post())
    assert len(world.room._late) == 5

    answers.go.set()
    await world.rest()

    assert heard(ana) == list(range(2, 22))


async def test_all_are_asked_for_in_one_read_and_changes_meanwhile_in_one_more(world: World) -> None:
    for who in range(1, 6):
        await world.arrive(who=who)
    await world.arrive(Dialect.PLAIN)
    answers = Delayed(world)

    world.room.hear(world.log.set_topic())
    await settled(lambda: bool(answers.asked))
    for _ in range(10):
        world.room.hear(world.log.set_topic())
    answers.go.set()
    await world.rest()

    assert answers.asked == [{None, 1, 2, 3, 4, 5}] * 2


async def test_a_crowd_is_asked_for_in_parts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ASKED_PEOPLE", 3)
    outlets = [await world.arrive(who=who) for who in range(1, 8)]
    answers = Delayed(world)
    answers.go.set()

    world.room.hear(world.log.send_out(7))
    await world.rest()

    assert sorted(map(len, answers.asked)) == [1, 3, 3]
    assert [outlet.closed for outlet in outlets] == [False] * 6 + [True]


async def test_who_stays_is_told_what_is_new_once_and_the_plain_dialect_nothing(world: World) -> None:
    ana, bo, plain = await world.arrive(who=1), await world.arrive(who=2), await world.arrive(Dialect.PLAIN)
    before = len(plain.sent)

    world.room.hear(world.log.set_topic())
    world.room.hear(world.log.post())
    await world.rest()
    world.room.hear(world.log.let_in(9))  # another's right: nothing is new to those who are here
    await world.rest()

    assert told(ana) == told(bo) == [world.log.described()]
    assert [type(event) for event in ana.sent[-2:]] == [events.RoomChanged, events.Message]
    assert [type(event) for event in plain.sent[before:]] == [events.PlainMessage]


async def test_one_alone_can_be_asked_for_again_whatever_the_state(world: World) -> None:
    """Whose rights come from elsewhere, as the staff's do."""
    await world.arrive(who=1)
    member, bo = enter(world.node, Dialect.RICH, who=2)
    await settled(lambda: member in world.room.rich)
    answers = Delayed(world)
    answers.go.set()
    world.log.topic = "as it is told to this one"

    member.ask_again()
    await settled(lambda: world.room._keeping_up is None)

    assert answers.asked == [{2}]
    assert told(bo) == [world.log.described()]


async def test_who_was_let_in_again_before_anybody_asked_stays(world: World) -> None:
    bo = await world.arrive(who=2)

    world.log.send_out(2)
    world.room.hear(world.log.let_in(2))
    world.room.hear(world.log.post())
    await world.rest()

    assert not bo.closed
    assert heard(bo) == [3]


# On the way in


@DIALECTS
async def test_one_who_was_looked_up_before_the_removal_hears_nothing_after_it(world: World, dialect: Dialect) -> None:
    ana = await world.arrive(who=1)
    gate = delay_entrance(world.node)
    _, bo = enter(world.node, dialect, who=2)
    await settled(lambda: world.readers.reads == 2)
    for _ in range(10):
        await asyncio.sleep(0)

    world.room.hear(world.log.send_out(2))
    await world.rest()
    world.room.hear(world.log.post())
    gate.set()
    await settled(lambda: bo.closed)

    assert bo.code is Close.REMOVED
    assert bo.leaked == []
    assert heard(ana) == [2]
    assert world.room.rich | world.room.plain | world.room._held == {one for one in world.room.rich if one.person == 1}


async def test_one_who_was_looked_up_before_the_removal_does_not_take_part_unasked(world: World) -> None:
    """The room stands below the removal, of which it knows, and for which all the others were asked."""
    ana = await world.arrive(who=1)
    said = world.log.post()
    gate = delay_entrance(world.node)
    member, bo = enter(world.node, Dialect.RICH, who=2)
    await settled(lambda: world.readers.reads == 2)
    for _ in range(10):
        await asyncio.sleep(0)
    removal = world.log.send_out(2)
    fill = Delayed(world, log.changed_since)
    world.room.known(world.numbers())
    await settled(lambda: bool(fill.asked))
    assert world.room.state_seq == 2

    gate.set()
    await settled(lambda: member in world.room._held)
    for news in (said, removal, world.log.post()):
        world.room.hear(news)
    assert heard(ana) == [1, 3]
    fill.go.set()
    await settled(lambda: bo.closed)

    assert bo.leaked == []


@DIALECTS
async def test_one_who_is_held_is_asked_for_as_well(world: World, dialect: Dialect) -> None:
    member, bo = enter(world.node, dialect, who=2)
    await settled(lambda: member in world.room.rich | world.room.plain)
    world.room.hold(member)  # still on its way, for whatever reason

    world.room.hear(world.log.send_out(2))
    await settled(lambda: bo.closed)

    assert bo.code is Close.REMOVED
    assert world.room.empty


@DIALECTS
async def test_a_newcomer_who_knows_an_older_state_is_told_the_new_one(world: World, dialect: Dialect) -> None:
    gate = delay_entrance(world.node)
    member, outlet = enter(world.node, dialect, who=2)
    await settled(lambda: world.readers.reads == 1)
    for _ in range(10):
        await asyncio.sleep(0)
    world.room.hear(world.log.set_topic())
    await world.rest()

    gate.set()
    await settled(lambda: member in world.room.rich | world.room.plain)

    assert [room.topic for room in told(outlet)] == ([world.log.topic] if dialect is Dialect.RICH else [])
    assert member.asked_at == world.log.state_seq


@DIALECTS
async def test_a_newcomer_is_asked_for_alone_and_waits_alone(world: World, dialect: Dialect) -> None:
    ana = await world.arrive(who=1)
    gate = delay_entrance(world.node)
    member, outlet = enter(world.node, dialect, who=2)
    await settled(lambda: world.readers.reads == 2)
    for _ in range(10):
        await asyncio.sleep(0)
    world.room.hear(world.log.set_topic())
    await world.rest()
    answers = Delayed(world)
    gate.set()
    await settled(lambda: bool(answers.asked))
    reads = world.readers.reads

    world.room.hear(world.log.post())
    for _ in range(100):
        await asyncio.sleep(0)
    assert heard(ana) == [2]
    assert not heard(outlet) + numbers(outlet)
    assert world.readers.reads <= reads + 1
    answers.go.set()
    await settled(lambda: member in world.room.rich | world.room.plain)

    assert answers.asked == [{2}]
    assert heard(outlet) or numbers(outlet) == [2]


async def test_a_newcomer_whose_rights_cannot_be_asked_for_does_not_come_in(world: World) -> None:
    gate = delay_entrance(world.node)
    member, outlet = enter(world.node, Dialect.RICH, who=2)
    await settled(lambda: world.readers.reads == 1)
    for _ in range(10):
        await asyncio.sleep(0)
    world.room.known(Numbers(ROOM, world.log.seq, world.log.seq))
    world.room.hear(world.log.set_topic())
    await world.rest()
    world.readers.failures = 10**9

    gate.set()
    await settled(lambda: outlet.closed)

    assert outlet.code is Close.UNAVAILABLE
    assert member not in world.room.rich


async def test_a_plain_guest_who_becomes_someone_while_they_are_asked_for_is_asked_for_again(world: World) -> None:
    member, outlet = enter(world.node, Dialect.PLAIN)
    await settled(lambda: member in world.room.plain)
    answers = Delayed(world)
    world.room.hear(world.log.send_out(1))
    await settled(lambda: bool(answers.asked))
    member.take(_plain("hi"))
    await settled(lambda: member.person == 1)

    answers.go.set()
    await settled(lambda: outlet.closed)

    assert answers.asked == [{None}, {1}]
    assert outlet.code is Close.REMOVED


async def test_a_later_hello_is_of_the_same_person_in_the_same_room(world: World) -> None:
    member, outlet = enter(world.node, Dialect.RICH, who=2)
    await settled(lambda: len(outlet.of(events.Presence)) == 1)
    member._session = member.slug = "somebody else's, and another room"

    member.take(_rich('{"type":"hello","key":"another"}'))
    await settled(lambda: len(outlet.of(events.Presence)) == 2)

    assert [hello.user.id for hello in outlet.of(events.Hello)] == [2, 2]
    assert not outlet.closed


async def test_one_who_is_out_is_refused_at_a_later_hello(world: World) -> None:
    member, outlet = enter(world.node, Dialect.RICH, who=2)
    await settled(lambda: len(outlet.of(events.Presence)) == 1)
    world.log.send_out(2)

    member.take(_rich('{"type":"hello"}'))
    await settled(lambda: outlet.closed)

    assert outlet.code is Close.REMOVED
    assert outlet.leaked == []


@pytest.mark.parametrize("seed", range(20))
async def test_a_crowd_that_comes_while_people_are_sent_out_and_let_in(seed: int) -> None:
    world, chance = World(seed), random.Random(seed)
    came = []
    for _ in range(60):
        who = chance.randrange(1, 5)
        match chance.randrange(6):
            case 0:
                world.room.hear(world.log.send_out(who))
            case 1:
                world.room.hear(world.log.let_in(who))
            case 2:
                came.append(enter(world.node, chance.choice(list(Dialect)), who=who))
            case 3:
                world.readers.failures = chance.choice([0, 0, 1])
            case _:
                world.room.hear(world.log.post())
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(0)
    world.readers.failures = 0
    await settled(lambda: not any(member._tasks for member, _ in came))
    await world.rest()

    assert world.room.epoch == EPOCH
    for member, outlet in came:
        assert outlet.leaked == []
        is_here = member in world.room.rich | world.room.plain
        assert is_here is not outlet.closed
        if is_here:
            assert member.person not in world.log.out


def _plain(text: str) -> Any:
    return codec.decode(Dialect.PLAIN, f'{{"message":"{text}"}}')


def _rich(frame: str) -> Any:
    return codec.decode(Dialect.RICH, frame)
