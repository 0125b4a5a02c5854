"""Keeps how far people have read their rooms. Runs in a thread; knows no socket."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection, transaction

from chat.actions import announce
from chat.queries.sql import on_postgres, table
from chat.wire.announcements import Read


class Reading(NamedTuple):
    """Raise a position to `least`, after lowering it to `most`: so any row of moves of one person is one of these."""

    room: int
    person: int
    least: int
    most: int
    source: str  # the socket that told so last

    def forward(self, number: int, source: str) -> "Reading":
        return self._replace(least=max(self.least, number), most=max(self.most, number), source=source)

    def back(self, number: int, source: str) -> "Reading":
        """From this number on it is unread again."""
        before = max(number - 1, 0)
        return self._replace(least=min(self.least, before), most=min(self.most, before), source=source)


NOTHING = Reading(0, 0, least=0, most=2**53, source="")


def keep(readings: Sequence[Reading]) -> None:
    """Move these positions, one reading for each person and room, and announce those that have moved.

    A position is its person's own: it takes a membership and no right beside it, and never passes the room's number.
    """
    with transaction.atomic():
        asked, values = table([(one.room, one.person, one.least, one.most) for one in sorted(readings)])
        with connection.cursor() as cursor:
            cursor.execute(_STATEMENT.format(asked=asked, **_dialect()), values)
            moved = {(room, person): number for room, person, number in cursor.fetchall()}
        announce.after_commit(
            *(
                Read(one.room, one.person, moved[one.room, one.person], one.most < NOTHING.most, one.source)
                for one in readings
                if (one.room, one.person) in moved
            )
        )


# The rows are locked in the order of their keys, for two processes may hear of the same people, and read once locked.
_STATEMENT = """
WITH asked (room, person, least, most) AS ({asked}),
locked AS (
 SELECT m.id, m.read AS was,
  {least}({greatest}({least}(coalesce(m.read, r.last_seq), asked.most), asked.least), r.last_seq) AS number
 FROM asked JOIN chat_membership m ON m.room_id = asked.room AND m.person_id = asked.person
 JOIN chat_room r ON r.id = asked.room ORDER BY m.id {lock})
UPDATE chat_membership SET read = locked.number,
 hidden = CASE WHEN locked.number > locked.was THEN false ELSE hidden END FROM locked
WHERE chat_membership.id = locked.id AND (locked.was IS NULL OR locked.number <> locked.was)
RETURNING room_id, person_id, read
"""


def _dialect() -> dict[str, str]:
    if on_postgres():
        return {"least": "least", "greatest": "greatest", "lock": "FOR NO KEY UPDATE OF m"}
    return {"least": "min", "greatest": "max", "lock": ""}
