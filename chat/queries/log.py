"""Reads of a room's log. Each asks for the viewer's right and for the room's numbers in the same statement as the rows.

So a page never says more than one moment of the room: `seq` is the number up to which it tells everything.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from django.db.models import F, FilteredRelation, Q

from chat.models import Message, Room
from chat.policy import Denied
from chat.wire import events
from chat.wire.codes import Code

_COLUMNS = (
    "number",
    "seq",
    "author_id",
    "author__display_name",
    "text",
    "html",
    "created_at",
    "client_id",
    "edited_at",
    "deleted_at",
)


class Page(NamedTuple):
    """Messages of one room and where the room stood when they were read."""

    messages: list[events.Message]
    seq: int
    state_seq: int
    more: bool  # there is more in the direction of reading


def changed_since(who: Q, room: int, since: int, limit: int) -> Page:
    """The messages whose last change is above `since`, by `seq`.

    With `more`, `seq` is that of the last message: what lies above has not been read.
    Raises Denied(not_found) where `who` (policy.visible or policy.EVERYTHING) does not hold.
    """
    page = _read(who, room, Q(messages__seq__gt=since), "log__seq", limit)
    return page._replace(seq=page.messages[-1].seq) if page.more else page


def posted_since(who: Q, room: int, number: int, upto: int, limit: int) -> Page:
    """The messages above `number` up to `upto` that are not deleted, by number: what the plain dialect tells."""
    span = Q(messages__number__gt=number, messages__number__lte=upto, messages__deleted_at=None)
    page = _read(who, room, span, "log__number", limit)
    return page._replace(seq=page.messages[-1].id) if page.more else page


def newest(who: Q, room: int, limit: int, *, tombstones: bool = True) -> Page:
    """The last `limit` messages, by number."""
    span = Q(messages__number__gt=0) if tombstones else Q(messages__number__gt=0, messages__deleted_at=None)
    return _turned(_read(who, room, span, "-log__number", limit))


def before(who: Q, room: int, number: int, limit: int) -> Page:
    return _turned(_read(who, room, Q(messages__number__lt=number), "-log__number", limit))


def after(who: Q, room: int, number: int, limit: int) -> Page:
    return _read(who, room, Q(messages__number__gt=number), "log__number", limit)


def around(who: Q, room: int, number: int, limit: int) -> tuple[Page, events.More]:
    """Up to `limit` messages with `number` in their middle, and whether there are more on each side.

    Two statements: what is posted between them has a higher number than the first saw, and comes live.
    """
    older = before(who, room, number, limit // 2)
    newer = after(who, room, number - 1, limit - len(older.messages))
    page = newer._replace(messages=older.messages + newer.messages, seq=older.seq)
    return page, events.More(before=older.more, after=newer.more)


def opening(who: Q, room: int, number: int | None, limit: int) -> tuple[Page, events.More]:
    """What a room's page shows first: around `number`, else the newest."""
    if number:
        return around(who, room, number, limit)
    page = newest(who, room, limit)
    return page, events.More(before=page.more, after=False)


def _read(who: Q, room: int, span: Q, order: str, limit: int) -> Page:
    rows = list(
        Room.objects.filter(who, pk=room)
        .annotate(log=FilteredRelation("messages", condition=span))
        .order_by(order)
        .values_list("last_seq", "state_seq", *(F(f"log__{column}") for column in _COLUMNS))[: limit + 1]
    )
    if not rows:
        raise Denied(Code.NOT_FOUND)
    seq, state_seq = rows[0][:2]
    messages = [message(*row[2:]) for row in rows[:limit] if row[2] is not None]
    return Page(messages, seq, state_seq, more=len(rows) > limit)


def _turned(page: Page) -> Page:
    return page._replace(messages=page.messages[::-1])


def message(
    number: int,
    seq: int,
    author: int,
    name: str,
    text: str,
    html: str,
    created_at: datetime,
    client_id: object,
    edited_at: datetime | None,
    deleted_at: datetime | None,
) -> events.Message:
    """The wire's form of one row; the one place where a row becomes a frame."""
    gone = deleted_at is not None
    return events.Message(
        id=number,
        seq=seq,
        user=events.UserRef(author, name),
        message="" if gone else text,
        html="" if gone else html,
        ts=timestamp(created_at),
        client_id=str(client_id),
        edited=timestamp(edited_at) if edited_at else None,
        deleted=gone,
    )


def message_of(row: Message) -> events.Message:
    """The same for a row that is at hand as a model, its author too."""
    return message(
        row.number,
        row.seq,
        row.author.pk,
        row.author.display_name,
        row.text,
        row.html,
        row.created_at,
        row.client_id,
        row.edited_at,
        row.deleted_at,
    )


def timestamp(moment: datetime) -> str:
    """UTC with milliseconds, as the protocol writes times: 2026-11-20T10:00:00.123Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
