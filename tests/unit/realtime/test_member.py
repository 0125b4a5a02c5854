"""What a socket may say when: before, during and after its hello, and what happens when something fails."""

import asyncio
from functools import partial
from typing import Any

import pytest

from chat import limits
from chat.actions.messages import Post, Posted
from chat.realtime.member import Member
from chat.wire import codec, events
from chat.wire.codec import Dialect
from chat.wire.codes import ChatError, Close, Code
from tests.client import History, Sync
from tests.unit.realtime.model import ModelLog, ModelNode, ModelOutlet, ModelReaders, delay_entrance, enter, settled

UUID = "01890a5d-ac96-774b-bcce-b302099a80{:02}"


@pytest.fixture
def log() -> ModelLog:
    return ModelLog()


@pytest.fixture
async def node(log: ModelLog) -> ModelNode:
    return ModelNode(ModelReaders(log))


def silent(node: ModelNode) -> tuple[Member, ModelOutlet]:
    """A rich socket that has not said hello."""
    outlet = ModelOutlet(Dialect.RICH)
    member = Member(node, outlet, Dialect.RICH, "lobby", None, None)  # type: ignore[arg-type]  # stand-ins
    member.begin()
    return member, outlet


def say(member: Member, text: str, number: int = 0) -> None:
    if member.dialect is Dialect.PLAIN:
        member.take(codec.decode(Dialect.PLAIN, f'{{"message":"{text}"}}'))
    else:
        client_id = UUID.format(number)
        member.take(codec.decode(Dialect.RICH, f'{{"type":"send","client_id":"{client_id}","message":"{text}"}}'))


def command(member: Member, frame: str) -> None:
    member.take(codec.decode(member.dialect, frame))


def written(node: ModelNode) -> list[str]:
    return [item.text for item, _ in node.written]


async def test_a_hello_is_answered_with_hello_sync_and_presence_in_that_order(node: ModelNode) -> None:
    _, outlet = enter(node, Dialect.RICH)
    await settled(lambda: len(outlet.sent) >= 3)

    assert [type(event) for event in outlet.sent] == [events.Hello, Sync, events.Presence]


async def test_nothing_is_taken_before_the_hello(node: ModelNode) -> None:
    member, outlet = silent(node)

    with pytest.raises(ChatError) as caught:
        say(member, "hi")

    assert caught.value.code is Code.BAD_REQUEST
    assert not node.written
    assert not outlet.closed


async def test_without_a_hello_the_socket_closes(node: ModelNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "HELLO_SECONDS", 0)
    _, outlet = silent(node)

    await settled(lambda: outlet.closed)

    assert outlet.code is Close.NO_HELLO


