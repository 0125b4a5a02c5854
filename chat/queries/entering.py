"""What the entrance asks for every socket that opens: who it is, and the room with how they stand in it.

Two statements of plain rows. They tell the same as a page's request and `rooms.find`, at a tenth of the price: when a
thousand people come back at once, this is what they wait for. A test compares them.
"""

from typing import Any, NamedTuple

from django.contrib.auth import HASH_SESSION_KEY
from django.db import connection
from django.utils import timezone

from chat.models import User
from chat.models.session import GUEST_KEY, SessionStore
from chat.policy import Standing
from chat.queries import people
from chat.queries.sql import as_moment, from_moment
from chat.queries.standings import BANNED, MUTED_UNTIL, PersonRow


class Visitor(NamedTuple):
    """Who stands behind a session: a person, or only the secret of a guest who has no row yet, or neither.

    A person may be deactivated: policy.be_here says whether they may be here. `tie` is the session's.
    """

    user: PersonRow | None = None
    guest_key: str | None = None
    tie: str = ""


class RoomRow(NamedTuple):
    pk: int
    slug: str
    title: str
    topic: str
    kind: str
    is_archived: bool
    members_only: bool
    slow_seconds: int
    last_seq: int
    state_seq: int


class Found(NamedTuple):
    """A room, how somebody stands in it, and up to which number they have read it: all, where they have no place."""

    room: RoomRow
    standing: Standing
    read: int


def visitor(session_key: str | None) -> tuple[Visitor, str]:
    """Who it is, and the epoch.

    Unlike Channels' own look-up it keeps to Django's rules for a rotated secret key and never flushes a session.
    """
    row = _one(_SESSION, [session_key, from_moment(timezone.now())]) if session_key else None
    if row is None:
        return Visitor(), _one("SELECT key FROM chat_epoch ORDER BY id DESC LIMIT 1", [])[0]
    packed, tie, epoch, password, *columns = row
    data = SessionStore().decode(packed)
    member, guest = _person(columns[:7]), _person(columns[7:])
    if member is not None and people.opened_with(password, data.get(HASH_SESSION_KEY, "")):
        return Visitor(member, None, tie), epoch
    return Visitor(guest, data.get(GUEST_KEY), tie), epoch


def person(key: int) -> tuple[PersonRow | None, str]:
    """Somebody who is known already, as they are now, and the epoch."""
    columns = _one(_KNOWN, [key])
    return _person(columns[1:]), columns[0]


def room(person: PersonRow | None, slug: str) -> Found | None:
    """The room that has this slug now, whether or not it may be seen: that is policy's to say."""
    return _room(person, "slug", slug)


def room_of_key(person: PersonRow | None, key: int) -> Found | None:
    """The same, whatever its slug is by now."""
    return _room(person, "id", key)


def _room(person: PersonRow | None, column: str, value: str | int) -> Found | None:
    now = from_moment(timezone.now())
    row = _one(_ROOM.format(column=column), [now, now, person.pk if person else None, value])
    if row is None:
        return None
    flags = [bool(row[5]), bool(row[6])]
    standing = Standing(row[10], bool(row[11]), as_moment(row[12]))
    return Found(RoomRow(*row[:5], *flags, *row[7:10]), standing, row[13])


def row_of(user: User) -> PersonRow:
    return PersonRow(
        user.pk, user.display_name, user.is_active, user.is_guest, user.is_staff, user.sessions_ended, user.came_from
    )


_PERSON = "{0}.id, {0}.display_name, {0}.is_active, {0}.kind = 'guest', {0}.is_staff, {0}.sessions_ended, {0}.came_from"
_SESSION = f"""
SELECT s.session_data, s.tie, (SELECT key FROM chat_epoch ORDER BY id DESC LIMIT 1), u.password,
 {_PERSON.format("u")}, {_PERSON.format("g")}
FROM chat_session s LEFT JOIN chat_user u ON u.id = s.user_id LEFT JOIN chat_user g ON g.guest_key = s.guest_key
WHERE s.session_key = %s AND s.expire_date > %s
"""  # noqa: S608 - made of constants
_KNOWN = f"""
SELECT e.key, {_PERSON.format("u")}
FROM (SELECT key FROM chat_epoch ORDER BY id DESC LIMIT 1) e LEFT JOIN chat_user u ON u.id = %s
"""  # noqa: S608 - made of constants
_ROOM = f"""
SELECT room.id, room.slug, room.title, room.topic, room.kind, room.archived_at IS NOT NULL, room.members_only,
 room.slow_seconds, room.last_seq, room.state_seq, m.role, {BANNED.format(room="room.id")},
 {MUTED_UNTIL.format(room="room.id")}, coalesce(m.read, room.last_seq)
FROM chat_room room LEFT JOIN chat_user u ON u.id = %s
LEFT JOIN chat_membership m ON m.room_id = room.id AND m.person_id = u.id
WHERE room.{{column}} = %s
"""  # noqa: S608 - made of constants


def _one(statement: str, values: list[Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def _person(row: list[Any]) -> PersonRow | None:
    pk, name, active, guest, staff, ended, came_from = row
    return None if pk is None else PersonRow(pk, name, bool(active), bool(guest), bool(staff), ended, came_from)
