"""Who is in which room, over all processes of the site. No table, no Redis keys: processes tell each other.

Each tells whom it holds: changes at once (those of a quarter of a second in one), the whole set now and then and when
asked, and an empty one when it stops. Each of these has the process's incarnation and a counter, so that what comes
late is known as late. What was not refreshed for a while is forgotten. One person with three tabs is one person.
"""

import asyncio
import random
from collections.abc import Callable, Iterable
from time import monotonic

from chat import limits
from chat.realtime.bus import SITE, Bus
from chat.wire import codec, events
from chat.wire.announcements import AskPresent, Counts, HerePerson, Present

People = dict[int, HerePerson]


class _Held:
    """A person whom this process holds in a room: by which sockets, and which of those are idle."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sockets: dict[object, bool] = {}

    @property
    def idle(self) -> bool:
        return all(self.sockets.values())


class _Elsewhere:
    """What another process said about a room."""

    def __init__(self) -> None:
        self.counter = -1
        self.people: People = {}
        self.heard_at = 0.0


class _Room:
    def __init__(self, group: str, tell: Callable[[str], None]) -> None:
        self.group = group
        self.tell = tell
        self.held: dict[int, _Held] = {}
        self.elsewhere: dict[str, _Elsewhere] = {}
        self.shown: People = {}
        self.given: People = {}  # what newcomers were told of at once, and the others perhaps not yet
        self.said: People = {}
        self.counter = int(monotonic() * 1000)  # a room that is left and entered again goes on above where it was

    def mine(self) -> People:
        return {key: HerePerson(key, held.name, held.idle) for key, held in self.held.items()}

    def all(self) -> People:
        """Everybody; who is held twice is idle only where all say so."""
        people = self.mine()
        for process in self.elsewhere.values():
            for key, person in process.people.items():
                if key not in people or people[key].idle:
                    people[key] = person
        return people


class Presence:
    def __init__(self, process: str, bus: Bus) -> None:
        self._bus = bus
        self._process = process
        self._rooms: dict[int, _Room] = {}
        self._counts: dict[str, tuple[float, dict[int, int]]] = {}
        self._changed: set[int] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._bus.join(SITE)
        every = (
            (limits.PRESENCE_BATCH_SECONDS, self._tell_changes),
            (limits.PRESENCE_WHOLE_SECONDS, self._tell_all),
            (limits.PRESENCE_COUNT_SECONDS, self._tell_counts),
        )
        self._tasks = [asyncio.create_task(_repeat(seconds, job)) for seconds, job in every]

    def stop(self) -> None:
        """Say good-bye for everybody here."""
        for task in self._tasks:
            task.cancel()
        for key, room in self._rooms.items():
            room.held.clear()
            self._say(key, room, whole=True)
        self._bus.send(SITE, Counts(self._process, {}))

    # What happens here

    def open(self, key: int, group: str, tell: Callable[[str], None]) -> None:
        """Begin to follow a room; `tell` sends a frame to its members in the rich dialect."""
        if key not in self._rooms:
            self._rooms[key] = _Room(group, tell)

    def close(self, key: int) -> None:
        self._changed.discard(key)
        room = self._rooms.pop(key, None)
        if room is not None and room.said:
            room.held.clear()
            self._say(key, room, whole=True)

    def ask(self, group: str) -> None:
        """The group was just joined, perhaps again: learn who is there, and tell it who is here."""
        for key, room in self._rooms.items():
            if room.group == group:
                self._bus.send(group, AskPresent(self._process, key))
                if room.held:
                    self._say(key, room, whole=True)

    def arrive(self, key: int, person: int, name: str, socket: object) -> None:
        room = self._rooms[key]
        held = room.held.setdefault(person, _Held(name))
        held.sockets[socket] = False
        self._changed.add(key)

    def leave(self, key: int, person: int, socket: object) -> None:
        room = self._rooms.get(key)
        held = room.held.get(person) if room else None
        if room and held:
            held.sockets.pop(socket, None)
            if not held.sockets:
                del room.held[person]
            self._changed.add(key)

    def idle(self, key: int, person: int, socket: object, idle: bool) -> None:
        held = self._rooms[key].held.get(person)
        if held and socket in held.sockets:
            held.sockets[socket] = idle
            self._changed.add(key)

    def rename(self, person: int, name: str) -> None:
        """Known here at once; the other processes hear of the new name by the same road as this one."""
        frame = codec.encode(events.User(person, name))
        for room in self._rooms.values():
            if person in room.all():
                room.tell(frame)
            if person in room.held:
                room.held[person].name = name
            for people in (room.shown, room.said, *(process.people for process in room.elsewhere.values())):
                if person in people:
                    people[person] = HerePerson(person, name, people[person].idle)

    def whole(self, key: int) -> str:
        """The frame for one who just came."""
        room = self._rooms[key]
        people = room.all()
        room.given.update(people)
        return codec.encode(events.Presence(count=len(people), here=_shown(people.values())))

    def people_in(self, keys: Iterable[int]) -> dict[int, int]:
        """How many people are in each room: exactly where somebody is here, else as the others last said."""
        return {key: len(self._rooms[key].all()) if key in self._rooms else self._counted(key) for key in keys}

    def _counted(self, key: int) -> int:
        fresh = monotonic() - limits.PRESENCE_FORGET_SECONDS
        return sum(people.get(key, 0) for heard_at, people in self._counts.values() if heard_at > fresh)

    # What others say

    def hear(self, news: Present) -> None:
        room = self._rooms.get(news.room)
        if room is None or news.process == self._process:
            return
        process = room.elsewhere.setdefault(news.process, _Elsewhere())
        if news.counter <= process.counter:
            return
        if not news.whole and news.counter != process.counter + 1:
            self._bus.send(room.group, AskPresent(self._process, news.room))  # one was lost: have the whole again
        process.counter, process.heard_at = news.counter, monotonic()
        if news.whole:
            process.people = {}
        process.people.update({person.id: person for person in news.here})
        for key in news.left:
            process.people.pop(key, None)
        self._changed.add(news.room)

    def asked(self, news: AskPresent) -> None:
        room = self._rooms.get(news.room)
        if room is not None and news.process != self._process and room.held:
            delay = random.uniform(0, limits.PRESENCE_BATCH_SECONDS)  # noqa: S311 - so that not all answer at once
            asyncio.get_running_loop().call_later(delay, self._answer, news.room)

    def counted(self, news: Counts) -> None:
        if news.process != self._process:
            self._counts[news.process] = monotonic(), news.people

    def _answer(self, key: int) -> None:
        room = self._rooms.get(key)
        if room is not None:
            self._say(key, room, whole=True)

    # What is told

    def _tell_changes(self) -> None:
        changed, self._changed = self._changed, set()
        for key in changed:
            room = self._rooms.get(key)
            if room is not None:
                self._say(key, room, whole=False)
                self._show(room)

    def _tell_all(self) -> None:
        forgotten = monotonic() - limits.PRESENCE_FORGET_SECONDS
        for key, room in self._rooms.items():
            room.elsewhere = {name: one for name, one in room.elsewhere.items() if one.heard_at > forgotten}
            self._say(key, room, whole=True)
            self._show(room)

    def _tell_counts(self) -> None:
        forgotten = monotonic() - limits.PRESENCE_FORGET_SECONDS
        self._counts = {name: said for name, said in self._counts.items() if said[0] > forgotten}
        people = {key: len(room.held) for key, room in self._rooms.items() if room.held}
        self._bus.send(SITE, Counts(self._process, people))

    def _say(self, key: int, room: _Room, *, whole: bool) -> None:
        mine = room.mine()
        here = [person for person in mine.values() if whole or room.said.get(person.id) != person]
        left = [] if whole else [person for person in room.said if person not in mine]
        if here or left or whole:
            room.counter += 1
            room.said = mine
            self._bus.send(room.group, Present(self._process, room.counter, key, whole, here, left))

    def _show(self, room: _Room) -> None:
        people, told = room.all(), (room.shown, room.given)
        joined = [person for key, person in people.items() if key not in room.shown]
        left = [key for key in room.shown | room.given if key not in people]
        stayed = [(person, before[key]) for key, person in people.items() for before in told if key in before]
        idle = list({person.id for person, before in stayed if person.idle and not before.idle})
        active = list({person.id for person, before in stayed if before.idle and not person.idle})
        room.shown, room.given = people, {}
        if joined or left or idle or active:
            room.tell(
                codec.encode(
                    events.Presence(count=len(people), joined=_shown(joined), left=left, idle=idle, active=active)
                )
            )


def _shown(people: Iterable[HerePerson]) -> list[events.Here]:
    return [events.Here(person.id, person.name, person.idle) for person in people][: limits.HERE_PEOPLE]


async def _repeat(seconds: float, job: Callable[[], None]) -> None:
    while True:
        await asyncio.sleep(seconds)
        job()
