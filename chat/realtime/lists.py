"""What is unread in the rooms that people have in their lists, told to their sockets in other rooms.

All that changed within a quarter of a second is counted together, whoever and whatever room it is about; about one
room a person is told once a second at most. So what is said in a room costs nothing here, however many have it in
their lists. Each count asks for the right in its own statement: who may not see a room any more hears nothing of it.

That something was said is heard from this process, and of rooms whose news do not come here it is seen in their
numbers, which the database is asked for once a second. No group of the channel layer is joined for a list: that would
carry every message of every room to every process, for the sake of a number.
"""

import asyncio
import logging
from collections.abc import Collection
from itertools import islice
from typing import Protocol

from msgspec import UNSET

from chat import limits
from chat.queries import unread
from chat.queries.unread import Listed, Pair, Unread
from chat.realtime.database import Runner
from chat.realtime.frames import Frames
from chat.wire import codec, events
from chat.wire.announcements import Read
from chat.wire.codes import ChatError

logger = logging.getLogger(__name__)


class Socket(Protocol):
    """`source` is its name among all sockets of the site, once it has told how far its person has read."""

    source: str

    def put_all(self, frames: Frames) -> None: ...


class _Told:
    """What a person knows of one room."""

    __slots__ = ("at", "read", "said")

    def __init__(self) -> None:
        self.read: int | None = None  # up to which number; None: everything is to be told
        self.said: events.Unread | None = None
        self.at = float("-inf")


class _Person:
    __slots__ = ("followed", "rooms", "sockets")

    def __init__(self) -> None:
        self.sockets: dict[Socket, int] = {}  # and the room that each is in
        self.rooms: dict[int, _Told] = {}  # this person's own
        self.followed: frozenset[int] = frozenset()  # those of them that a socket hears of from here

    @property
    def elsewhere(self) -> frozenset[int]:
        """The rooms that some socket of this person is not in."""
        present = set(self.sockets.values())
        return frozenset(self.rooms) - present if len(present) < 2 else frozenset(self.rooms)


