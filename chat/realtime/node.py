"""This process as one node of the site: puts bus, hub, presence and writer together, starts and stops them."""

import asyncio
import random
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from typing import Any, Protocol

from chat import limits
from chat.actions import announce, messages
from chat.actions.messages import Item, Outcome
from chat.queries import presence as counts
from chat.queries.standings import PersonRow
from chat.rates import Buckets, Count
from chat.realtime.accounts import Accounts, Holder
from chat.realtime.bus import SITE, Bus, configured_layer
from chat.realtime.database import Runner, Threads, Transactions
from chat.realtime.entrance import Entered
from chat.realtime.frames import Frames
from chat.realtime.hub import Hub, group_of, group_of_changes
from chat.realtime.lists import Lists, Socket
from chat.realtime.presence import Presence
from chat.realtime.reads import Reads
from chat.realtime.room import Listener, LiveRoom
from chat.realtime.turn import Turn
from chat.realtime.typists import Typists
from chat.realtime.writer import Writer
from chat.vitals import Gauges, vitals
from chat.wire import codec, events
from chat.wire.announcements import (
    Account,
    Active,
    AnyNews,
    AskActive,
    AskPresent,
    Changes,
    Counts,
    Listed,
    Present,
    Read,
    Typing,
)
from chat.wire.codec import Dialect
from chat.wire.codes import Close


class Occupant(Listener, Holder, Socket, Protocol):
    """A socket as its process sees it: counted, and sent away when the process stops."""

    address: str | None  # None where it is not known, or not counted
    counted_for: int | None  # the person whose sockets this one is among

    @property
    def unread(self) -> int:
        """Bytes of ours that the client has not taken."""

    def dismiss(self, notice: str, code: Close) -> None: ...

    def gone(self) -> None: ...


_nodes: dict[asyncio.AbstractEventLoop, "Node"] = {}


def current() -> "Node":
    """The node of this event loop, started at the first call."""
    loop = asyncio.get_running_loop()
    if loop not in _nodes:
        _nodes[loop] = Node(Threads("reader", limits.READ_THREADS), Threads("writer", 1), configured_layer)
        _nodes[loop].start()
    return _nodes[loop]


def present() -> "Node | None":
    """The node of this event loop, if there is one."""
    return _nodes.get(asyncio.get_running_loop())


async def stop() -> None:
    """Stop the node of this event loop, if there is one."""
    node = present()
    if node is not None:
        await node.stop()
        del _nodes[asyncio.get_running_loop()]