async def test_the_time_for_a_hello_passes_without_effect_while_one_is_being_answered(
    node: ModelNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is known yet when it passes: what came early has to wait on."""
    monkeypatch.setattr(limits, "HELLO_SECONDS", 0)
    gate = hold_entrance(node)
    member, outlet = silent(node)
    command(member, '{"type":"hello"}')
    say(member, "early")
    for _ in range(20):
        await asyncio.sleep(0)
    assert not node.written

    gate.set()
    await settled(lambda: bool(node.written))

    assert written(node) == ["early"]
    assert not outlet.of(events.Error)
    assert not outlet.closed


async def test_a_page_of_history_that_comes_during_a_second_hello_does_not_end_it(node: ModelNode) -> None:
    member, outlet = enter(node, Dialect.RICH)
    await settled(lambda: bool(node.here))
    command(member, '{"type":"history","ref":"r","before":3}')
    gate = hold_entrance(node)
    command(member, '{"type":"hello"}')
    await settled(lambda: bool(outlet.of(History)))
    say(member, "early")
    assert not node.written

    gate.set()
    await settled(lambda: bool(node.written))

    assert len(outlet.of(Sync)) == 2


def hold_entrance(node: ModelNode) -> asyncio.Event:
    """Let no look-up of who somebody is be answered until the event is set."""
    gate, answer = asyncio.Event(), node.readers.run

    async def run(work: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(work, partial):
            await gate.wait()
        return await answer(work, *args, **kwargs)

    node.readers.run = run  # type: ignore[method-assign]
    return gate


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_frames_right_behind_the_hello_are_handled_in_their_order(node: ModelNode, dialect: Dialect) -> None:
    member, _ = enter(node, dialect)

    for number in range(10):
        say(member, f"early {number}", number)
    await settled(lambda: len(node.written) == 10)
    say(member, "late", 11)

    assert written(node) == [*(f"early {number}" for number in range(10)), "late"]


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_only_so_many_frames_wait(node: ModelNode, dialect: Dialect) -> None:
    member, _ = enter(node, dialect)
    for number in range(limits.WAITING_FRAMES):
        say(member, "early", number % 100)

    with pytest.raises(ChatError) as caught:
        say(member, "one too many")

    assert caught.value.code is Code.RATE_LIMITED
    assert caught.value.retry_after


async def test_an_early_frame_that_is_refused_is_told_with_its_mark_and_the_rest_goes_on(node: ModelNode) -> None:
    member, outlet = enter(node, Dialect.RICH)
    say(member, " ", 1)
    say(member, "hi", 2)

    await settled(lambda: bool(node.written))

    assert [(error.code, error.client_id) for error in outlet.of(events.Error)] == [("empty", UUID.format(1))]
    assert written(node) == ["hi"]


async def test_an_ack_comes_with_the_outcome_and_the_id_as_the_client_wrote_it(node: ModelNode) -> None:
    member, outlet = enter(node, Dialect.RICH)
    await settled(lambda: bool(node.here))
    client_id = UUID.format(1).upper()
    command(member, f'{{"type":"send","client_id":"{client_id}","message":"hi"}}')
    [(item, tell)] = node.written
    assert isinstance(item, Post)
    assert str(item.client_id) == client_id.lower()
    assert not outlet.of(events.Ack)

    tell(Posted(7))

    assert outlet.of(events.Ack) == [events.Ack(client_id, 7)]


async def test_a_refusal_of_the_writer_is_told(node: ModelNode) -> None:
    member, outlet = enter(node, Dialect.RICH)
    await settled(lambda: bool(node.here))
    say(member, "hi", 1)

    node.written[0][1](ChatError(Code.UNAVAILABLE))

    [error] = outlet.of(events.Error)
    assert (error.code, error.temporary, error.client_id) == ("unavailable", True, UUID.format(1))


async def test_a_plain_listener_becomes_a_guest_with_its_first_message(node: ModelNode) -> None:
    member, outlet = enter(node, Dialect.PLAIN)
    await settled(lambda: member in node.room.plain)
    assert node.readers.guests == 0

    say(member, "one")
    say(member, "two")
    say(member, "three")
    await settled(lambda: len(node.written) == 3)

    assert node.readers.guests == 1
    assert written(node) == ["one", "two", "three"]
    node.written[0][1](Posted(1))
    assert outlet.sent == []  # no acks here


async def test_a_plain_message_whose_guest_cannot_be_made_is_refused_and_the_socket_stays(node: ModelNode) -> None:
    member, outlet = enter(node, Dialect.PLAIN)
    await settled(lambda: member in node.room.plain)
    node.readers.failures = 1

    say(member, "hi")
    await settled(lambda: bool(outlet.sent))

    assert [error.code for error in outlet.of(events.Error)] == ["unavailable"]
    assert not outlet.closed
    say(member, "again")
    await settled(lambda: bool(node.written))
    assert written(node) == ["again"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ChatError(Code.NOT_FOUND), Close.NO_ROOM),
        (ChatError(Code.UNAVAILABLE), Close.UNAVAILABLE),
        (TimeoutError(), Close.UNAVAILABLE),
        (RuntimeError("a fault of ours"), Close.UNAVAILABLE),
    ],
)
@pytest.mark.parametrize("dialect", list(Dialect))
async def test_an_entrance_that_fails_closes_with_the_code_that_says_why(
    node: ModelNode, dialect: Dialect, error: Exception, code: Close
) -> None:
    async def fail(*_: Any, **__: Any) -> Any:
        raise error

    node.readers.run = fail  # type: ignore[method-assign]
    _, outlet = enter(node, dialect)
    await settled(lambda: outlet.closed)

    assert outlet.code is code


async def test_a_slow_database_ends_the_entrance(node: ModelNode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IDENTITY_SECONDS", 0)
    hold_entrance(node)
    _, outlet = enter(node, Dialect.RICH)

    await settled(lambda: outlet.closed)

    assert outlet.code is Close.UNAVAILABLE


async def test_one_page_of_history_at_a_time(node: ModelNode) -> None:
    member, _ = enter(node, Dialect.RICH)
    await settled(lambda: bool(node.here))
    command(member, '{"type":"history","ref":"a","before":3}')

    with pytest.raises(ChatError) as caught:
        command(member, '{"type":"history","ref":"b","before":3}')

    assert caught.value.code is Code.RATE_LIMITED


async def test_a_rate_is_kept_and_its_wait_told(node: ModelNode) -> None:
    member, _ = enter(node, Dialect.RICH)
    await settled(lambda: bool(node.here))
    node.message_rates.take = lambda _: 2.5

    with pytest.raises(ChatError) as caught:
        say(member, "hi")

    assert (caught.value.code, caught.value.retry_after) == (Code.RATE_LIMITED, 2.5)
    assert not node.written


async def test_idle_and_active_are_passed_on(node: ModelNode) -> None:
    member, _ = enter(node, Dialect.RICH)
    await settled(lambda: bool(node.here))

    command(member, '{"type":"presence","state":"idle"}')
    command(member, '{"type":"presence","state":"active"}')

    assert node.idles == [True, False]


async def test_who_goes_while_entering_leaves_nothing_behind(node: ModelNode) -> None:
    gate = hold_entrance(node)
    member, outlet = enter(node, Dialect.RICH)
    for _ in range(5):
        await asyncio.sleep(0)

    member.gone()
    member.gone()
    gate.set()
    for _ in range(20):
        await asyncio.sleep(0)

    assert node.room.empty
    assert not node.here
    assert outlet.closed


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_a_restart_is_announced_in_the_dialect_that_can_say_so(node: ModelNode, dialect: Dialect) -> None:
    member, outlet = enter(node, dialect)
    await settled(lambda: bool(node.room.rich or node.room.plain))

    member.dismiss(codec.encode(events.Notice("server_restart", 0.4)), Close.RESTARTING)

    assert outlet.code is Close.RESTARTING
    assert outlet.of(events.Notice) == ([events.Notice("server_restart", 0.4)] if dialect is Dialect.RICH else [])


async def test_a_plain_socket_whose_history_cannot_be_read_closes_rather_than_hear_nothing(node: ModelNode) -> None:
    gate = delay_entrance(node)
    _, outlet = enter(node, Dialect.PLAIN, history=3)
    await settled(lambda: node.readers.reads == 1)
    gate.set()
    node.readers.failures = 1

    await settled(lambda: outlet.closed)

    assert outlet.code is Close.UNAVAILABLE


async def test_only_of_those_who_may_write_it_is_told_that_they_do(node: ModelNode, log: ModelLog) -> None:
    typing = codec.decode(Dialect.RICH, '{"type": "typing"}')
    member, _ = enter(node, Dialect.RICH)
    await settled(lambda: member in node.room.rich)
    member.take(typing)
    assert node.writing == [1]

    log.may = []
    node.room.hear(log.set_topic())
    await settled(lambda: node.room.state_seq == log.state_seq)
    member.take(typing)

    assert node.writing == [1]
