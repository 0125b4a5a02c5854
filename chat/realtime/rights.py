"""Asks again for those who are in a room, when the room itself or rights in it have changed."""

import sys
from collections.abc import Iterable
from itertools import islice
from typing import Protocol

import msgspec

from chat import limits
from chat.queries import rooms
from chat.queries.rooms import Place
from chat.realtime.database import Runner
from chat.realtime.frames import Frames
from chat.wire import codec, events
from chat.wire.codes import Close

_told = msgspec.json.Decoder(events.RoomChanged)


class Insider(Protocol):
    """A socket in the room, as its rights see it.

    `asked_at` is the number of the room's state in which they were asked for, `told` the frame that says what this
    socket knows of the room; empty where it is not told such things.
    """

    asked_at: int
    told: str

    @property
    def person(self) -> int | None:
        """None: a guest without a row."""

    def put_all(self, frames: Frames) -> None: ...

    def send_away(self, code: Close) -> None: ...


async def ask_again(readers: Runner, room: int, insiders: Iterable[Insider], state_seq: int) -> None:
    """Send away who may be here no longer, and tell the others what is new to them.

    The answers are at least as new as `state_seq`. Who became somebody else while they were on their way is left as
    it was, to be asked once more. Raises ChatError(unavailable).
    """
    asked = {insider: insider.person for insider in insiders}
    places = await _places(readers, room, set(asked.values()))
    frames: dict[int, Frames] = {}  # by the object that is told of: it is the same for all who see the same
    for insider, person in asked.items():
        if insider.person != person:
            continue
        insider.asked_at = state_seq
        close, described = places[person].close, places[person].described
        if close is not None:
            insider.send_away(close)
        elif insider.told and described is not None:
            if id(described) not in frames:
                frames[id(described)] = Frames(frame(described))
            _tell(insider, frames[id(described)])


def frame(room: events.Room) -> str:
    """The frame that tells of a room; all who know the same of it keep the same string."""
    return sys.intern(codec.encode(events.RoomChanged(room)))


def may(told: str, right: str) -> bool:
    """Whether one who was told this of a room has that right in it."""
    return right in _told.decode(told).room.may


async def _places(readers: Runner, room: int, people: set[int | None]) -> dict[int | None, Place]:
    places: dict[int | None, Place] = {}
    rest = iter(people)
    while some := list(islice(rest, limits.ASKED_PEOPLE)):
        places |= await readers.run(rooms.standing, room, some)
    return places


def _tell(insider: Insider, frames: Frames) -> None:
    [text] = frames.texts
    if insider.told != text:
        insider.told = text
        insider.put_all(frames)
