"""The simulated surroundings: a database, a channel layer, processes that die, and people who listen.

The node and everything in it is the real thing; only what it asks of the outside is played here.
"""

import asyncio
import json
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5

import msgspec
from django.db.models import Q

from chat import limits, policy
from chat.actions.messages import Delete, Done, Edit, Item, Outcome, Post, Posted, React
from chat.actions.messages import commit as commit_action
from chat.queries import log, people, rooms, unread
from chat.queries.log import Page
from chat.queries.people import Presently
from chat.queries.rooms import Numbers, Place
from chat.queries.standings import PersonRow
from chat.realtime import entrance
from chat.realtime.entrance import CaughtUp, Entered
from chat.realtime.member import Member
from chat.realtime.node import Node
from chat.realtime.outlet import QueueOutlet
from chat.wire import codec, events
from chat.wire.announcements import Account, AccountChange, AnyNews, Changes
from chat.wire.codec import Dialect
from chat.wire.codes import ChatError, Close, Code

_SPACE = UUID("00000000-0000-7000-8000-000000000000")


def client_id(text: str) -> str:
    return str(uuid5(_SPACE, text))


class Database:
    """One room's log, by the rules of chat.actions.messages, and people's rights; slow, and sometimes away."""

    epoch = "e1"
    room = 1

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.seq = 0
        self.state_seq = 0
        self.topic = ""
        self.out: dict[int, int] = {}  # who was removed, and with which number
        self.sessions: dict[str, int] = {}  # those that there are, and whose
        self.events: dict[int, tuple[float, Account]] = {}
        self.well_since = 0.0
        self.rows: dict[int, events.Message] = {}
        self._posted: dict[tuple[str, int], int] = {}
        self.away = False

    def come_back(self) -> None:
        if self.away:
            self.away, self.well_since = False, asyncio.get_running_loop().time()

    # Rights

    def remove(self, person: int) -> Changes:
        self.out.setdefault(person, self.seq + 1)
        return self._change_state()

    def let_in(self, person: int) -> Changes:
        self.out.pop(person, None)
        return self._change_state()

    def entitle(self) -> Changes:
        self.topic = f"topic {self.seq + 1}"
        return self._change_state()

    def _change_state(self) -> Changes:
        self.seq += 1
        self.state_seq = self.seq
        return Changes(self.epoch, self.room, self.seq - 1, self.seq, self.state_seq, [])

    def log_out(self, session: str) -> Account:
        return self._happened(Account(AccountChange.LOGGED_OUT, self.sessions.pop(session, None), session))

    def change_password(self, session: str) -> Account:
        """All other sessions of that person end."""
        person = self.sessions[session]
        self.sessions = {other: who for other, who in self.sessions.items() if who != person or other == session}
        return self._happened(Account(AccountChange.PASSWORD_CHANGED, person, session))

    def _happened(self, news: Account) -> Account:
        self.events[len(self.events) + 1] = asyncio.get_running_loop().time(), news
        return news

    def described(self) -> events.Room:
        return events.Room("room", "room", self.topic, "public", ["send"])

    def _place(self, person: int | None) -> Place:
        return Place(None, Close.REMOVED) if person in self.out else Place(self.described(), None)

    # Changes

    def commit(self, items: list[Item]) -> tuple[list[Outcome], Changes | None]:
        before, changes, outcomes = self.seq, [], []
        for item in items:
            outcome, changed = self._apply(item)
            outcomes.append(outcome)
            changes += [codec.change(changed)] if changed else []
        news = Changes(self.epoch, self.room, before, self.seq, self.state_seq, changes) if changes else None
        return outcomes, news

    def _apply(self, item: Item) -> tuple[Outcome, events.Message | None]:
        if item.author in self.out or (item.through and item.through.tie not in self.sessions):
            return ChatError(Code.FORBIDDEN), None
        match item:
            case Post():
                known = self._posted.get((str(item.client_id), item.author))
                if known:
                    return Posted(known), None
                if item.reply_to is not None and item.reply_to not in self.rows:
                    return ChatError(Code.NOT_FOUND), None
                self.seq += 1
                self._posted[str(item.client_id), item.author] = self.seq
                self._put(self.seq, item.author, item.text, str(item.client_id), reply_to=item.reply_to)
                return Posted(self.seq), self.rows[self.seq]
            case Edit() | Delete():
                row, deleting = self.rows.get(item.number), isinstance(item, Delete)
                if row is None or (row.deleted and not deleting):
                    return ChatError(Code.NOT_FOUND), None
                text = "" if isinstance(item, Delete) else item.text
                if row.deleted or row.message == text:
                    return Done(row.seq), None
                self.seq += 1
                reactions = [] if deleting else row.reactions
                self._change(row, message=text, html=text, deleted=deleting, reactions=reactions)
                return Done(self.seq), self.rows[item.number]
            case React():
                return self._react(item)

    def _react(self, item: React) -> tuple[Outcome, events.Message | None]:
        row = self.rows.get(item.number)
        if row is None or row.deleted:
            return ChatError(Code.NOT_FOUND), None
        who = [user for kind in row.reactions for user in kind.users]  # the one kind there is here
        me = events.UserRef(item.author, f"p{item.author}")
        if (me in who) is item.add:
            return Done(row.seq), None
        who = [*who, me] if item.add else [user for user in who if user != me]
        self.seq += 1
        self._change(row, reactions=[events.Reaction(item.emoji, len(who), who)] if who else [])
        return Done(self.seq), self.rows[item.number]

    def _put(self, number: int, author: int, text: str, once: str, *, reply_to: int | None) -> None:
        self.rows[number] = events.Message(
            number, self.seq, events.UserRef(author, f"p{author}"), text, text, "2026-01-01T00:00:00.000Z", once,
            reply_to=reply_to,
        )  # fmt: skip

    def _change(self, row: events.Message, **fields: Any) -> None:
        self.rows[row.id] = msgspec.structs.replace(row, seq=self.seq, **fields)

    # Reads, by the name of the query

    def read(self, work: Callable[..., Any], *args: Any) -> Any:
        match getattr(work, "func", work):
            case log.changed_since:
                self._allow(args[0])
                return self._page(lambda row: row.seq, args[2], self.seq, args[3], tombstones=True)
            case log.posted_since:
                self._allow(args[0])
                return self._page(lambda row: row.id, args[2], args[3], args[4], tombstones=False)
            case rooms.numbers:
                return self.epoch, [Numbers(self.room, self.seq, self.state_seq)] if args[0] else []
            case rooms.standing:
                return {person: self._place(person) for person in args[1]}
            case people.events_since:
                since = asyncio.get_running_loop().time() - limits.ACCOUNT_NEWS_SECONDS
                return {key: news for key, (at, news) in self.events.items() if at >= since}
            case people.presently:
                return {person: Presently(True, False, 0, self._ties(person)) for person in args[0]}
            case unread.lists | unread.moved | unread.counts:
                return {}  # this room is nobody's own
            case entrance.enter_rich:
                return self._enter_rich(work.args[2], *work.args[-2:])
            case entrance.enter_again:
                return self._enter_again(work.args[0].pk, *work.args[-2:])
            case entrance.enter_plain:
                return self._enter(self._whose(work.args[2]), work.args[2])
        raise AssertionError(f"{work} is not played here")

    def _allow(self, viewer: PersonRow | Q) -> None:
        if viewer != policy.EVERYTHING and viewer.pk in self.out:
            raise ChatError(Code.NOT_FOUND)

    def _ties(self, person: int) -> frozenset[str]:
        return frozenset(session for session, who in self.sessions.items() if who == person)

    def _whose(self, session: str) -> PersonRow:
        if session not in self.sessions:
            raise ChatError(Code.LOG_IN_NEEDED)
        return _person(self.sessions[session])

    def _page(
        self, key: Callable[[events.Message], int], above: int, upto: int, limit: int, *, tombstones: bool
    ) -> Page:
        span = (row for row in self.rows.values() if above < key(row) <= upto and (tombstones or not row.deleted))
        found = sorted(span, key=key)
        more = len(found) > limit
        return Page(found[:limit], key(found[limit - 1]) if more else self.seq, self.state_seq, more)

    def _missed(self, since: int | None) -> CaughtUp:
        if since is not None and since <= self.seq:
            page = self._page(lambda row: row.seq, since, self.seq, 8, tombstones=True)
            if not page.more:
                return CaughtUp(page, complete=True)
        newest = sorted(self.rows.values(), key=lambda row: row.id)[-4:]
        return CaughtUp(Page(newest, self.seq, self.state_seq, more=False), complete=False)

    def _enter_rich(self, session: str, since: int | None, epoch: str | None) -> tuple[Entered, CaughtUp]:
        return self._enter(self._whose(session), session), self._caught_up(since, epoch)

    def _enter_again(self, person: int, since: int | None, epoch: str | None) -> tuple[Entered, CaughtUp]:
        return self._enter(_person(person), ""), self._caught_up(since, epoch)

    def _caught_up(self, since: int | None, epoch: str | None) -> CaughtUp:
        return self._missed(since if epoch == f"{self.epoch}.{self.room}" else None)

    def _enter(self, person: PersonRow, tie: str) -> Entered:
        if person.pk in self.out:
            raise ChatError(Code.FORBIDDEN)
        room: Any = SimpleNamespace(pk=self.room, last_seq=self.seq, state_seq=self.state_seq)
        return Entered(person, room, self.epoch, None, self.described(), 0, tie)


