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

from chat.actions.messages import Delete, Done, Edit, Item, Outcome, Post, Posted
from chat.actions.messages import commit as commit_action
from chat.queries import log, rooms
from chat.queries.log import Page
from chat.queries.rooms import Numbers
from chat.realtime import entrance
from chat.realtime.entrance import CaughtUp, Entered
from chat.realtime.member import Member
from chat.realtime.node import Node
from chat.realtime.outlet import QueueOutlet
from chat.wire import codec, events
from chat.wire.announcements import Changes
from chat.wire.codec import Dialect
from chat.wire.codes import ChatError, Code

_SPACE = UUID("00000000-0000-7000-8000-000000000000")


def client_id(text: str) -> str:
    return str(uuid5(_SPACE, text))


class Database:
    """One room's log, by the rules of chat.actions.messages; slow, and sometimes away."""

    epoch = "e1"
    room = 1

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.seq = 0
        self.rows: dict[int, events.Message] = {}
        self._posted: dict[tuple[str, int], int] = {}
        self.away = False
        self.people = 0

    def commit(self, items: list[Item]) -> tuple[list[Outcome], Changes | None]:
        before, changes, outcomes = self.seq, [], []
        for item in items:
            outcome, changed = self._apply(item)
            outcomes.append(outcome)
            changes += [codec.change(changed)] if changed else []
        news = Changes(self.epoch, self.room, before, self.seq, 0, changes) if changes else None
        return outcomes, news

    def _apply(self, item: Item) -> tuple[Outcome, events.Message | None]:
        match item:
            case Post():
                known = self._posted.get((str(item.client_id), item.author))
                if known:
                    return Posted(known), None
                self.seq += 1
                self._posted[str(item.client_id), item.author] = self.seq
                self._put(self.seq, item.author, item.text, str(item.client_id))
                return Posted(self.seq), self.rows[self.seq]
            case Edit() | Delete():
                row, deleting = self.rows.get(item.number), isinstance(item, Delete)
                if row is None or (row.deleted and not deleting):
                    return ChatError(Code.NOT_FOUND), None
                text = "" if isinstance(item, Delete) else item.text
                if row.deleted or row.message == text:
                    return Done(row.seq), None
                self.seq += 1
                self._put(item.number, item.author, text, row.client_id, deleted=deleting)
                return Done(self.seq), self.rows[item.number]

    def _put(self, number: int, author: int, text: str, once: str, *, deleted: bool = False) -> None:
        self.rows[number] = events.Message(
            number, self.seq, events.UserRef(author, f"p{author}"), text, text, "2026-01-01T00:00:00.000Z", once,
            deleted=deleted,
        )  # fmt: skip

    # Reads, by the name of the query

    def read(self, work: Callable[..., Any], *args: Any) -> Any:
        match getattr(work, "func", work):
            case log.changed_since:
                return self._page(lambda row: row.seq, args[2], self.seq, args[3], tombstones=True)
            case log.posted_since:
                return self._page(lambda row: row.id, args[2], args[3], args[4], tombstones=False)
            case rooms.numbers:
                return self.epoch, [Numbers(self.room, self.seq, 0)] if args[0] else []
            case entrance.enter_rich:
                since, epoch = work.args[-2:]
                return self._enter(self._person()), self._missed(
                    since if epoch == f"{self.epoch}.{self.room}" else None
                )
            case entrance.enter_plain:
                return self._enter(None)
            case entrance.make_guest:
                return self._person()
        raise AssertionError(f"{work} is not played here")

    def _page(
        self, key: Callable[[events.Message], int], above: int, upto: int, limit: int, *, tombstones: bool
    ) -> Page:
        span = (row for row in self.rows.values() if above < key(row) <= upto and (tombstones or not row.deleted))
        found = sorted(span, key=key)
        more = len(found) > limit
        return Page(found[:limit], key(found[limit - 1]) if more else self.seq, 0, more)

    def _missed(self, since: int | None) -> CaughtUp:
        if since is not None and since <= self.seq:
            page = self._page(lambda row: row.seq, since, self.seq, 8, tombstones=True)
            if not page.more:
                return CaughtUp(page, complete=True)
        newest = sorted(self.rows.values(), key=lambda row: row.id)[-4:]
        return CaughtUp(Page(newest, self.seq, 0, more=False), complete=False)

    def _enter(self, person: Any) -> Entered:
        room: Any = SimpleNamespace(pk=self.room, last_seq=self.seq, state_seq=0)
        described = events.Room("room", "room", "", "public", ["send"])
        return Entered(person, room, self.epoch, None, described)

    def _person(self) -> Any:
        self.people += 1
        return SimpleNamespace(
            pk=self.people, display_name=f"p{self.people}", is_guest=True, is_active=True, came_from=""
        )


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

    def _announce(self, news: Changes) -> None:
        self.node._committed(news)

    def kill(self) -> None:
        """As kill -9: nothing more happens here, and the sockets are gone."""
        self._runner.alive = False
        for part in (self.node.bus, self.node.hub, self.node.presence):
            for task in part._tasks:
                task.cancel()
        for socket in list(self.sockets):
            socket.lose()
        self.sockets.clear()


class Socket:
    """One connection: the real member and outlet, and the frames that reached the client."""

    def __init__(self, process: Process, dialect: Dialect, hear: Callable[[dict[str, Any]], None]) -> None:
        self._hear = hear
        self._node = process.node
        self.open = True
        process.sockets.append(self)
        outlet = QueueOutlet(self._receive)
        self._outlet = outlet
        self.member = Member(process.node, outlet, dialect, "room", None, None)
        process.node.welcome(self.member)
        self.member.begin()

    async def _receive(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.close":
            self.lose()
        elif self.open:
            self._hear(json.loads(message["text"]))

    def send(self, frame: dict[str, Any]) -> None:
        if not self.open:
            return
        try:
            self.member.take(codec.decode(self.member.dialect, json.dumps(frame)))
        except ChatError as refusal:
            self.member.refuse(refusal, **codec.marks(json.dumps(frame)))

    def lose(self) -> None:
        if self.open:
            self.open = False
            asyncio.get_running_loop().call_soon(self._node.farewell, self.member)
