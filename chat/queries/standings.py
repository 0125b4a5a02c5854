"""What policy has to know of people in rooms: one statement of plain rows, however many they are.

The statement is SQL of our own, for the writer asks it for every batch. What it tells is what `rooms.find` tells of
one viewer and what `policy.visible` asks for inside a query; a test compares the three.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from chat.policy import Standing
from chat.queries.sql import as_moment, from_moment, on_postgres, table

Pair = tuple[int, int]  # room, person


class PersonRow(NamedTuple):
    pk: int
    display_name: str
    is_active: bool
    is_guest: bool
    is_staff: bool
    sessions_ended: int = 0
    came_from: str = ""  # read by the entrance only


class Known(NamedTuple):
    """A person as a room knows them; `last_said_at` only where it was asked for."""

    person: PersonRow
    standing: Standing
    last_said_at: datetime | None


def read(pairs: Collection[Pair], *, slow: Collection[int] = (), lock: bool = False) -> tuple[dict[Pair, Known], str]:
    """The people that there are among those asked for, by room and person; and the epoch, empty if there is nobody.

    `slow` are the rooms for which it counts when somebody said something last. With `lock` the people's own rows are
    locked as well (shared), so that who is deactivated meanwhile is either seen so here or waits for the commit; ask
    it after the rooms are locked.
    """
    if not pairs:
        return {}, ""
    asked, values = table([(room, person, int(room in slow)) for room, person in sorted(pairs)])
    now = from_moment(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENT.format(asked=asked, lock=_lock(lock)), [*values, now, now])
        rows = cursor.fetchall()
    return {(row[0], row[1]): _known(row) for row in rows}, rows[0][-1] if rows else ""


# A ban by address goes for guests only. Both take the present moment.
BANNED = """EXISTS (SELECT 1 FROM chat_restriction r WHERE r.room_id = {room} AND r.kind = 'ban'
  AND (r.person_id = u.id OR (r.address = u.came_from AND r.address <> '' AND u.kind = 'guest'))
  AND (r.expires_at IS NULL OR r.expires_at > %s))"""
MUTED_UNTIL = """(SELECT r.expires_at FROM chat_restriction r WHERE r.room_id = {room} AND r.kind = 'mute'
  AND r.person_id = u.id AND r.expires_at > %s)"""

_STATEMENT = f"""
WITH asked (room, person, slow) AS ({{asked}})
SELECT asked.room, u.id, u.display_name, u.is_active, u.kind = 'guest', u.is_staff, u.sessions_ended, m.role,
 {BANNED.format(room="asked.room")}, {MUTED_UNTIL.format(room="asked.room")},
 CASE WHEN asked.slow = 1 THEN (SELECT said.created_at FROM chat_message said
  WHERE said.author_id = u.id AND said.room_id = asked.room ORDER BY said.number DESC LIMIT 1) END,
 (SELECT key FROM chat_epoch ORDER BY id DESC LIMIT 1)
FROM asked
JOIN chat_user u ON u.id = asked.person
LEFT JOIN chat_membership m ON m.room_id = asked.room AND m.person_id = u.id
{{lock}}
"""  # noqa: S608 - made of constants


def _lock(wanted: bool) -> str:
    return "FOR SHARE OF u" if wanted and on_postgres() else ""


def _known(row: Any) -> Known:
    _, pk, name, active, guest, staff, ended, role, banned, muted_until, last = row[:11]
    person = PersonRow(pk, name, bool(active), bool(guest), bool(staff), ended)
    return Known(person, Standing(role, bool(banned), as_moment(muted_until)), as_moment(last))
