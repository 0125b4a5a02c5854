"""A room's log in memory, and all that a LiveRoom and a Member need around it: no database, no layer, no clock."""

import asyncio
import random
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import msgspec

from chat.queries import log
from chat.queries.rooms import Numbers
from chat.realtime import entrance
from chat.realtime.frames import Frames
from chat.realtime.member import Member
from chat.realtime.room import LiveRoom
from chat.wire import codec, events
from chat.wire.announcements import Changes
from chat.wire.codec import Dialect
from chat.wire.codes import ChatError, Close, Code
from tests.client import Sync, read_plain, read_rich

ROOM, EPOCH = 7, "k3"


class ModelLog:
    """What the database would hold: messages by number, and each change as it was announced."""

    def __init__(self) -> None:
        self.seq = 0
        self.messages: dict[int, events.Message] = {}
        self.states: dict[int, events.Message] = {}  # by seq, every state that ever was
        self.announced: list[Changes] = []

    def post(self) -> Changes:
        number = self.seq + 1
        return self._change(
            events.Message(
                number, number, events.UserRef(1, "Ana"), f"said {number}", f"<p>said {number}</p>",
                "2026-11-20T10:00:00.000Z", "",
            )
        )  # fmt: skip

    def edit(self, which: int) -> Changes:
        message = self._pick(which)
        if message is None:
            return self.post()
        text = f"edited {self.seq + 1}"
        return self._change(
            msgspec.structs.replace(message, seq=self.seq + 1, message=text, edited="2026-11-20T10:00:01.000Z")
        )

    def delete(self, which: int) -> Changes:
        message = self._pick(which)
        if message is None:
            return self.post()
        return self._change(msgspec.structs.replace(message, seq=self.seq + 1, message="", html="", deleted=True))

    def _pick(self, which: int) -> events.Message | None:
        alive = [message for message in self.messages.values() if not message.deleted]
        return alive[which % len(alive)] if alive else None

    def _change(self, message: events.Message) -> Changes:
        self.seq = message.seq
        self.messages[message.id] = self.states[message.seq] = message
        news = Changes(EPOCH, ROOM, self.seq - 1, self.seq, 0, [codec.change(message)])
        self.announced.append(news)
        return news

    # The reads, as chat.queries.log has them

    def changed_since(self, since: int, limit: int) -> log.Page:
        found = sorted((m for m in self.messages.values() if m.seq > since), key=lambda message: message.seq)
        page = found[:limit]
        more = len(found) > limit
        return log.Page(page, page[-1].seq if more else self.seq, 0, more)

    def posted_since(self, number: int, upto: int, limit: int) -> log.Page:
        found = [m for key, m in sorted(self.messages.items()) if number < key <= upto and not m.deleted]
        page = found[:limit]
        more = len(found) > limit
        return log.Page(page, page[-1].id if more else self.seq, 0, more)

    def newest(self, limit: int, *, tombstones: bool = True) -> log.Page:
        found = [m for _, m in sorted(self.messages.items()) if tombstones or not m.deleted]
        return log.Page(found[-limit:], self.seq, 0, len(found) > limit)