class Lists:
    def __init__(self, readers: Runner) -> None:
        self._readers = readers
        self._people: dict[int, _Person] = {}
        self._unlearned: set[int] = set()  # people whose rooms are to be read
        self._followers: dict[int, set[int]] = {}  # by room
        self._stands: dict[int, int] = {}  # of the rooms that somebody follows
        self._stirred: set[int] = set()  # rooms in which something happened
        self._dirty: dict[Pair, None] = {}  # in the order in which they became so
        self._look_at_numbers_at = 0.0
        self._learn_anew_at = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._learn_anew_at = asyncio.get_running_loop().time() + limits.LIST_SECONDS
        self._tasks = [asyncio.create_task(self._watch())]

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    # What happens

    def arrive(self, person: int, room: int, socket: Socket) -> None:
        """A socket is in a room, perhaps again: it will be told of all other rooms of its person."""
        one = self._people.setdefault(person, _Person())
        one.sockets[socket] = room
        one.rooms = {}
        self._unlearned.add(person)

    def leave(self, person: int, socket: Socket) -> None:
        one = self._people.get(person)
        if one is None or one.sockets.pop(socket, None) is None:
            return
        self._follow(person, one)
        if not one.sockets:
            del self._people[person]

    def listed(self, person: int) -> None:
        """Another room is among this person's own."""
        if person in self._people:
            self._unlearned.add(person)

    def stir(self, room: int, seq: int) -> None:
        """Something was said, or changed, and its number is `seq`."""
        if room in self._stands:
            self._stands[room] = max(self._stands[room], seq)
            self._stirred.add(room)

    def read(self, news: Read) -> None:
        """Tell it to the person's other sockets in that room, and see to the count of those elsewhere."""
        one = self._people.get(news.person)
        if one is None:
            return
        if known := one.rooms.get(news.room):
            known.read = news.number
        if news.room in one.followed:
            self._dirty[news.person, news.room] = None
        self._tell_read(one, news.room, events.Read(news.number, news.back or UNSET), news.source)

    def _follow(self, person: int, one: _Person) -> None:
        elsewhere = one.elsewhere if one.sockets else frozenset()
        for room in one.followed - elsewhere:
            self._followers[room].discard(person)
            if not self._followers[room]:
                del self._followers[room], self._stands[room]
        for room in elsewhere - one.followed:
            self._followers.setdefault(room, set()).add(person)
        one.followed = elsewhere

    # Looking

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(limits.UNREAD_BATCH_SECONDS)
            try:
                await self._look(asyncio.get_running_loop().time())
            except ChatError:
                pass  # the hub's own look has said that the database is away
            except Exception:
                logger.exception("a look at what is unread failed")

    async def _look(self, now: float) -> None:
        if now >= self._learn_anew_at:  # whatever word of a change was lost
            self._learn_anew_at = now + limits.LIST_SECONDS
            self._unlearned.update(self._people)
        if self._unlearned:
            await self._learn()
        if self._stands and now >= self._look_at_numbers_at:
            self._look_at_numbers_at = now + limits.POLL_SECONDS
            for room, seq in (await self._readers.run(unread.moved, dict(self._stands))).items():
                self.stir(room, seq)
        self._doubt_stirred()
        if due := self._due(now):
            await self._count(due, now)

    async def _learn(self) -> None:
        asked = list(islice(self._unlearned, limits.ASKED_PEOPLE))
        self._unlearned.difference_update(asked)
        try:
            rows = await self._readers.run(unread.lists, asked)
        except ChatError:
            self._unlearned.update(asked)
            raise
        found: dict[int, list[Listed]] = {person: [] for person in asked}
        for row in rows:
            found[row.person].append(row)
        for person, own in found.items():
            if one := self._people.get(person):
                self._take_list(person, one, own)

    def _take_list(self, person: int, one: _Person, own: Collection[Listed]) -> None:
        one.rooms = {row.room: one.rooms.get(row.room) or _Told() for row in own}
        self._follow(person, one)
        for row in own:
            known = one.rooms[row.room]
            if row.room in one.followed:
                self._stands[row.room] = min(self._stands.get(row.room, row.last_seq), row.last_seq)
                if known.read != row.read:
                    self._dirty[person, row.room] = None
            if known.read not in (None, row.read):  # the word of it was lost
                self._tell_read(one, row.room, events.Read(row.read, back=True))
            known.read = row.read

    def _doubt_stirred(self) -> None:
        stirred, self._stirred = self._stirred, set()
        for room in stirred:
            self._dirty.update(dict.fromkeys((person, room) for person in self._followers.get(room, ())))

    def _due(self, now: float) -> list[Pair]:
        """Of what is dirty that which may be told by now, taken out; and what nobody follows any more."""
        due: list[Pair] = []
        for pair in list(self._dirty):
            person, room = pair
            one = self._people.get(person)
            told = one.rooms.get(room) if one and room in one.followed else None
            if told is None:
                del self._dirty[pair]
            elif now - told.at >= limits.UNREAD_SECONDS and len(due) < limits.UNREAD_PAIRS:
                del self._dirty[pair]
                due.append(pair)
        return due

    async def _count(self, due: Collection[Pair], now: float) -> None:
        try:
            found = await self._readers.run(unread.counts, due)
        except ChatError:
            self._dirty |= dict.fromkeys(due)
            raise
        for person, room in due:
            one = self._people.get(person)
            if one and room in one.followed:
                self._tell(person, one, room, found.get((person, room)), now)

    def _tell_read(self, one: _Person, room: int, event: events.Read, source: str = "") -> None:
        frames = Frames(codec.encode(event))
        for socket, present in one.sockets.items():
            if present == room and not (source and socket.source == source):
                socket.put_all(frames)

    def _tell(self, person: int, one: _Person, room: int, count: Unread | None, now: float) -> None:
        told = one.rooms.get(room)
        if told is None:
            return  # someone came meanwhile: all is told anew
        if count is None:  # it is this person's no longer
            del one.rooms[room]
            self._follow(person, one)
            return
        said = events.Unread(count.slug, count.unread, count.mentions)
        if said == told.said:
            return
        told.said, told.at = said, now
        frames = Frames(codec.encode(said))
        for socket, present in one.sockets.items():
            if present != room:
                socket.put_all(frames)
