"""The rows that a batch of changes reads and writes, in SQL of our own: a few statements, however many the changes.

The ORM's bulk path costs more here than the rows themselves. Both databases get the same statements but for how a list
is given: as an array to PostgreSQL, as so many parameters to SQLite.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from chat.queries.sql import as_moment, as_uuid, from_moment, from_uuid, in_list, on_postgres, table
from chat.queries.standings import PersonRow
from chat.text.mentions import NOBODY, Mentions


@dataclass(slots=True)
class RoomRow:
    pk: int
    title: str
    kind: str
    is_archived: bool
    members_only: bool
    slow_seconds: int
    last_seq: int
    state_seq: int
    posted: bool = False  # in this batch


@dataclass(slots=True)
class MessageRow:
    pk: int | None  # None: not in the table yet
    room: int
    number: int
    seq: int
    author: PersonRow
    client_id: UUID
    text: str
    html: str
    created_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    reply_to: int | None = None
    mentions: Mentions = NOBODY
    has_reactions: bool = False


class MentionRow(NamedTuple):
    """That a message speaks to a person, or to everybody."""

    room: int
    number: int
    person: int | None


class ReactionKey(NamedTuple):
    room: int
    number: int
    emoji: str
    person: int


class VersionRow(NamedTuple):
    """What a message said before a change."""

    room: int
    number: int
    seq: int
    text: str
    written_at: datetime


Once = tuple[int, int, int]  # client_id as a number, whose hash costs nothing; author, room
Place = tuple[int, int]  # room, number


def lock_rooms(keys: Iterable[int]) -> dict[int, RoomRow]:
    """By key, in order, so that two batches never wait for each other."""
    listed, values = in_list("id", sorted(keys))
    lock = "FOR NO KEY UPDATE" if on_postgres() else ""  # SQLite: the transaction holds the only lock there is
    found = _rows(
        "SELECT id, title, kind, archived_at IS NOT NULL, members_only, slow_seconds, last_seq, state_seq"
        f" FROM chat_room WHERE {listed} ORDER BY id {lock}",
        values,
    )
    return {row[0]: RoomRow(*row) for row in found}


def already_posted(client_ids: Sequence[UUID]) -> dict[Once, int]:
    if not client_ids:
        return {}
    listed, values = in_list("client_id", [from_uuid(client_id) for client_id in client_ids], "uuid")
    found = _rows(f"SELECT client_id, author_id, room_id, number FROM chat_message WHERE {listed}", values)
    return {(as_uuid(client_id).int, author, room): number for client_id, author, room, number in found}


def messages(places: set[Place]) -> dict[Place, MessageRow]:
    if not places:
        return {}
    asked, values = table(sorted(places))
    found = _rows(
        f"WITH asked (room, number) AS ({asked})"
        " SELECT m.id, m.room_id, m.number, m.seq, m.client_id, m.text, m.html, m.created_at, m.edited_at,"
        " m.deleted_at, m.reply_to, m.mentions, m.has_reactions,"
        " u.id, u.display_name, u.is_active, u.kind = 'guest', u.is_staff FROM asked"
        " JOIN chat_message m ON m.room_id = asked.room AND m.number = asked.number"
        " JOIN chat_user u ON u.id = m.author_id",
        values,
    )
    return {(row[1], row[2]): _message(row) for row in found}


def insert_member(person: int, role: str, rooms: tuple[str, Sequence[Any]], now: datetime) -> bool:
    """Make somebody a member of the rooms that a query of keys finds, unless they are one; whether that was new.

    On PostgreSQL it locks the rooms' keys alone: it waits for who holds a whole row, and for nobody who posts.
    """
    query, values = rooms
    lock = "FOR KEY SHARE" if on_postgres() else ""
    added = _run(
        "INSERT INTO chat_membership (room_id, person_id, role, joined_at, read)"
        " SELECT found.id, %s, %s, %s, (SELECT last_seq FROM chat_room WHERE chat_room.id = found.id)"
        f" FROM ({query} {lock}) found WHERE true ON CONFLICT DO NOTHING",
        [person, role, from_moment(now), *values],
    )
    return added > 0


def insert_messages(new: Sequence[MessageRow]) -> None:
    kinds = {
        "room_id": "bigint",
        "number": "bigint",
        "seq": "bigint",
        "author_id": "bigint",
        "client_id": "uuid",
        "text": "text",
        "html": "text",
        "created_at": "timestamptz",
        "edited_at": "timestamptz",
        "deleted_at": "timestamptz",
        "reply_to": "bigint",
        "mentions": "text",
        "has_reactions": "boolean",
    }
    rows = [
        (
            row.room,
            row.number,
            row.seq,
            row.author.pk,
            from_uuid(row.client_id),
            row.text,
            row.html,
            from_moment(row.created_at),
            from_moment(row.edited_at),
            from_moment(row.deleted_at),
            row.reply_to,
            row.mentions.pack(),
            row.has_reactions,
        )
        for row in new
    ]
    _insert("chat_message", kinds, rows)


def update_messages(changed: Sequence[MessageRow]) -> None:
    rows = [
        (
            row.seq,
            row.text,
            row.html,
            from_moment(row.edited_at),
            from_moment(row.deleted_at),
            row.mentions.pack(),
            row.has_reactions,
            row.pk,
        )
        for row in changed
    ]
    if rows:
        _run_each(
            "UPDATE chat_message SET seq = %s, text = %s, html = %s, edited_at = %s, deleted_at = %s, mentions = %s,"
            " has_reactions = %s WHERE id = %s",
            rows,
        )


def replace_mentions(before: set[MentionRow], after: set[MentionRow]) -> None:
    """Where `before` are the rows of some messages, let them be those of `after`."""
    kinds = {"room_id": "bigint", "number": "bigint", "person_id": "bigint"}
    gone = before - after
    people = [row for row in gone if row.person is not None]
    if people:
        _run_each("DELETE FROM chat_mention WHERE room_id = %s AND number = %s AND person_id = %s", people)
    everybody = [row[:2] for row in gone if row.person is None]
    if everybody:
        _run_each("DELETE FROM chat_mention WHERE room_id = %s AND number = %s AND person_id IS NULL", everybody)
    _insert("chat_mention", kinds, list(after - before))


def insert_reactions(added: Mapping[ReactionKey, int]) -> None:
    kinds = {"room_id": "bigint", "number": "bigint", "emoji": "text", "person_id": "bigint", "seq": "bigint"}
    _insert("chat_reaction", kinds, [(*key, seq) for key, seq in added.items()])


def remove_reactions(keys: Collection[ReactionKey]) -> None:
    if keys:
        _run_each(
            "DELETE FROM chat_reaction WHERE room_id = %s AND number = %s AND emoji = %s AND person_id = %s",
            sorted(keys),
        )


def clear_reactions(places: Collection[Place]) -> None:
    if places:
        _run_each("DELETE FROM chat_reaction WHERE room_id = %s AND number = %s", sorted(places))


def insert_versions(versions: Sequence[VersionRow]) -> None:
    kinds = {"room_id": "bigint", "number": "bigint", "seq": "bigint", "text": "text", "written_at": "timestamptz"}
    rows = [(row.room, row.number, row.seq, row.text, from_moment(row.written_at)) for row in versions]
    _insert("chat_messageversion", kinds, rows)


def keep_versions(newest: Mapping[Place, int]) -> None:
    """Of each of these messages so many of the newest versions, and no others."""
    if not newest:
        return
    asked, values = table([(*place, count) for place, count in sorted(newest.items())])
    _run(
        f"WITH asked (room, number, kept) AS ({asked}) DELETE FROM chat_messageversion WHERE id IN"
        " (SELECT v.id FROM (SELECT id, room_id, number, row_number() OVER"
        "   (PARTITION BY room_id, number ORDER BY seq DESC) AS place"
        "   FROM chat_messageversion WHERE (room_id, number) IN (SELECT room, number FROM asked)) v"
        "  JOIN asked ON asked.room = v.room_id AND asked.number = v.number WHERE v.place > asked.kept)",
        values,
    )


def update_rooms(rooms: Sequence[RoomRow], now: datetime) -> None:
    """The counters; and when something was last said, where something was."""
    rows = [(room.last_seq, from_moment(now if room.posted else None), room.pk) for room in rooms]
    if on_postgres():
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


def _message(row: Any) -> MessageRow:
    (
        pk,
        room,
        number,
        seq,
        client_id,
        text,
        html,
        created_at,
        edited_at,
        deleted_at,
        reply_to,
        mentions,
        reacted,
        *who,
    ) = row
    moment = as_moment(created_at)
    assert moment is not None
    return MessageRow(
        pk, room, number, seq, PersonRow(who[0], who[1], bool(who[2]), bool(who[3]), bool(who[4])),
        as_uuid(client_id), text, html, moment, as_moment(edited_at), as_moment(deleted_at),
        reply_to, Mentions.unpack(mentions), bool(reacted),
    )  # fmt: skip


def _insert(into: str, kinds: Mapping[str, str], rows: Sequence[tuple[Any, ...]]) -> None:
    """`kinds` are PostgreSQL's names for the columns' types."""
    if not rows:
        return
    columns = ", ".join(kinds)
    if on_postgres():
        arrays = ", ".join(f"%s::{kind}[]" for kind in kinds.values())
        _run(f"INSERT INTO {into} ({columns}) SELECT * FROM unnest({arrays})", _columns(rows))
    else:
        _run_each(f"INSERT INTO {into} ({columns}) VALUES ({', '.join(['%s'] * len(kinds))})", rows)


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _rows(statement: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _run(statement: str, values: list[Any]) -> int:
    """How many rows it was about."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)


def _run_each(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