def _person(key: int) -> PersonRow:
    return PersonRow(key, f"p{key}", is_active=True, is_guest=False, is_staff=False)


class Runner:
    """One process' way to the database: answers come late, and not at all while it is away or the process is dead."""

    def __init__(self, database: Database, chance: random.Random, announce: Callable[[Changes], None]) -> None:
        self._database = database
        self._chance = chance
        self._announce = announce
        self._one_at_a_time = asyncio.Lock()
        self.alive = True

    async def run(self, work: Any, *args: Any) -> Any:
        if work is commit_action:
            async with self._one_at_a_time:
                return await self._commit(*args)
        await asyncio.sleep(self._chance.choice((0.0, 0.001, 0.02)))
        self._check()
        answer = self._database.read(work, *args)
        await asyncio.sleep(self._chance.choice((0.0, 0.001, 0.05)))  # on its way back, while others write
        self._check()
        return answer

    async def _commit(self, items: list[Item]) -> list[Outcome]:
        await asyncio.sleep(self._chance.choice((0.0, 0.002)))
        self._check()
        outcomes, news = self._database.commit(items)
        await asyncio.sleep(self._chance.choice((0.0, 0.002)))
        self._check()  # died between commit and announcement, or the answer was lost
        if news:
            self._announce(news)
        return outcomes

    def stop(self) -> None:
        pass

    def _check(self) -> None:
        if self._database.away or not self.alive:
            raise ChatError(Code.UNAVAILABLE)


