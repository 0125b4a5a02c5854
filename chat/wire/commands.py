"""What a client may send in the rich dialect, and the plain dialect's one command."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from chat import limits

# Numbers above 2**53 are not whole in a browser.
Number = Annotated[int, Meta(ge=0, le=2**53)]
Ref = Annotated[str, Meta(max_length=limits.REF_LENGTH)]


class Command(msgspec.Struct, frozen=True, tag_field="type", forbid_unknown_fields=True):
    """A frame of the rich dialect."""


class Hello(Command, tag="hello", forbid_unknown_fields=False, frozen=True):
    since: Number | None = None
    epoch: Ref | None = None
    key: Ref | None = None


class Send(Command, tag="send", frozen=True):
    client_id: Ref
    message: str
    reply_to: Number | None = None


class Edit(Command, tag="edit", frozen=True):
    ref: Ref
    id: Number
    message: str


class Delete(Command, tag="delete", frozen=True):
    ref: Ref
    id: Number


class React(Command, tag="react", frozen=True):
    ref: Ref
    id: Number
    emoji: str
    op: Literal["add", "remove"]


class History(Command, tag="history", frozen=True):
    """Messages before, after or around one id; exactly one of the three is given."""

    ref: Ref
    before: Number | None = None
    after: Number | None = None
    around: Number | None = None
    limit: Annotated[int, Meta(ge=1, le=limits.HISTORY_MESSAGES)] = limits.PAGE_MESSAGES


class Presence(Command, tag="presence", frozen=True):
    state: Literal["idle", "active"]


class Typing(Command, tag="typing", frozen=True):
    """Somebody is writing, and has not sent it yet."""


class Read(Command, tag="read", frozen=True):
    """All up to this message was read; with `back` it and what follows is unread again."""

    id: Number
    back: bool = False


RichCommand = Hello | Send | Edit | Delete | React | History | Presence | Typing | Read


class PlainSend(msgspec.Struct, frozen=True):
    """The Channels tutorial's own frame; whatever else it holds is ignored."""

    message: str
