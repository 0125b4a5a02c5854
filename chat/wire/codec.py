"""Turns frames into commands and events into frames; whatever comes in, only ChatError comes out."""

import unicodedata
from enum import Enum
from typing import Any, get_args
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from chat import limits
from chat.text import emoji
from chat.wire import commands, events
from chat.wire.announcements import Change
from chat.wire.codes import ChatError, Code

SUBPROTOCOL = "chat.v1"

_NOBODY = "Deleted person"  # in a dialect whose clients word nothing themselves


class _Told(msgspec.Struct):
    """As much of a message's frame as the plain dialect tells."""

    id: int
    user: events.UserRef
    message: str
    ts: str


_told = msgspec.json.Decoder(_Told)
_rich = msgspec.json.Decoder(commands.RichCommand)
_plain = msgspec.json.Decoder(commands.PlainSend)
_anything = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder()
_types = frozenset(kind.__struct_config__.tag for kind in get_args(commands.RichCommand))


class Dialect(Enum):
    PLAIN = "plain"
    RICH = "rich"


def decode(dialect: Dialect, frame: str) -> commands.RichCommand | commands.PlainSend:
    """Read one text frame.

    Raises ChatError: `bad_request`, or `unknown_type` for an object of a type that is none.
    """
    try:
        return _rich.decode(frame) if dialect is Dialect.RICH else _plain.decode(frame)
    except (ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors
        raise _explain(dialect, frame, error) from None


def marks(frame: str) -> dict[str, str]:
    """The client's own mark on a frame that was refused (`client_id` or `ref`), where it can be read."""
    found = _object(frame)
    return {
        name: value
        for name in ("client_id", "ref")
        if isinstance(value := found.get(name), str) and len(value) <= limits.REF_LENGTH
    }


def marks_of(command: commands.RichCommand | commands.PlainSend) -> dict[str, str]:
    """The same for a command that was understood."""
    match command:
        case commands.Send(client_id=client_id):
            return {"client_id": client_id}
        case commands.Edit(ref=ref) | commands.Delete(ref=ref) | commands.React(ref=ref) | commands.History(ref=ref):
            return {"ref": ref}
    return {}


def client_uuid(client_id: str) -> UUID:
    try:
        return msgspec.convert(client_id, UUID)
    except msgspec.ValidationError:
        raise ChatError(Code.BAD_REQUEST, "client_id: expected a UUID.") from None


def message_text(text: str) -> str:
    """The text as it came, if it may be said. Raises ChatError: `empty`, `too_long`, `bad_request`."""
    if len(text) > limits.MESSAGE_LENGTH:
        raise ChatError(
            Code.TOO_LONG, f"A message has at most {limits.MESSAGE_LENGTH} characters; this one has {len(text)}."
        )
    if "\x00" in text:
        raise ChatError(Code.BAD_REQUEST, "A message cannot contain the character U+0000.")
    if not text[:1].isalnum() and not any(_is_visible(character) for character in text):
        raise ChatError(Code.EMPTY, "A message needs some text.")
    return text


def reaction(typed: str) -> str:
    """The one spelling of an emoji. Raises ChatError(bad_request)."""
    try:
        return emoji.one(typed)
    except emoji.NoEmoji as error:
        raise ChatError(Code.BAD_REQUEST, f"emoji: {error}") from None


def _is_visible(character: str) -> bool:
    """Blanks and format characters (a lone zero-width space) show nothing; U+2800 and fillers are left to people."""
    return not character.isspace() and unicodedata.category(character) not in ("Cf", "Cc")


def encode(event: events.Event | events.PlainMessage) -> str:
    return _encoder.encode(event).decode()


def raw(message: events.Message) -> msgspec.Raw:
    """A message encoded ahead of the frame that will hold it."""
    return msgspec.Raw(_encoder.encode(message))


def plain(message: events.Message) -> events.PlainMessage:
    """What the plain dialect tells of a message."""
    return events.PlainMessage(message.message, message.user.name or _NOBODY, message.id, message.ts)


def change(message: events.Message) -> Change:
    """A message's state, encoded once for all."""
    return Change(message.seq, encode(message), message.id == message.seq and not message.deleted)


def plain_frame(change: Change) -> str | None:
    """What the plain dialect tells of a change; made only where somebody speaks it, for few do."""
    if not change.is_new:
        return None
    told = _told.decode(change.rich)
    return encode(events.PlainMessage(told.message, told.user.name or _NOBODY, told.id, told.ts))


def error(
    dialect: Dialect, refusal: ChatError, client_id: str | UnsetType = UNSET, ref: str | UnsetType = UNSET
) -> str:
    """The frame that tells of a refusal; the plain dialect's holds the code and the sentence only."""
    if dialect is Dialect.PLAIN:
        return encode(events.Error(refusal.code, refusal.message))
    wait = UNSET if refusal.retry_after is None else round(refusal.retry_after, 2)
    return encode(events.Error(refusal.code, refusal.message, refusal.temporary, wait, client_id, ref))


def _explain(dialect: Dialect, frame: str, error: Exception) -> ChatError:
    if dialect is Dialect.RICH:
        kind = _object(frame).get("type")
        if isinstance(kind, str) and kind not in _types:
            return ChatError(Code.UNKNOWN_TYPE, "This type of frame is not known here.")
    if isinstance(error, msgspec.ValidationError):
        return ChatError(Code.BAD_REQUEST, f"{_printable(str(error))}.")
    return ChatError(Code.BAD_REQUEST, "Expected one JSON object.")


def _object(frame: str) -> dict[str, Any]:
    try:
        found = _anything.decode(frame)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _printable(sentence: str) -> str:
    """msgspec names the offending field as it came; a client's own words go back short and whole."""
    return sentence.encode("utf-8", "replace").decode()[:200]
