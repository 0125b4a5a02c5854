"""What has been told about the people of a room, to other processes and to pages, and so what is left to tell.

It is never more than `limits.HERE_PEOPLE` people and a number. Who is named stays named for as long as there is room,
so that a change of a large room is small.
"""

from collections.abc import Iterable
from itertools import chain

from chat import limits
from chat.realtime.people import Named, People, rename
from chat.wire import codec, events
from chat.wire.announcements import HerePerson, Present


class ToProcesses:
    """What this process said to the others about those whom it holds."""

    def __init__(self, people: People, counter: int) -> None:
        self._people = people
        self._counter = counter
        self._named: Named = {}
        self._unnamed = 0

    @property
    def anybody(self) -> bool:
        return bool(self._named)

    def names(self, person: int) -> bool:
        return person in self._named

    def rename(self, person: int, name: str) -> None:
        rename(self._named, person, name)

    def news(self, process: str, room: int, *, whole: bool) -> Present | None:
        """What is to be said now; None where there is nothing new."""
        before, self._named = self._named, self._people.sample_of_held()
        counted, self._unnamed = self._unnamed, self._people.held - len(self._named)
        here = [person for key, person in self._named.items() if whole or before.get(key) != person]
        left = [] if whole else [key for key in before if key not in self._named]
        if not (whole or here or left or counted != self._unnamed):
            return None
        self._counter += 1
        return Present(process, self._counter, room, whole, here, left, self._unnamed)


class ToPages:
    """What the members' pages show. It is the same on all, but for newcomers, who know what the others do not yet."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._everywhere: Named = {}  # shown by all pages
        self._anywhere: set[int] = set()  # shown by some page
        self._counts = {0}  # shown by some page
        self._whole: str | None = None  # of a large room, until the next change is told

    def rename(self, person: int, name: str) -> None:
        rename(self._everywhere, person, name)
        self._whole = None

    def names(self, person: int) -> bool:
        return person in self._anywhere

    def whole(self) -> str:
        """The frame for a newcomer. One of a large room serves all who come before the next change is told."""
        if self._whole is not None:
            return self._whole
        named, count = self._sample(), self._people.count
        self._everywhere = {key: one for key, one in self._everywhere.items() if named.get(key) == one}
        self._anywhere.update(named)
        self._counts.add(count)
        frame = codec.encode(events.Presence(count=count, here=_here(named.values())))
        if count > limits.HERE_PEOPLE:
            self._whole = frame
        return frame

    def change(self) -> str | None:
        """The frame that makes all pages show the same again, as things are now; None where they do."""
        named, count = self._sample(), self._people.count
        shown, self._everywhere, self._whole = self._everywhere, named, None
        joined = [one for key, one in named.items() if key not in shown or one.name != shown[key].name]
        left = [key for key in self._anywhere if key not in named]
        idle = [key for key, one in named.items() if key in shown and one.idle > shown[key].idle]
        active = [key for key, one in named.items() if key in shown and one.idle < shown[key].idle]
        news = joined or left or idle or active or self._counts != {count}
        self._anywhere, self._counts = set(named), {count}
        if not news:
            return None
        return codec.encode(events.Presence(count=count, joined=_here(joined), left=left, idle=idle, active=active))

    def _sample(self) -> Named:
        return self._people.sample(chain(self._everywhere, self._anywhere))


class Pace:
    """When a room's pages may be told again: a few times at once, then once a second; a large room more rarely.

    A bucket of PRESENCE_BURST frames, as a moment to wait for (the generic cell rate algorithm of ITU-T I.371).
    """

    def __init__(self) -> None:
        self.rests_until = 0.0
        self._due = 0.0  # the next frame, had all of them been told at even intervals

    def told(self, now: float, pages: int) -> None:
        self._due = max(self._due, now) + limits.PRESENCE_FRAME_SECONDS
        ahead = (limits.PRESENCE_BURST - 1) * limits.PRESENCE_FRAME_SECONDS
        self.rests_until = max(self._due - ahead, now + pages / limits.PRESENCE_FRAMES_PER_SECOND)


def _here(people: Iterable[HerePerson]) -> list[events.Here]:
    return [events.Here(person.id, person.name, person.idle) for person in people]
