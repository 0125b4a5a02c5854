"""What a message and a hello make the server do: counted, for time cannot be asserted."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from chat import limits
from chat.actions import rooms
from chat.realtime import node
from chat.wire.announcements import AnyNews, Changes
from tests.cast import Cast
from tests.integration.queries.test_people import logged_in
from tests.integration.realtime.crowd import Socket, Stage, Work, events_in, stage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
async def here(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    async with stage(monkeypatch) as opened:
        yield opened


class Heard:
    """What was done until everybody had heard some words and their speaker had the acks."""

    def __init__(self, work: Work, writes: dict[Socket, list[bytes]]) -> None:
        self.work = work
        self.writes = writes  # of each socket meanwhile

    def kinds(self, socket: Socket) -> list[list[str]]:
        """Of each write, what was in it."""
        return [[event["type"] for event in events_in(written)] for written in self.writes[socket]]


async def say(here: Stage, speaker: Socket, listeners: list[Socket], *words: str) -> Heard:
    everybody = [speaker, *listeners]
    before = {socket: len(socket.writes) for socket in everybody}
    acks = len(speaker.of("ack"))
    with here.counted() as work:
        speaker.say(*words)
        for socket in everybody:
            await socket.until(lambda socket=socket: socket.heard()[-len(words) :] == list(words))
        await speaker.until(lambda: len(speaker.of("ack")) == acks + len(words))
    return Heard(work, {socket: socket.writes[count:] for socket, count in before.items()})


# A message


async def test_a_message_costs_no_more_encodings_tasks_or_hops_for_more_members(here: Stage) -> None:
    ana, *few = await here.crowd("few", 2)
    bo, *many = await here.crowd("many", 40)
    await say(here, ana, few, "the first of a process")

    in_few, in_many = await say(here, ana, few, "hi"), await say(here, bo, many, "hi")

    assert in_few.work.statements
    assert in_few.work.encodes
    assert in_few.work.counts == in_many.work.counts, f"{in_few.work}\n{in_many.work}"


async def test_a_message_is_encoded_once_for_each_dialect_and_its_ack_once(here: Stage) -> None:
    ana, *others = await here.crowd("lobby", 5)
    others += [await here.socket("lobby", rich=False).enter_plain() for _ in range(5)]

    heard = await say(here, ana, others, "hi")

    assert sorted(type(event).__name__ for event in heard.work.encodes) == ["Ack", "Message", "PlainMessage"]


async def test_everybody_is_sent_the_very_same_bytes(here: Stage) -> None:
    ana, *others = await here.crowd("lobby", 10)
    plain = [await here.socket("lobby", rich=False).enter_plain() for _ in range(10)]

    heard = await say(here, ana, [*others, *plain], "hi")

    for listeners in (others, plain):
        assert len({id(written) for socket in listeners for written in heard.writes[socket]}) == 1


async def test_a_message_is_one_write_a_socket_with_the_ack_in_the_speakers(here: Stage) -> None:
    ana, *others = await here.crowd("lobby", 5)
    await say(here, ana, others, "the first of a process")

    heard = await say(here, ana, others, "hi")

    assert heard.kinds(ana) in ([["message", "ack"]], [["ack", "message"]])
    assert [heard.kinds(socket) for socket in others] == [[["message"]]] * 4


async def test_what_comes_in_one_turn_is_one_commit_and_one_write_a_socket(here: Stage) -> None:
    ana, *others = await here.crowd("lobby", 5)
    one = await say(here, ana, others, "the first of a process")
    one = await say(here, ana, others, "hi")

    many = await say(here, ana, others, *(f"{number}" for number in range(30)))

    assert len(many.work.statements) == len(one.work.statements)
    assert len(many.work.hops) == len(one.work.hops) == 1
    assert [len(many.writes[socket]) for socket in (ana, *others)] == [1] * 5, many.kinds(ana)


@pytest.mark.parametrize(
    ("large", "writes", "before_others"),
    [(5, 1, [1, 1]), (6, 2, [1, 2])],
    ids=["in a large room", "in a small one"],
)
async def test_what_is_being_saved_when_a_message_is_told_shares_its_write(
    here: Stage, monkeypatch: pytest.MonkeyPatch, large: int, writes: int, before_others: list[int]
) -> None:
    monkeypatch.setattr(limits, "JOINING_SOCKETS", large)
    monkeypatch.setattr(limits, "WRITE_SECONDS", 3600)
    members = await here.crowd("lobby", 5)
    process = node.current()
    before = [len(member.writes) for member in members]
    announced: list[int] = []  # after so many writes
    send = process.bus.send

    def watched(group: str, news: AnyNews) -> None:
        if isinstance(news, Changes):
            announced.append(len(members[-1].writes) - before[-1])
        send(group, news)

    monkeypatch.setattr(process.bus, "send", watched)
    with here.commits_held_up(monkeypatch):
        members[0].say("one")
        await here.until(lambda: process.writer.is_changing(next(iter(process.hub.rooms))))
        members[1].say("two")
        await here.until(lambda: process.writer.waiting == 1)
    for member in members:
        await member.until(lambda member=member: member.heard() == ["one", "two"])

    assert [len(member.writes) - count for member, count in zip(members, before, strict=True)] == [writes] * 5
    assert [len(member.of("ack")) for member in members] == [1, 1, 0, 0, 0]
    assert announced == before_others


async def test_rooms_that_share_a_turn_share_a_commit(here: Stage) -> None:
    speakers = [(await here.crowd(f"room-{number}", 1))[0] for number in range(20)]
    one = await say(here, speakers[0], [], "the first of a process")
    one = await say(here, speakers[0], [], "hi")

    with here.counted() as work:
        for speaker in speakers:
            speaker.say("all at once")
        for speaker in speakers:
            await speaker.until(lambda speaker=speaker: speaker.heard()[-1:] == ["all at once"])

    assert len(work.statements) == len(one.work.statements)


async def test_a_tick_is_encoded_once_and_tells_some_sockets_at_a_time(
    here: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "TICK_SOCKETS", 2)
    members = await here.crowd("lobby", 6)
    hub = node.current().hub
    [room] = hub.rooms.values()
    told: list[int] = []
    with here.counted() as work:
        ticking = asyncio.create_task(hub._tell_stand(room))
        while not ticking.done():
            await asyncio.sleep(0)
            told.append(sum(len(member.of("tick")) for member in members))
        await here.until(lambda: all(member.of("tick") for member in members))

    assert len(work.encodes) <= 1
    assert {2, 4} <= set(told)
    assert [member.of("tick") for member in members] == [[{"type": "tick", "seq": room.stand}]] * 6


async def test_one_who_catches_up_meanwhile_is_not_told_by_a_tick(here: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would name a number that they do not have yet."""
    monkeypatch.setattr(limits, "TICK_SOCKETS", 1)
    members = await here.crowd("lobby", 5)
    hub = node.current().hub
    [room] = hub.rooms.values()
    ticking = asyncio.create_task(hub._tell_stand(room))
    await here.until(lambda: any(member.of("tick") for member in members))
    for listener in list(room.rich):
        room.hold(listener)
    await ticking
    await asyncio.sleep(0)

    assert 0 < sum(len(member.of("tick")) for member in members) < 5


