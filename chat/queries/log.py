"""Reads of a room's log. Each asks for the viewer's right and for the room's numbers in the same statement as the rows.

So a page never says more than one moment of the room: `seq` is the number up to which it tells everything. What is for
one person alone names them as `viewer`: their own reactions are then told wherever they stand in a crowd.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Q, QuerySet
from msgspec import UNSET

from chat.models import Message, Room
from chat.models.message import CHANGED
from chat.policy import Denied
from chat.queries import reactions
from chat.text.mentions import NOBODY, Mentions
from chat.wire import events
from chat.wire.codes import Code

# In the order of `message`'s parameters after the first; before them two that the statement itself needs.
_COLUMNS = (
    "room_id", "has_reactions", "number", "seq", "author_id", "author__display_name", "text", "html", "created_at",
    "client_id", "edited_at", "deleted_at", "reply_to", "mentions",
)  # fmt: skip


_KEYS = {"seq": attrgetter("seq"), "number": attrgetter("id")}


class Page(NamedTuple):
    """Messages of one room and where the room stood when they were read."""

    messages: list[events.Message]
    seq: int
    state_seq: int
    more: bool  # there is more in the direction of reading


def changed_since(who: Q, room: int, since: int, limit: int, *, viewer: int | None = None) -> Page:
    """The messages whose last change is above `since`, by `seq`.

    With `more`, `seq` is that of the last message: what lies above has not been read.
    Raises Denied(not_found) where `who` (policy.visible or policy.EVERYTHING) does not hold.
    """
    never_changed = _cut(room, Q(number__gt=since, seq=F("number")), "number", limit)
    changed = _cut(room, Q(seq__gt=since) & CHANGED, "seq", limit)
    page = _read(who, room, [never_changed, changed], "seq", limit, viewer)
    return page._replace(seq=page.messages[-1].seq) if page.more else page


def posted_since(who: Q, room: int, number: int, upto: int, limit: int) -> Page:
    """The messages above `number` up to `upto` that are not deleted, by number: what the plain dialect tells."""
    span = Q(number__gt=number, number__lte=upto, deleted_at=None)
    page = _read(who, room, [_cut(room, span, "number", limit)], "number", limit)
    return page._replace(seq=page.messages[-1].id) if page.more else page


def newest(who: Q, room: int, limit: int, *, tombstones: bool = True, viewer: int | None = None) -> Page:
    """The last `limit` messages, by number."""
    span = Q(number__gt=0) if tombstones else Q(number__gt=0, deleted_at=None)
    return _turned(_read(who, room, [_cut(room, span, "-number", limit)], "-number", limit, viewer))


def before(who: Q, room: int, number: int, limit: int, *, viewer: int | None = None) -> Page:
    return _turned(_read(who, room, [_cut(room, Q(number__lt=number), "-number", limit)], "-number", limit, viewer))


def after(who: Q, room: int, number: int, limit: int, *, viewer: int | None = None) -> Page:
    return _read(who, room, [_cut(room, Q(number__gt=number), "number", limit)], "number", limit, viewer)


def around(who: Q, room: int, number: int, limit: int, *, viewer: int | None = None) -> tuple[Page, events.More]:
    """Up to `limit` messages with `number` in their middle, and whether there are more on each side.

    Two statements: what is posted between them has a higher number than the first saw, and comes live.
    """
    older = before(who, room, number, limit // 2, viewer=viewer)
    newer = after(who, room, number - 1, limit - len(older.messages), viewer=viewer)
    page = newer._replace(messages=older.messages + newer.messages, seq=older.seq)
    return page, events.More(before=older.more, after=newer.more)


def opening(
    who: Q, room: int, number: int | None, limit: int, *, viewer: int | None = None
) -> tuple[Page, events.More]:
    """What a room's page shows first: around `number`, else the newest."""
    if number:
        return around(who, room, number, limit, viewer=viewer)
    page = newest(who, room, limit, viewer=viewer)
    return page, events.More(before=page.more, after=False)


def _cut(room: int, span: Q, order: str, limit: int) -> QuerySet[Any, Any]:
    """As many messages as make a page, and one more, to know whether there are."""
    found: QuerySet[Any, Any] = Message.objects.filter(span, room=room).order_by(order).values(*_COLUMNS)
    return found[: limit + 1]


def _read(
    who: Q, room: int, cuts: Sequence[QuerySet[Any, Any]], order: str, limit: int, viewer: int | None = None
) -> Page:
    """The room and its messages in one statement, the messages cut to the page before they are joined.

    A plain join would be sorted whole by PostgreSQL, a million messages for a page of fifty.
    """
    try:
        seen, seen_values = _sql(Room.objects.filter(who, pk=room).values("id", "last_seq", "state_seq"))
    except EmptyResultSet:  # who may see nothing at all
        raise Denied(Code.NOT_FOUND) from None
    statements, values = zip(*map(_sql, cuts), strict=True)
    page = " UNION ALL ".join(f"SELECT * FROM ({statement}) cut" for statement in statements)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT seen.last_seq, seen.state_seq, page.*, {reactions.under('page')}"
            f" FROM ({seen}) seen LEFT JOIN ({page}) page ON page.room_id = seen.id",
            [viewer, *seen_values, *chain(*values)],
        )
        rows = cursor.fetchall()
    if not rows:
        raise Denied(Code.NOT_FOUND)
    messages = [message(reactions.decode(row[-1], viewer), *row[4:-1]) for row in rows if row[2] is not None]
    messages.sort(key=_KEYS[order.removeprefix("-")], reverse=order.startswith("-"))
    seq, state_seq = rows[0][:2]
    return Page(messages[:limit], seq, state_seq, more=len(messages) > limit)


def _sql(query: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...]]:
    return query.query.sql_with_params()


def _turned(page: Page) -> Page:
    return page._replace(messages=page.messages[::-1])


def message(
    reacted: list[events.Reaction],
    number: int,
    seq: int,
    author: int,
    name: str,
    text: str,
    html: str,
    created_at: datetime | str,
    client_id: UUID | str,
    edited_at: datetime | str | None,
    deleted_at: datetime | str | None,
    reply_to: int | None,
    mentions: str,
) -> events.Message:
    """The wire's form of one row; the one place where a row becomes a frame. SQLite has moments and UUIDs as text."""
    gone = deleted_at is not None
    spoken_to = Mentions.unpack(mentions) if mentions else NOBODY
    return events.Message(
        id=number,
        seq=seq,
        user=events.UserRef(author, name),
        message="" if gone else text,
        html="" if gone else html,
        ts=timestamp(created_at),
        client_id=str(client_id if isinstance(client_id, UUID) else UUID(client_id)),
        edited=timestamp(edited_at) if edited_at else None,
        deleted=gone,
        reply_to=reply_to,
        mentions=list(spoken_to.people),
        reactions=reacted,
        mentions_here=spoken_to.here or UNSET,
    )


@lru_cache(maxsize=256)  # the messages of a batch share their moment
def timestamp(moment: datetime | str) -> str:
    """UTC with milliseconds, as the protocol writes times: 2026-11-20T10:00:00.123Z."""
    if isinstance(moment, str):
        return f"{moment.replace(' ', 'T', 1)[:19]}.{moment[20:23] or '000'}Z"
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