class Network:
    """What all processes' layers share. Each delivery may be dropped, repeated, late, and so out of order."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.bad = True
        self.layers: list[Layer] = []

    def send(self, group: str, message: dict[str, Any]) -> None:
        for layer in self.layers:
            if group in layer.groups:
                for _ in range(self._chance.choice((0, 1, 1, 2)) if self.bad else 1):
                    delay = self._chance.choice((0.0, 0.001, 0.008, 0.03, 0.4)) if self.bad else 0.0
                    asyncio.get_running_loop().call_later(delay, layer.queue.put_nowait, message)


class Layer:
    """A channel layer as Channels specifies it, at its worst."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.groups: set[str] = set()
        self.queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        network.layers.append(self)

    async def new_channel(self, prefix: str) -> str:
        return f"{prefix}!{len(self._network.layers)}"

    async def receive(self, channel: str) -> dict[str, Any]:
        return await self.queue.get()

    async def group_add(self, group: str, channel: str) -> None:
        self.groups.add(group)

    async def group_discard(self, group: str, channel: str) -> None:
        self.groups.discard(group)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self._network.send(group, message)

    async def flush(self) -> None:
        self.groups.clear()


class Process:
    """One server process: a real node."""

    def __init__(self, database: Database, network: Network, chance: random.Random) -> None:
        self.sockets: list[Socket] = []
        self._runner = Runner(database, chance, self._announce)
        self.node = Node(self._runner, self._runner, lambda: Layer(network))
        self.node.start()

    def _announce(self, news: AnyNews) -> None:
        self.node._committed([news])

    def act(self, deed: Callable[..., AnyNews], *about: Any, announced: bool) -> None:
        """Change rights here; not announced, the process had no time for it."""
        news = deed(*about)
        if announced:
            self._announce(news)

    def kill(self) -> None:
        """As kill -9: nothing more happens here, and the sockets are gone."""
        self._runner.alive = False
        for part in (self.node.bus, self.node.hub, self.node.accounts, self.node.presence, self.node.lists):
            for task in part._tasks:
                task.cancel()
        for socket in list(self.sockets):
            socket.lose()
        self.sockets.clear()


class Socket:
    """One connection: the real member and outlet, and the frames that reached the client."""

    def __init__(
        self, process: Process, dialect: Dialect, session: str, hear: Callable[[dict[str, Any]], None]
    ) -> None:
        self._hear = hear
        self.code: int | None = None  # with which the server closed
        self._node = process.node
        self.open = True
        process.sockets.append(self)
        outlet = QueueOutlet(self._receive)
        self._outlet = outlet
        self.member = Member(process.node, outlet, dialect, "room", session, None)
        process.node.welcome(self.member)
        self.member.begin()

    async def _receive(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close":
            self.code = message["code"]
            self.lose()
        elif self.open:
            self._hear(json.loads(message["text"]))

    def send(self, frame: dict[str, Any]) -> None:
        if not self.open or self._outlet.closed:  # then the consumer listens no more
            return
        try:
            self.member.take(codec.decode(self.member.dialect, json.dumps(frame)))
        except ChatError as refusal:
            self.member.refuse(refusal, **codec.marks(json.dumps(frame)))

    def lose(self) -> None:
        if self.open:
            self.open = False
            asyncio.get_running_loop().call_soon(self._node.farewell, self.member)