# A hello


@pytest.fixture
def session(cast: Cast) -> str:
    """Of Ana, who has been in the lobby before."""
    rooms.enter(cast.ana, "lobby")
    return logged_in(cast.ana)


async def enter(here: Stage, room: str, session: str = "", **hello: object) -> Work:
    with here.counted() as work:
        await here.socket(room, session=session).enter(**hello)
    return work


async def test_a_hello_asks_two_questions_in_one_hop_and_one_more_for_what_was_missed(
    here: Stage, session: str
) -> None:
    first = await enter(here, "lobby", session)  # which makes the room one's own
    ana, *_ = await here.crowd("lobby", 1)
    await say(here, ana, [], "hi")
    seq = ana.of("message")[-1]["seq"]
    again = await enter(here, "lobby", session, since=seq, epoch=ana.of("hello")[0]["epoch"])
    without_a_log = await enter(here, "lobby", session)

    assert len(again.statements) == 2, again
    assert len(without_a_log.statements) == 3, without_a_log
    assert len(first.hops) == len(again.hops) == len(without_a_log.hops) == 1


async def test_the_first_hello_of_a_member_in_a_room_costs_four_statements_more(here: Stage, session: str) -> None:
    known = await enter(here, "lobby", session)
    first = await enter(here, "kitchen", session)

    assert len(first.statements) == len(known.statements) + 4, first
    assert len(first.hops) == len(known.hops)


async def test_a_guest_who_is_known_by_a_key_asks_two_statements_more_than_a_member(
    here: Stage, cast: Cast, session: str
) -> None:
    guest = await enter(here, "lobby", key=cast.keys["visitor"])

    assert len(guest.statements) <= len((await enter(here, "lobby", session)).statements) + 2, guest


async def test_a_hello_costs_the_same_whoever_is_there_already(here: Stage, session: str) -> None:
    await enter(here, "lobby", session)
    alone = await enter(here, "lobby", session)
    await here.crowd("lobby", 40)

    assert (await enter(here, "lobby", session)).counts == alone.counts


@pytest.mark.parametrize("missed", [0, 3, 400])
async def test_who_comes_back_asks_no_more_for_having_missed_more(here: Stage, session: str, missed: int) -> None:
    ana, *_ = await here.crowd("lobby", 1)
    await say(here, ana, [], "hi")
    await enter(here, "lobby", session)
    first = await enter(here, "lobby", session)
    for _ in range(0, missed, 50):
        await say(here, ana, [], *map(str, range(min(missed, 50))))
    epoch = ana.of("hello")[0]["epoch"]

    again = await enter(here, "lobby", session, since=0, epoch=epoch)

    assert len(again.statements) == len(first.statements), again
    assert len(again.hops) == len(first.hops)