class Node:
    def __init__(self, readers: Runner, transactions: Transactions, make_layer: Callable[[], Any]) -> None:
        """`transactions` runs one at a time; `make_layer` is called again when a layer has failed."""
        self.readers = readers
        self._transactions = transactions
        self.writer = Writer(self._transact)
        process = secrets.token_hex(6)  # this incarnation's name among the others
        self.bus = Bus(process, make_layer, self._hear, self._joined)
        self.hub = Hub(self.bus, self.readers, self._room_closed)
        self.presence = Presence(process, self.bus)
        self.typists = Typists(self.bus)
        self.reads = Reads(self.readers)
        self.lists = Lists(self.readers)
        self.members: set[Occupant] = set()
        self.accounts = Accounts(self.readers, self.members, self.presence.rename)
        self.message_rates = Buckets(limits.MESSAGE_BURST, limits.MESSAGES_PER_SECOND)
        self._sockets_of_address = Count(limits.SOCKETS_PER_ADDRESS)
        self._sockets_of_person = Count(limits.SOCKETS_PER_PERSON)
        self._fresh: deque[tuple[float, Sequence[AnyNews]]] = deque()  # committed here (when), and not told yet
        self._sources = (f"{process}.{number}" for number in count())
        self._turn = Turn.of_this_loop()
        self._nobody = asyncio.Event()
        self.stopping = False

    @property
    def layer_up(self) -> bool:
        return self.bus.is_up

    def start(self) -> None:
        loop = asyncio.get_running_loop()

        def committed(news: Sequence[AnyNews]) -> None:
            self._fresh.append((time.monotonic(), news))
            if not self._transactions.run_the_caller:
                loop.call_soon_threadsafe(self._tell_fresh)

        # Not before the next transaction has begun, and right before the outcomes: message and ack leave in one write.
        self.writer.when_done = self._turn.more_came
        self._transactions.when_done = partial(loop.call_soon, self._tell_fresh)
        announce.register(committed)
        counts.register(self.presence.people_in)
        self.bus.start()
        self.hub.start()
        self.accounts.start()
        self.presence.start()
        self.lists.start()

    async def stop(self) -> None:
        """Tell the sockets to come back, commit what they say until they go, and end within a few seconds."""
        self.stopping = True
        await self._dismiss()
        await self.writer.stop()
        await self.reads.stop()
        self._turn.flush()
        self.lists.stop()
        self.presence.stop()
        self.accounts.stop()
        self.hub.stop()
        await self.bus.stop()
        announce.register(None)
        counts.register(None)
        self._transactions.stop()
        self.readers.stop()

    def gauges(self) -> Gauges:
        return Gauges(
            sockets=len(self.members),
            rooms=len(self.hub.rooms),
            unread_bytes=sum(member.unread for member in self.members),
            waiting_changes=self.writer.waiting,
            layer_up=self.bus.is_up,
            layer_dropped=self.bus.dropped,
            layer_not_understood=self.bus.not_understood,
            layer_rebuilt=self.bus.rebuilt,
            stopping=self.stopping,
        )

    async def _dismiss(self) -> None:
        """Close all sockets over a second or two, so that they do not all come back in one moment."""
        members = list(self.members)
        random.shuffle(members)
        pause = limits.CLOSING_SECONDS / max(len(members), 20)
        for member in members:
            retry_after = round(random.uniform(0, 0.5), 2)  # noqa: S311 - spreads load, keeps no secret
            member.dismiss(codec.encode(events.Notice("server_restart", retry_after)), Close.RESTARTING)
            await asyncio.sleep(pause)
        if self.members:
            self._nobody.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._nobody.wait(), limits.CLOSE_SECONDS)

    async def _transact(self, items: Sequence[Item]) -> Sequence[Outcome]:
        return await self._transactions.run(messages.commit, items)

    # Members come and go

    def welcome(self, member: Occupant) -> None:
        """A socket was accepted; a process that stops sends it to another one."""
        self.members.add(member)
        if self.stopping:
            member.close(Close.RESTARTING)
        elif not self._sockets_of_address.add(member.address):
            member.close(Close.FLOOD)
            member.address = None  # it was not counted

    def farewell(self, member: Occupant) -> None:
        self.members.discard(member)
        self._sockets_of_address.remove(member.address)
        self._sockets_of_person.remove(member.counted_for)
        if not self.members:
            self._nobody.set()
        member.gone()

    def entering(self, entered: Entered, member: Occupant) -> LiveRoom:
        """From here on the member is among those for whom is asked again when rights change."""
        room = self.hub.open(entered.numbers, entered.epoch)
        room.hold(member)
        self.accounts.entering(member)
        self.presence.open(room.pk, group_of(room), lambda frame: _tell_rich(room, frame))
        return room

    def arrived(self, room: LiveRoom, member: Occupant, user: PersonRow | None) -> None:
        """Somebody who is known takes part; a person with too many sockets already gets no further one."""
        if self.hub.rooms.get(room.pk) is not room:
            member.close(Close.RESTARTING)  # a restore has closed the room while they entered
            return
        if user is None:
            return
        if member.counted_for is None:
            if not self._sockets_of_person.add(user.pk):
                member.close(Close.FLOOD)
                return
            member.counted_for = user.pk
        self.presence.arrive(room.pk, user.pk, user.display_name, member)
        if member.dialect is Dialect.RICH:
            self.lists.arrive(user.pk, room.pk, member)

    def read(self, room: LiveRoom, member: Occupant, user: PersonRow, number: int, *, back: bool) -> None:
        member.source = member.source or next(self._sources)
        move = self.reads.back if back else self.reads.forward
        move(room.pk, user.pk, number, member.source)

    def idle(self, room: LiveRoom | None, member: Occupant, user: PersonRow | None, idle: bool) -> None:
        if room is not None and user is not None:
            self.presence.idle(room.pk, user.pk, member, idle)

    def write(self, room: LiveRoom | None, user: PersonRow | None) -> None:
        if room is not None and user is not None:
            self.typists.write(room, user.pk, user.display_name)

    def left(self, room: LiveRoom, member: Occupant, user: PersonRow | None) -> None:
        room.leave(member)
        if user is not None:
            self.presence.leave(room.pk, user.pk, member)
            self.lists.leave(user.pk, member)
        self.hub.close_if_empty(room)

    def _room_closed(self, room: LiveRoom) -> None:
        self.presence.close(room.pk)
        self.typists.close(room.pk)

    # News

    def _tell_fresh(self) -> None:
        while self._fresh:
            committed_at, news = self._fresh.popleft()
            self._committed(news)
            self._turn.afterwards(partial(_written, committed_at))

    def _committed(self, news: Sequence[AnyNews]) -> None:
        """What this process has written: told here first, and then to the others, in as few words as here."""
        for each in news:
            self._hear(each)
            if isinstance(each, Changes) and self._is_followed(each.room):
                self._turn.wait()
        self._turn.afterwards(partial(self._announce, news))

    def _is_followed(self, number: int) -> bool:
        """Whether more of a large room is being saved."""
        room = self.hub.rooms.get(number)
        return room is not None and room.size >= limits.JOINING_SOCKETS and self.writer.is_changing(number)

    def _announce(self, news: Sequence[AnyNews]) -> None:
        for each in news:
            self.bus.send(group_of_changes(each) if isinstance(each, Changes) else SITE, each)

    def _hear(self, news: AnyNews) -> None:
        match news:
            case Changes():
                self.hub.hear(news)
                self.lists.stir(news.room, news.upto)
            case Present():
                self.presence.hear(news)
            case AskPresent():
                self.presence.asked(news)
            case Counts():
                self.presence.counted(news)
            case AskActive():
                self.presence.activity.asked(news)
            case Active():
                self.presence.activity.hear(news)
            case Typing():
                if room := self.hub.rooms.get(news.room):
                    self.typists.hear(room, news)
            case Account():
                self.accounts.happened(news)
            case Read():
                self.lists.read(news)
            case Listed():
                self.lists.listed(news.person)

    def _joined(self, group: str) -> None:
        self.presence.ask(group)


def _written(committed_at: float) -> None:
    """What was told is with the kernel now."""
    vitals.commit_to_socket.observe(time.monotonic() - committed_at)


def _tell_rich(room: LiveRoom, frame: str) -> int:
    frames = Frames(frame)
    for member in room.rich:
        member.put_all(frames)
    return len(room.rich)
