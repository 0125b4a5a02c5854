"""What stands under messages: which emoji, from how many people, and who was first."""

from collections.abc import Collection, Iterable
from functools import cache
from typing import NamedTuple

import msgspec
from django.db import connection
from msgspec import UNSET

from chat import limits
from chat.queries.sql import in_list, on_postgres, table
from chat.wire import events

Place = tuple[int, int]  # room, number


class ReactionRow(NamedTuple):
    """One person's reaction, as one of so many of the same emoji."""

    seq: int
    emoji: str
    people: int
    person: int
    name: str


_RANKED = """
SELECT r.room_id, r.number, r.seq, r.emoji, r.person_id,
 count(*) OVER (PARTITION BY r.room_id, r.number, r.emoji) AS people,
 row_number() OVER (PARTITION BY r.room_id, r.number, r.emoji ORDER BY r.seq) AS place
FROM chat_reaction r
"""


@cache
def under(message: str) -> str:
    """The expression for a SELECT from `message` that gives what `decode` reads: NULL where nobody has reacted.

    Its one parameter is the person whose own are there wherever they stand, or None. So the reactions are of the same
    statement and moment as the message, at no price where there are none.
    """
    build, collect = ("json_build_array", "json_agg") if on_postgres() else ("json_array", "json_group_array")
    mine = f"r.room_id = {message}.room_id AND r.number = {message}.number"
    row = f"{build}(ranked.seq, ranked.emoji, ranked.people, ranked.person_id, u.display_name)"
    return f"""CASE WHEN {message}.has_reactions THEN (
      SELECT CAST({collect}({row}) AS text) FROM ({_RANKED} WHERE {mine}) ranked
      JOIN chat_user u ON u.id = ranked.person_id
      WHERE ranked.place <= {limits.REACTION_PEOPLE} OR ranked.person_id = %s
    ) END"""  # noqa: S608 - made of constants


def decode(found: str | None, viewer: int | None) -> list[events.Reaction]:
    return [] if found is None else grouped(_rows.decode(found), viewer)


def grouped(rows: Iterable[ReactionRow], viewer: int | None = None) -> list[events.Reaction]:
    """As a frame tells them, each kind and each person since when they stand there; with a viewer, to them alone."""
    kinds: dict[str, list[ReactionRow]] = {}
    for row in sorted(rows):
        kinds.setdefault(row.emoji, []).append(row)
    return [
        events.Reaction(
            emoji,
            those[0].people,
            [events.UserRef(row.person, row.name) for row in those[: limits.REACTION_PEOPLE]],
            own=any(row.person == viewer for row in those[limits.REACTION_PEOPLE :]) or UNSET,
        )
        for emoji, those in kinds.items()
    ]


def of(places: Collection[Place], first: int, people: Collection[int]) -> dict[Place, list[ReactionRow]]:
    """The reactions to messages: of each kind the first so many, and all of these people."""
    if not places:
        return {}
    asked, values = table(sorted(places))
    listed, those = in_list("ranked.person_id", sorted(people) or [0])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH asked (room, number) AS ({asked})
            SELECT ranked.room_id, ranked.number, ranked.seq, ranked.emoji, ranked.people, ranked.person_id,
             u.display_name
            FROM ({_RANKED} JOIN asked ON asked.room = r.room_id AND asked.number = r.number) ranked
            JOIN chat_user u ON u.id = ranked.person_id WHERE ranked.place <= %s OR {listed}""",  # noqa: S608 - constants
            [*values, first, *those],
        )
        found: dict[Place, list[ReactionRow]] = {}
        for room, number, *row in cursor.fetchall():
            found.setdefault((room, number), []).append(ReactionRow(*row))
    return found


_rows = msgspec.json.Decoder(list[ReactionRow])
