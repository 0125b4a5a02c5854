"""The rows that a batch of changes reads and writes, in SQL of our own: a few statements, however many the changes.

The ORM's bulk path costs more here than the rows themselves. Both databases get the same statements but for how a list
is given: as an array to PostgreSQL, as so many parameters to SQLite.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from chat.models import Message


@dataclass(slots=True)
class RoomRow:
    pk: int
    kind: str
    is_archived: bool
    last_seq: int
    state_seq: int
    posted: bool = False  # in this batch


class AuthorRow(NamedTuple):
    pk: int
    display_name: str
    is_active: bool


@dataclass(slots=True)
class MessageRow:
    pk: int | None  # None: not in the table yet
    room: int
    number: int
    seq: int
    author: AuthorRow
    client_id: UUID
    text: str
    html: str
    created_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None


Once = tuple[UUID, int, int]  # client_id, author, room


def lock_rooms(keys: Iterable[int]) -> dict[int, RoomRow]:
    """By key, in order, so that two batches never wait for each other."""
    listed, values = _in("id", sorted(keys))
    lock = "FOR NO KEY UPDATE" if _on_postgres() else ""  # SQLite: the transaction holds the only lock there is
    found = _rows(
        "SELECT id, kind, archived_at IS NOT NULL, last_seq, state_seq FROM chat_room"
        f" WHERE {listed} ORDER BY id {lock}",
        values,
    )
    return {row[0]: RoomRow(*row) for row in found}


def authors_and_epoch(keys: Iterable[int]) -> tuple[dict[int, AuthorRow], str]:
    """Read after the rooms are locked, so that both hold until the commit."""
    listed, values = _in("id", list(keys))
    newest = "(SELECT key FROM chat_epoch ORDER BY id DESC LIMIT 1)"
    found = _rows(f"SELECT id, display_name, is_active, {newest} FROM chat_user WHERE {listed}", values)
    return {row[0]: AuthorRow(*row[:3]) for row in found}, found[0][3] if found else ""


def already_posted(client_ids: Sequence[UUID]) -> dict[Once, int]:
    if not client_ids:
        return {}
    keys = list(client_ids) if _on_postgres() else [client_id.hex for client_id in client_ids]  # as Django keeps them
    listed, values = _in("client_id", keys, "uuid")
    found = _rows(f"SELECT client_id, author_id, room_id, number FROM chat_message WHERE {listed}", values)
    return {(_as_uuid(client_id), author, room): number for client_id, author, room, number in found}


def messages(places: set[tuple[int, int]]) -> dict[tuple[int, int], MessageRow]:
    """By (room, number)."""
    if not places:
        return {}
    found = Message.objects.select_related("author").filter(
        room__in={room for room, _ in places}, number__in={number for _, number in places}
    )
    return {(row.room_id, row.number): _message(row) for row in found}


def insert_messages(new: Sequence[MessageRow]) -> None:
    on_postgres = _on_postgres()
    columns = "room_id, number, seq, author_id, client_id, text, html, created_at, edited_at, deleted_at"
    rows = [
        (
            row.room,
            row.number,
            row.seq,
            row.author.pk,
            row.client_id if on_postgres else row.client_id.hex,
            row.text,
            row.html,
            _moment(row.created_at),
            _moment(row.edited_at),
            _moment(row.deleted_at),
        )
        for row in new
    ]
    types = ("bigint", "bigint", "bigint", "bigint", "uuid", "text", "text", *["timestamptz"] * 3)
    if not rows:
        return
    if on_postgres:
        arrays = ", ".join(f"%s::{kind}[]" for kind in types)
        _run(f"INSERT INTO chat_message ({columns}) SELECT * FROM unnest({arrays})", _columns(rows))
    else:
        _run_each(f"INSERT INTO chat_message ({columns}) VALUES ({', '.join(['%s'] * len(types))})", rows)


def update_messages(changed: Sequence[MessageRow]) -> None:
    rows = [(row.seq, row.text, row.html, _moment(row.edited_at), _moment(row.deleted_at), row.pk) for row in changed]
    if rows:
        _run_each(
            "UPDATE chat_message SET seq = %s, text = %s, html = %s, edited_at = %s, deleted_at = %s WHERE id = %s",
            rows,
        )


def update_rooms(rooms: Sequence[RoomRow], now: datetime) -> None:
    """The counters; and when something was last said, where something was."""
    rows = [(room.last_seq, _moment(now if room.posted else None), room.pk) for room in rooms]
    if _on_postgres():
        _run(
            "UPDATE chat_room SET last_seq = new.seq, last_posted_at = coalesce(new.said, last_posted_at)"
            " FROM unnest(%s::bigint[], %s::timestamptz[], %s::bigint[]) AS new (seq, said, id)"
            " WHERE chat_room.id = new.id",
            _columns(rows),
        )
    else:
        _run_each(
            "UPDATE chat_room SET last_seq = %s, last_posted_at = coalesce(%s, last_posted_at) WHERE id = %s", rows
        )


def _message(row: Message) -> MessageRow:
    author = AuthorRow(row.author.pk, row.author.display_name, row.author.is_active)
    return MessageRow(
        row.pk, row.room_id, row.number, row.seq, author, row.client_id, row.text, row.html, row.created_at,
        row.edited_at, row.deleted_at,
    )  # fmt: skip


def _on_postgres() -> bool:
    return connection.vendor == "postgresql"


def _in(column: str, values: list[Any], kind: str = "bigint") -> tuple[str, list[Any]]:
    if _on_postgres():
        return f"{column} = ANY(%s::{kind}[])", [values]
    return f"{column} IN ({', '.join(['%s'] * len(values))})", values


def _as_uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(hex=value)


@lru_cache(maxsize=64)  # the messages of a batch share their moment, and the adapting costs more than the row
def _moment(value: datetime | None) -> Any:
    return None if value is None else connection.ops.adapt_datetimefield_value(value)


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _rows(statement: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _run(statement: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _run_each(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
