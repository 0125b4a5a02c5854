"""Who is writing in which room, as this process has told its members. Nothing of it is kept, and none of it matters.

A page shows three names at most, and of a large room a sample is told, as of presence: so what a room costs in a
second grows neither with its size nor with the number of those who write.
"""

from collections.abc import Callable
from time import monotonic

from chat import limits
from chat.realtime.bus import Bus
from chat.realtime.hub import group_of
from chat.realtime.room import LiveRoom
from chat.wire import codec, events
from chat.wire.announcements import Typing

# Frames are not carried evenly: one sent three seconds after another may be heard a little sooner.
_EARLY = 0.9


class Typists:
    def __init__(self, bus: Bus, clock: Callable[[], float] = monotonic) -> None:
        self._bus = bus
        self._clock = clock
        self._told: dict[int, dict[int, float]] = {}  # by room: whom all members were told of, until when that holds

    def write(self, room: LiveRoom, person: int, name: str) -> None:
        """Somebody here is writing: tell everybody in the room but them, as often as is good."""
        if self._tell(room, person, name):
            self._bus.send(group_of(room), Typing(room.pk, person, name, room.newest_state))

    def hear(self, room: LiveRoom, news: Typing) -> None:
        """Another process says so. Whoever left before that is not told."""
        room.learn_state(news.state_seq)
        self._tell(room, news.person, news.name)

    def close(self, room: int) -> None:
        self._told.pop(room, None)

    def _tell(self, room: LiveRoom, person: int, name: str) -> bool:
        now = self._clock()
        told = {key: until for key, until in self._told.get(room.pk, {}).items() if until > now}
        if person in told or len(told) >= _most(len(room.rich)):
            return False
        self._told[room.pk] = {**told, person: now + limits.TYPING_SECONDS * _EARLY}
        room.mention(codec.encode(events.Typing(events.UserRef(person, name))), but=person)
        return True


def _most(members: int) -> int:
    """How many are told of at a time: one more than a page names, and oneself; in a large room fewer."""
    bearable = limits.PRESENCE_FRAMES_PER_SECOND * limits.TYPING_SECONDS / max(members, 1)
    return max(1, min(limits.TYPING_PEOPLE, int(bearable)))
