"""What processes of one site tell each other through the channel layer, as msgpack.

A process of another version may send types or fields that are new: unknown fields are skipped, unknown types are
reported by `decode` as None. Nothing here is trusted to arrive, to arrive once or to arrive in order.
"""

from __future__ import annotations

from enum import StrEnum
from typing import cast

import msgspec


class Change(msgspec.Struct, frozen=True, array_like=True):
    """One change of a room, ready to send; `is_new`: a message that has not changed since."""

    seq: int
    rich: str
    is_new: bool = False


class News(msgspec.Struct, frozen=True, tag_field="t"):
    """One thing that a process tells the others."""


class Changes(News, tag="changes", frozen=True):
    """All changes of a room with `after` < seq <= `upto`, in order; `state_seq` is the room's own last change."""

    epoch: str
    room: int
    after: int
    upto: int
    state_seq: int
    changes: list[Change]


class AccountChange(StrEnum):
    """What may happen to a person as a whole, and what it asks of sockets that are open.

    `logged_out`: those of the session `tie` end (4401). `logged_out_everywhere`, `password_changed`: all of the
    person's but those of the session `tie` end (4401). `deactivated`, `deleted`: all of them end (4403).
    `rights_changed`: their rights in their rooms are asked for again. `renamed`: they go on.
    """

    LOGGED_OUT = "logged_out"
    LOGGED_OUT_EVERYWHERE = "logged_out_everywhere"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
    DEACTIVATED = "deactivated"
    DELETED = "deleted"
    RIGHTS_CHANGED = "rights_changed"
    RENAMED = "renamed"


class Account(News, tag="account", frozen=True):
    """Something happened to a person. `person` is None where only a session without a person ended.

    `change` is an AccountChange, or one that is new to this version. `name` is the person's from now on, empty for one
    whose account was deleted.
    """

    change: str
    person: int | None
    tie: str = ""
    name: str = ""


class HerePerson(msgspec.Struct, frozen=True, array_like=True):
    id: int
    name: str
    idle: bool


class Present(News, tag="present", frozen=True):
    """Whom one process holds in a room: a change, or with `whole` all of them.

    `process` is new at each start, `counter` rises by one with each of these for this room. `here` and `left` speak of
    those only whom the process names: of a large room a sample. `unnamed` is how many more it holds.
    """

    process: str
    counter: int
    room: int
    whole: bool
    here: list[HerePerson]
    left: list[int]
    unnamed: int = 0


class AskPresent(News, tag="ask", frozen=True):
    process: str
    room: int


class Counts(News, tag="counts", frozen=True):
    """How many people one process holds in each of its rooms."""

    process: str
    people: dict[int, int]


class AskActive(News, tag="ask_active", frozen=True):
    """Which people are idle in all their tabs on one process, which wants to know whether they are so elsewhere."""

    process: str
    people: list[int]


class Active(News, tag="active", frozen=True):
    """Of people for whom somebody asked: who is active on one process, and who is idle there or not there at all."""

    process: str
    active: list[int]
    idle: list[int]


class Typing(News, tag="typing", frozen=True):
    """Somebody whom a process holds is writing. `state_seq` is the newest state of the room that it knows of."""

    room: int
    person: int
    name: str
    state_seq: int


class Read(News, tag="read", frozen=True):
    """A person has read a room up to `number`; with `back` that is less than before.

    `source` is the socket that told so, by a name that no other has.
    """

    room: int
    person: int
    number: int
    back: bool
    source: str


class Listed(News, tag="listed", frozen=True):
    """Another room is among a person's own."""

    person: int


class Echo(News, tag="echo", frozen=True):
    """What a process says to itself, to learn whether the layer still carries anything."""

    process: str
    number: int


AnyNews = Changes | Account | Present | AskPresent | Counts | AskActive | Active | Typing | Read | Listed | Echo

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[msgspec.Raw])
_news = msgspec.msgpack.Decoder(AnyNews)


def encode(news: list[AnyNews]) -> bytes:
    return _encoder.encode(news)


def decode(body: bytes) -> list[AnyNews | None]:
    """What one message of the layer holds; None for what this version does not understand."""
    try:
        return [_decode_one(raw) for raw in _decoder.decode(body)]
    except (msgspec.MsgspecError, TypeError):
        return [None]


def _decode_one(raw: msgspec.Raw) -> AnyNews | None:
    try:
        return cast(AnyNews, _news.decode(raw))
    except msgspec.MsgspecError:
        return None
