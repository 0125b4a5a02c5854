"""The people of one room as this process knows them: whom it holds, and whom the others say they hold.

A process names at most `limits.HERE_PEOPLE` of its people to the others and counts the rest. So everybody in a small
room is known by name in every process; of a large one, the number and a sample.
"""

from collections.abc import Callable, Collection, Iterable
from itertools import chain

from chat import limits
from chat.wire.announcements import HerePerson

Named = dict[int, HerePerson]


class _Held:
    """A person whom this process holds: by which sockets, and which of those are idle."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sockets: dict[object, bool] = {}


class Elsewhere:
    """What another process said, and how many more people it has than it named."""

    def __init__(self) -> None:
        self.counter = -1
        self.named: Named = {}
        self.unnamed = 0
        self.heard_at = 0.0


class People:
    def __init__(self, is_idle: Callable[[int], bool]) -> None:
        """`is_idle` tells of one who is held whether they are so in all rooms."""
        self.elsewhere: dict[str, Elsewhere] = {}
        self._is_idle = is_idle
        self._held: dict[int, _Held] = {}

    def arrive(self, person: int, name: str, socket: object) -> None:
        self._held.setdefault(person, _Held(name)).sockets[socket] = False

    def leave(self, person: int, socket: object) -> None:
        held = self._held.get(person)
        if held:
            held.sockets.pop(socket, None)
            if not held.sockets:
                del self._held[person]

    def idle(self, person: int, socket: object, idle: bool) -> None:
        held = self._held.get(person)
        if held and socket in held.sockets:
            held.sockets[socket] = idle

    def rename(self, person: int, name: str) -> None:
        if person in self._held:
            self._held[person].name = name
        for process in self.elsewhere.values():
            rename(process.named, person, name)

    def let_go(self) -> Collection[int]:
        """This process holds nobody any more; whom it held."""
        held, self._held = self._held, {}
        return held.keys()

    def forget(self, before: float) -> bool:
        """Of a process that has not been heard since then, nothing is known any more. Whether there was one."""
        silent = [name for name, process in self.elsewhere.items() if process.heard_at <= before]
        for name in silent:
            del self.elsewhere[name]
        return bool(silent)

    @property
    def held(self) -> int:
        return len(self._held)

    def holds(self, person: int) -> bool:
        return person in self._held

    def is_active(self, person: int) -> bool:
        """Whether one of the tabs is that this process holds in this room."""
        held = self._held.get(person)
        return held is not None and not all(held.sockets.values())

    @property
    def count(self) -> int:
        """How many are here, each counted once; only one who has tabs in several processes may count more than once,
        where a process with more people than it names does not name them."""
        named = set(self._held).union(*(process.named for process in self.elsewhere.values()))
        return len(named) + sum(process.unnamed for process in self.elsewhere.values())

    def find(self, person: int) -> HerePerson | None:
        """One who is known by name. Of one who is held here, this process knows best whether they are idle."""
        if held := self._find_held(person):
            return held
        said = (process.named.get(person) for process in self.elsewhere.values())
        return min((one for one in said if one), key=lambda one: one.idle, default=None)

    def sample(self, first: Iterable[int]) -> Named:
        """Everybody, or as many as a frame may name; of `first` those who are still here, before others."""
        others = (process.named for process in self.elsewhere.values())
        return _sample(self.find, chain(first, self._held, *others))

    def sample_of_held(self) -> Named:
        """The same of those whom this process holds: the ones who have been here longest."""
        return _sample(self._find_held, self._held)

    def _find_held(self, person: int) -> HerePerson | None:
        held = self._held.get(person)
        return HerePerson(person, held.name, self._is_idle(person)) if held else None


def rename(named: Named, person: int, name: str) -> None:
    if person in named:
        named[person] = HerePerson(person, name, named[person].idle)


def _sample(find: Callable[[int], HerePerson | None], people: Iterable[int]) -> Named:
    named: Named = {}
    for person in people:
        if len(named) == limits.HERE_PEOPLE:
            break
        if person not in named and (found := find(person)):
            named[person] = found
    return named
