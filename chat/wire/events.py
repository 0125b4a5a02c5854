"""What the server sends in the rich dialect, and the plain dialect's one event; frozen shapes, no behaviour."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType


class UserRef(msgspec.Struct, frozen=True):
    id: int
    name: str


class Person(msgspec.Struct, frozen=True):
    """Someone as the page shows them; `guest` says that nobody but this browser can be them."""

    id: int
    name: str
    guest: bool


class Room(msgspec.Struct, frozen=True):
    """A room as one person sees it; `may` lists that person's rights in it. `slow`: seconds between two messages.

    `muted_until`: a moment, for one who is muted.
    """

    slug: str
    title: str
    topic: str
    kind: str
    may: list[str]
    archived: bool = False
    members_only: bool = False
    slow: int = 0
    muted_until: str | None = None


class Event(msgspec.Struct, frozen=True, tag_field="type"):
    """A frame of the rich dialect."""


class Hello(Event, tag="hello", frozen=True):
    user: Person
    room: Room
    epoch: str
    seq: int
    read: int
    limits: dict[str, float]
    tick: float
    features: list[str]
    key: str | UnsetType = UNSET


class Reaction(msgspec.Struct, frozen=True):
    """One kind of reaction to a message; `users` are the first of those whom `count` counts.

    `own` is for one person alone, who is counted and not among the first.
    """

    emoji: str
    count: int
    users: list[UserRef]
    own: bool | UnsetType = UNSET


class Message(Event, tag="message", frozen=True):
    """The whole state of one message; of two states the one with the higher `seq` holds."""

    id: int
    seq: int
    user: UserRef
    message: str
    html: str
    ts: str
    client_id: str
    edited: str | None = None
    deleted: bool = False
    reply_to: int | None = None
    mentions: list[int] = []
    reactions: list[Reaction] = []
    attachments: list[dict[str, Any]] = []
    mentions_here: bool | UnsetType = UNSET


class Sync(Event, tag="sync", frozen=True):
    messages: Sequence[Message | msgspec.Raw]
    seq: int
    complete: bool
    more: bool


class Ack(Event, tag="ack", frozen=True):
    client_id: str
    id: int


class Done(Event, tag="done", frozen=True):
    """An edit, deletion or reaction is committed, as the change with that number."""

    ref: str
    seq: int


class More(msgspec.Struct, frozen=True):
    before: bool
    after: bool


class History(Event, tag="history", frozen=True):
    ref: str
    messages: Sequence[Message | msgspec.Raw]
    more: More


class Here(msgspec.Struct, frozen=True):
    id: int
    name: str
    idle: bool


class Presence(Event, tag="presence", frozen=True):
    """Either the whole (`here`), or what changed since; of a large room only a sample is named."""

    count: int
    here: list[Here] | UnsetType = UNSET
    joined: list[Here] | UnsetType = UNSET
    left: list[int] | UnsetType = UNSET
    idle: list[int] | UnsetType = UNSET
    active: list[int] | UnsetType = UNSET


class Typing(Event, tag="typing", frozen=True):
    """Somebody else is writing: until their next message, and for a few seconds at most."""

    user: UserRef


class User(Event, tag="user", frozen=True):
    id: int
    name: str


class RoomChanged(Event, tag="room", frozen=True):
    """The room, or what this person may do in it, is not as it was told before."""

    room: Room


class Read(Event, tag="read", frozen=True):
    """This person has read so far on another device; with `back` that is less than before."""

    id: int
    back: bool | UnsetType = UNSET


class Unread(Event, tag="unread", frozen=True):
    """What this person has not read in another room of theirs, and how much of it speaks to them."""

    slug: str
    unread: int
    mentions: int


class Tick(Event, tag="tick", frozen=True):
    seq: int


class Notice(Event, tag="notice", frozen=True):
    code: str
    retry_after: float


class Error(Event, tag="error", frozen=True):
    code: str
    message: str
    temporary: bool | UnsetType = UNSET
    retry_after: float | UnsetType = UNSET
    client_id: str | UnsetType = UNSET
    ref: str | UnsetType = UNSET


class PlainMessage(msgspec.Struct, frozen=True):
    message: str
    user: str
    id: int
    ts: str