class ModelReaders:
    """Answers as the database would, each after a few turns of the loop; may fail when told to."""

    def __init__(self, model: ModelLog, chance: random.Random | None = None) -> None:
        self._model = model
        self._chance = chance or random.Random(0)
        self.failures = 0  # of the next reads
        self.reads = 0
        self.guests = 0

    async def run(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        self.reads += 1
        await self._turns()
        if self.failures:
            self.failures -= 1
            raise ChatError(Code.UNAVAILABLE)
        answer = self._answer(work, *args, **kwargs)  # the moment of the read
        await self._turns()
        return answer

    def stop(self) -> None:
        pass

    async def _turns(self) -> None:
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)

    def _answer(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(work, partial):
            if work.func is entrance.enter_rich:
                since, epoch = work.args[-2:]
                return self._entered(known=True), self._missed(since if epoch == f"{EPOCH}.{ROOM}" else None)
            assert work.func is entrance.enter_plain, work
            return self._entered(known=False)
        if work is entrance.history:
            return codec.encode(events.History(args[2].ref, [], events.More(False, False)))
        if work is entrance.make_guest:
            self.guests += 1
            return person(self.guests)
        assert args[1] == ROOM
        reads: dict[Any, Callable[..., Any]] = {
            log.changed_since: self._model.changed_since,
            log.posted_since: self._model.posted_since,
            log.newest: self._model.newest,
        }
        return reads[work](*args[2:], **kwargs)

    def _entered(self, known: bool) -> entrance.Entered:
        room: Any = SimpleNamespace(pk=ROOM, last_seq=self._model.seq, state_seq=0)
        described = events.Room("lobby", "Lobby", "", "public", ["send"])
        return entrance.Entered(person(1) if known else None, room, EPOCH, "key", described)

    def _missed(self, since: int | None) -> entrance.CaughtUp:
        if since is not None:
            page = self._model.changed_since(since, 500)
            if not page.more and since <= page.seq:
                return entrance.CaughtUp(page, complete=True)
        return entrance.CaughtUp(self._model.newest(50), complete=False)


def person(number: int) -> Any:
    return SimpleNamespace(
        pk=number, display_name=f"Person {number}", is_guest=True, is_active=True, is_staff=False, came_from=""
    )


def delay_entrance(node: "ModelNode") -> asyncio.Event:
    """Let the answer to who somebody is and what they missed, once given, be on its way until the event is set."""
    gate, answer = asyncio.Event(), node.readers.run

    async def run(work: Any, *args: Any, **kwargs: Any) -> Any:
        given = await answer(work, *args, **kwargs)
        if isinstance(work, partial):
            await gate.wait()
        return given

    node.readers.run = run  # type: ignore[method-assign]
    return gate


class ModelNode:
    """Holds one room, and keeps what members ask to be written."""

    def __init__(self, readers: ModelReaders, numbers: Numbers) -> None:
        self.readers = readers
        self.room = LiveRoom(numbers, EPOCH, readers)
        self.written: list[tuple[Any, Callable[[Any], None]]] = []
        self.stands: dict[Member, int] = {}  # where the room stood when they came in
        self.here: list[Member] = []
        self.idles: list[bool] = []
        self.message_rates = SimpleNamespace(take=lambda _: 0)
        self.writer = SimpleNamespace(commit=lambda item, tell: self.written.append((item, tell)))
        whole = codec.encode(events.Presence(count=0, here=[]))
        self.presence = SimpleNamespace(whole=lambda _: whole)

    def entering(self, entered: entrance.Entered, member: Member) -> LiveRoom:
        self.stands[member] = entered.numbers.seq
        self.room.known(entered.numbers)
        self.room.hold(member)
        return self.room

    def arrived(self, _room: LiveRoom, member: Member, user: Any) -> None:
        if user is not None:
            self.here.append(member)

    def left(self, room: LiveRoom, member: Member, _user: Any) -> None:
        room.leave(member)

    def idle(self, _room: LiveRoom | None, _member: Member, _user: Any, idle: bool) -> None:
        self.idles.append(idle)


class ModelOutlet:
    """What went out, decoded; never full."""

    def __init__(self, dialect: Dialect) -> None:
        self._read = read_rich if dialect is Dialect.RICH else read_plain
        self.sent: list[Any] = []
        self.code: Close | None = None
        self.since = 0  # what the client said it had
        self.history = 0  # what it asked for

    @property
    def closed(self) -> bool:
        return self.code is not None

    def put(self, frames: Frames) -> None:
        if not self.closed:
            self.sent += [self._read(text) for text in frames.texts]

    def close(self, code: Close) -> None:
        self.code = self.code or code

    async def room_for_more(self) -> None:
        await asyncio.sleep(0)

    def stop(self) -> None:
        self.code = self.code or Close.RESTARTING

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.sent if isinstance(event, kind)]


def enter(node: ModelNode, dialect: Dialect, *, history: int = 0, **hello: Any) -> tuple[Member, ModelOutlet]:
    """A socket that has just been opened, and that says hello where the dialect wants it."""
    outlet = ModelOutlet(dialect)
    outlet.since, outlet.history = hello.get("since", 0), history
    member = Member(node, outlet, dialect, "lobby", None, None)  # type: ignore[arg-type]  # stand-ins
    member.begin(history=history)
    if dialect is Dialect.RICH:
        member.take(codec.decode(dialect, msgspec.json.encode({"type": "hello", **hello}).decode()))
    return member, outlet


async def settled(condition: Callable[[], bool], turns: int = 5_000) -> None:
    """Let the loop turn until the condition holds."""
    for _ in range(turns):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to rest")


def kept(outlet: ModelOutlet) -> dict[int, events.Message]:
    """The log that a client of the rich dialect holds: per message the state with the highest seq."""
    held: dict[int, events.Message] = {}
    for event in outlet.sent:
        if isinstance(event, Sync) and not event.complete:
            held.clear()
        for message in (
            event.messages if isinstance(event, Sync) else [event] if isinstance(event, events.Message) else []
        ):
            if message.id not in held or held[message.id].seq < message.seq:
                held[message.id] = message
    return held
