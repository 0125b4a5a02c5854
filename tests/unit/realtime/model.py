"""A room's log in memory, and all that a LiveRoom and a Member need around it: no database, no layer, no clock."""

import asyncio
import random
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import msgspec

from chat import policy
from chat.queries import log, rooms
from chat.queries.rooms import Numbers, Place
from chat.queries.standings import PersonRow
from chat.realtime import entrance
from chat.realtime.frames import Frames
from chat.realtime.member import Member
from chat.realtime.room import LiveRoom
from chat.wire import codec, events
from chat.wire.announcements import Change, Changes
from chat.wire.codec import Dialect
from chat.wire.codes import ChatError, Close, Code
from tests.client import History, Sync, read_plain, read_rich

ROOM, EPOCH = 7, "k3"


class ModelLog:
    """What the database would hold: messages by number, and each change as it was announced."""

    def __init__(self) -> None:
        self.seq = 0
        self.state_seq = 0
        self.topic = ""
        self.may = ["send"]
        self.out: dict[int | None, tuple[int, Close]] = {}  # who may not be here, since which number
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

    # Changes of the room and of rights in it

    def send_out(self, who: int | None, code: Close = Close.REMOVED) -> Changes:
        self.out.setdefault(who, (self.seq + 1, code))
        return self._change_state()

    def let_in(self, who: int | None) -> Changes:
        self.out.pop(who, None)
        return self._change_state()

    def set_topic(self) -> Changes:
        self.topic = f"topic {self.seq + 1}"
        return self._change_state()

    def _change_state(self) -> Changes:
        self.seq += 1
        self.state_seq = self.seq
        return self._announce([])

    def _announce(self, changes: list[Change]) -> Changes:
        news = Changes(EPOCH, ROOM, self.seq - 1, self.seq, self.state_seq, changes)
        self.announced.append(news)
        return news

    def described(self) -> events.Room:
        return events.Room("lobby", "Lobby", self.topic, "public", self.may)

    def place(self, who: int | None) -> Place:
        return Place(None, self.out[who][1]) if who in self.out else Place(self.described(), None)

    def is_secret(self, who: int | None, seq: int) -> bool:
        """Whether that was said after somebody was sent out, who has not been let in again."""
        return who in self.out and seq > self.out[who][0]

    # Messages

    def _pick(self, which: int) -> events.Message | None:
        alive = [message for message in self.messages.values() if not message.deleted]
        return alive[which % len(alive)] if alive else None

    def _change(self, message: events.Message) -> Changes:
        self.seq = message.seq
        self.messages[message.id] = self.states[message.seq] = message
        return self._announce([codec.change(message)])

    # The reads, as chat.queries.log has them

    def changed_since(self, since: int, limit: int) -> log.Page:
        found = sorted((m for m in self.messages.values() if m.seq > since), key=lambda message: message.seq)
        page = found[:limit]
        more = len(found) > limit
        return log.Page(page, page[-1].seq if more else self.seq, self.state_seq, more)

    def posted_since(self, number: int, upto: int, limit: int) -> log.Page:
        found = [m for key, m in sorted(self.messages.items()) if number < key <= upto and not m.deleted]
        page = found[:limit]
        more = len(found) > limit
        return log.Page(page, page[-1].id if more else self.seq, self.state_seq, more)

    def newest(self, limit: int, *, tombstones: bool = True) -> log.Page:
        found = [m for _, m in sorted(self.messages.items()) if tombstones or not m.deleted]
        return log.Page(found[-limit:], self.seq, self.state_seq, len(found) > limit)


class ModelReaders:
    """Answers as the database would, each after a few turns of the loop; may fail when told to."""

    def __init__(self, model: ModelLog, chance: random.Random | None = None) -> None:
        self.model = model
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
            return self._enter(work.func, *work.args)
        if work is rooms.standing:
            return {who: self.model.place(who) for who in args[1]}
        if work is entrance.history:
            return codec.encode(events.History(args[2].ref, [], events.More(False, False)))
        if work is entrance.make_guest:
            self.guests += 1
            return person(self.guests)
        viewer, room, *rest = args
        assert room == ROOM
        if viewer != policy.EVERYTHING:
            self._allow(viewer and viewer.pk)
        reads: dict[Any, Callable[..., Any]] = {
            log.changed_since: self.model.changed_since,
            log.posted_since: self.model.posted_since,
            log.newest: self.model.newest,
        }
        return reads[work](*rest, **kwargs)

    def _allow(self, who: int | None) -> None:
        if who in self.model.out:
            raise ChatError(Code.NOT_FOUND)

    def _enter(self, how: Any, *args: Any) -> Any:
        if how is entrance.enter_plain:
            return self._entered(int(args[2]) if args[2] else None)
        *_, since, epoch = args
        who = args[0].pk if how is entrance.enter_again else int(args[2] or 1)
        return self._entered(who), self._missed(since if epoch == f"{EPOCH}.{ROOM}" else None)

    def _entered(self, who: int | None) -> entrance.Entered:
        self._allow(who)
        model = self.model
        room: Any = SimpleNamespace(pk=ROOM, last_seq=model.seq, state_seq=model.state_seq)
        tie = f"tie {who}" if who else ""
        return entrance.Entered(person(who) if who else None, room, EPOCH, "key", model.described(), 0, tie)

    def _missed(self, since: int | None) -> entrance.CaughtUp:
        if since is not None:
            page = self.model.changed_since(since, 500)
            if not page.more and since <= page.seq:
                return entrance.CaughtUp(page, complete=True)
        return entrance.CaughtUp(self.model.newest(50), complete=False)


