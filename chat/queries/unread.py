"""What people have not read: their rooms, and how much is new to them there. SQL of our own, for many at once."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from chat import limits
from chat.queries.sql import from_moment, in_list, table
from chat.queries.standings import BANNED

Pair = tuple[int, int]  # person, room


class Listed(NamedTuple):
    """A room that is among a person's own."""

    person: int
    room: int
    read: int
    last_seq: int


class Unread(NamedTuple):
    """Messages of others above what was read, and those of them that speak to the person; both end at UNREAD_COUNT."""

    slug: str
    unread: int
    mentions: int


def lists(people: Collection[int]) -> list[Listed]:
    """The rooms of these people, at most JOINED_ROOMS of each: those that they joined last."""
    listed, values = in_list("person_id", list(people))
    return [Listed(*row) for row in _rows(_LISTS.format(listed=listed), [*values, limits.JOINED_ROOMS])]


def moved(stands: Mapping[int, int]) -> dict[int, int]:
    """The rooms that stand above these numbers by now, and where."""
    asked, values = table(list(stands.items()))
    return dict(_rows(_MOVED.format(asked=asked), values))


def counts(pairs: Collection[Pair]) -> dict[Pair, Unread]:
    """What is unread, for those of the pairs whose person belongs to the room and may see it, asked in one statement.

    A count is a bounded read of the newest messages: of more than UNREAD_SCANNED it looks at no others.
    """
    if not pairs:
        return {}
    asked, values = table(sorted(pairs))
    bounds = [limits.UNREAD_SCANNED, *[limits.UNREAD_COUNT] * 4]
    rows = _rows(_COUNTS.format(asked=asked), [*values, *bounds, from_moment(timezone.now())])
    return {(row[0], row[1]): Unread(*row[2:]) for row in rows}


_LISTS = """
SELECT own.person_id, own.room_id, coalesce(own.read, 0), room.last_seq FROM
 (SELECT person_id, room_id, read, row_number() OVER (PARTITION BY person_id ORDER BY id DESC) AS place
  FROM chat_membership WHERE {listed}) own
JOIN chat_room room ON room.id = own.room_id WHERE own.place <= %s
"""
_MOVED = """
WITH asked (room, stand) AS ({asked})
SELECT room.id, room.last_seq FROM asked JOIN chat_room room ON room.id = asked.room WHERE room.last_seq > asked.stand
"""
_COUNTS = f"""
WITH asked (person, room) AS ({{asked}})
SELECT asked.person, asked.room, room.slug,
 (SELECT count(*) FROM (SELECT 1 FROM
   (SELECT said.author_id, said.deleted_at FROM chat_message said
    WHERE said.room_id = asked.room AND said.number > m.read ORDER BY said.number DESC LIMIT %s) said
   WHERE said.author_id <> asked.person AND said.deleted_at IS NULL LIMIT %s) counted),
 (SELECT count(*) FROM (SELECT 1 FROM
   (SELECT number FROM (SELECT number FROM chat_mention WHERE room_id = asked.room AND person_id = asked.person
     AND number > m.read ORDER BY number DESC LIMIT %s) to_them
    UNION SELECT number FROM (SELECT number FROM chat_mention WHERE room_id = asked.room AND person_id IS NULL
     AND number > m.read ORDER BY number DESC LIMIT %s) to_all) spoken
   JOIN chat_message said ON said.room_id = asked.room AND said.number = spoken.number
   WHERE said.author_id <> asked.person LIMIT %s) counted)
FROM asked
JOIN chat_room room ON room.id = asked.room
JOIN chat_user u ON u.id = asked.person
JOIN chat_membership m ON m.room_id = asked.room AND m.person_id = asked.person
WHERE u.is_active AND room.kind <> 'deleted' AND NOT {BANNED.format(room="asked.room")}
"""  # noqa: S608 - made of constants


def _rows(statement: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
