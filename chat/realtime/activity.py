"""Who is active: in some tab of theirs, in whatever room, on whatever device and process. Everybody else is idle.

Whoever becomes idle in all tabs of this process is asked for, at once and then in each round. Another process that
holds them says how they are, and again when that changes. What is not said again in some rounds is forgotten, so it
heals whatever dies. Who is not named to anybody is not asked for: so of a large room no more than a sample travels, as
of presence. Of most signs of life the others hear nothing.
"""

from collections.abc import Collection, Iterable
from typing import Protocol

from chat.realtime.bus import SITE, Bus
from chat.wire.announcements import Active, AskActive


class Place(Protocol):
    """A room as this process holds it."""

    def holds(self, person: int) -> bool: ...

    def is_active(self, person: int) -> bool:
        """Whether one of their tabs here is."""

    def names(self, person: int) -> bool:
        """Whether pages or other processes know them by name."""

    def change(self) -> None:
        """Something about its people is not what was told."""


_ANSWER_ROUNDS = 2  # for which an answer holds; that of one round may be lost
_QUESTION_ROUNDS = 4  # for which a question does, longer than any answer to it


class Activity:
    def __init__(self, process: str, bus: Bus) -> None:
        self._process = process
        self._bus = bus
        self._places: dict[int, list[Place]] = {}  # by person: those that hold them
        self._noted: set[int] = set()  # people whose tabs changed, in whatever way
        self._asked: set[int] = set()  # idle here, and asked for just now
        self._idle: set[int] = set()  # idle here; whoever is active elsewhere has had the time to say so
        self._elsewhere: dict[int, dict[str, int]] = {}  # of people here: where they are active, said in which round
        self._wanted: dict[int, int] = {}  # people for whom others asked, in which round of ours
        self._said_active: set[int] = set()  # of these, who is active here as the others were told
        self._round = 0

    def note(self, person: int, place: Place) -> None:
        """Tabs of somebody came to this place, or left it, or are used again, or no more."""
        places = [known for known in self._places.pop(person, ()) if known is not place]
        if place.holds(person):
            places.append(place)
        if places:
            self._places[person] = places
        else:
            self._elsewhere.pop(person, None)
        if not self._is_idle_here(person):
            self._asked.discard(person)
            self._idle.discard(person)
        self._noted.add(person)
        place.change()
        self._stir([person])

    def is_idle(self, person: int) -> bool:
        """Whether somebody who is held here is so."""
        return person in self._idle and person not in self._elsewhere

    def _is_active_here(self, person: int) -> bool:
        return any(place.is_active(person) for place in self._places.get(person, ()))

    def _is_idle_here(self, person: int) -> bool:
        return person in self._places and not self._is_active_here(person)

    def _stir(self, people: Iterable[int]) -> None:
        for person in people:
            for place in self._places.get(person, ()):
                place.change()

    # What is told

    def settle(self) -> None:
        """Those who were asked for the last time are idle, unless another process has said otherwise."""
        self._idle |= self._asked
        self._stir(self._asked)
        self._asked = set()

    def tell_changes(self) -> None:
        noted, self._noted = self._noted, set()
        self._asked = {person for person in noted - self._idle if self._is_idle_here(person)}
        self._ask(self._asked)
        wanted = noted & self._wanted.keys()
        self._answer({person for person in wanted if self._is_active_here(person) != (person in self._said_active)})

    def ask_all(self) -> None:
        """One round: forget what was not said again, and ask for everybody who is idle here."""
        self._round += 1
        self._wanted = {key: said for key, said in self._wanted.items() if said >= self._round - _QUESTION_ROUNDS}
        self._said_active &= self._wanted.keys()
        for person, processes in list(self._elsewhere.items()):
            for process in [name for name, said in processes.items() if said < self._round - _ANSWER_ROUNDS]:
                self._is_not_active(person, process)
        self._ask(self._idle)

    def stop(self) -> None:
        """Nobody is here any more."""
        self._places.clear()
        self._idle.clear()
        self._answer(self._wanted.keys())

    def _ask(self, people: Iterable[int]) -> None:
        named = [person for person in people if any(place.names(person) for place in self._places[person])]
        if named:
            self._bus.send(SITE, AskActive(self._process, named))

    def _answer(self, people: Collection[int]) -> None:
        if people:
            active = {person for person in people if self._is_active_here(person)}
            idle = {*people} - active
            self._said_active = (self._said_active | active) - idle
            self._bus.send(SITE, Active(self._process, [*active], [*idle]))

    # What others say

    def asked(self, news: AskActive) -> None:
        if news.process != self._process:
            self._wanted.update(dict.fromkeys(news.people, self._round))
            self._answer([person for person in news.people if person in self._places])

    def hear(self, news: Active) -> None:
        if news.process == self._process:
            return
        for person in news.active:
            if person in self._places:
                self._is_active(person, news.process)
        for person in news.idle:
            self._is_not_active(person, news.process)

    def _is_active(self, person: int, process: str) -> None:
        if person not in self._elsewhere:
            self._stir([person])
        self._elsewhere.setdefault(person, {})[process] = self._round

    def _is_not_active(self, person: int, process: str) -> None:
        processes = self._elsewhere.get(person, {})
        if processes.pop(process, None) is not None and not processes:
            del self._elsewhere[person]
            self._stir([person])