def person(number: int) -> PersonRow:
    return PersonRow(number, f"Person {number}", is_active=True, is_guest=True, is_staff=False)


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

    def __init__(self, readers: ModelReaders) -> None:
        self.readers = readers
        self.room = LiveRoom(Numbers(ROOM, 0, 0), EPOCH, readers)
        self.written: list[tuple[Any, Callable[[Any], None]]] = []
        self.stands: dict[Member, int] = {}  # where the room stood when they came in
        self.here: list[Member] = []
        self.idles: list[bool] = []
        self.writing: list[int] = []
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

    def write(self, _room: LiveRoom | None, user: Any) -> None:
        self.writing.append(user.pk)


class ModelOutlet:
    """What went out, decoded; never full."""

    def __init__(self, dialect: Dialect) -> None:
        self._read = read_rich if dialect is Dialect.RICH else read_plain
        self.sent: list[Any] = []
        self.code: Close | None = None
        self.since = 0  # what the client said it had
        self.history = 0  # what it asked for
        self.is_secret: Callable[[int], bool] = lambda _: False
        self.leaked: list[Any] = []

    @property
    def closed(self) -> bool:
        return self.code is not None

    def put(self, frames: Frames) -> None:
        if not self.closed:
            fresh = [self._read(text) for text in frames.texts]
            self.sent += fresh
            self.leaked += [event for event in fresh for seq in _numbers(event) if self.is_secret(seq)]

    def close(self, code: Close) -> None:
        self.code = self.code or code

    async def room_for_more(self) -> None:
        await asyncio.sleep(0)

    def stop(self) -> None:
        self.code = self.code or Close.RESTARTING

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.sent if isinstance(event, kind)]


def _numbers(event: Any) -> list[int]:
    """The numbers of what an event tells that was said; of the plain dialect, when it was posted."""
    if isinstance(event, Sync | History):
        return [message.seq for message in event.messages]
    if isinstance(event, events.Message):
        return [event.seq]
    return [event.id] if isinstance(event, events.PlainMessage) else []


def enter(
    node: ModelNode, dialect: Dialect, *, who: int | None = None, history: int = 0, **hello: Any
) -> tuple[Member, ModelOutlet]:
    """A socket that has just been opened, and that says hello where the dialect wants it.

    Without `who` it is person 1 in the rich dialect, in the plain one a guest without a row.
    """
    outlet = ModelOutlet(dialect)
    outlet.since, outlet.history = hello.get("since", 0), history
    known = who if dialect is Dialect.PLAIN else who or 1
    outlet.is_secret = lambda seq: node.readers.model.is_secret(known, seq)
    session = str(who) if who else None
    member = Member(node, outlet, dialect, "lobby", session, None)  # type: ignore[arg-type]  # stand-ins
    member.begin(history=history)
    if dialect is Dialect.RICH:
        member.take(codec.decode(dialect, msgspec.json.encode({"type": "hello", **hello}).decode()))
    return member, outlet


def heard(outlet: ModelOutlet) -> list[int]:
    return [event.seq for event in outlet.of(events.Message)]


def numbers(outlet: ModelOutlet) -> list[int]:
    return [event.id for event in outlet.of(events.PlainMessage)]


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


class World:
    """One room, its log, and who listens to it."""

    def __init__(self, seed: int = 0) -> None:
        self.log = ModelLog()
        self.readers = ModelReaders(self.log, random.Random(seed))
        self.node = ModelNode(self.readers)
        self.room: LiveRoom = self.node.room

    def numbers(self) -> Numbers:
        return Numbers(ROOM, self.log.seq, self.log.state_seq)

    async def arrive(self, dialect: Dialect = Dialect.RICH, who: int | None = None, **hello: Any) -> ModelOutlet:
        member, outlet = enter(self.node, dialect, who=who, **hello)
        members = self.room.rich if dialect is Dialect.RICH else self.room.plain
        await settled(lambda: member in members)
        return outlet

    async def rest(self) -> None:
        """As after the next look at the database."""
        self.room.known(self.numbers())
        await settled(lambda: self.room.stand == self.log.seq and self.room._keeping_up is None)
