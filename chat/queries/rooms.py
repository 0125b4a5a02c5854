"""Finds rooms: by slug, by what may be seen, and where their numbers stand."""

from typing import NamedTuple

from django.db.models import F, Subquery

from chat import limits, policy
from chat.models import Epoch, Room
from chat.policy import Denied, Viewer
from chat.wire import events
from chat.wire.codes import Code


class Numbers(NamedTuple):
    room: int
    seq: int
    state_seq: int


def find(viewer: Viewer, slug: str) -> Room:
    """The room with that slug. Raises Denied(not_found), the same whether it is hidden or absent."""
    room = Room.objects.filter(policy.visible(viewer), slug=slug).first()
    if room is None:
        raise Denied(Code.NOT_FOUND)
    return room


def exists(slug: str) -> bool:
    """Whether anybody has that slug: a question for those who make rooms, never for an answer to people."""
    return Room.objects.filter(slug=slug).exists()


def directory(viewer: Viewer) -> list[Room]:
    """The public rooms, newest activity first."""
    rooms = Room.objects.filter(policy.visible(viewer), kind=Room.Kind.PUBLIC, archived_at=None)
    return list(rooms.order_by(F("last_posted_at").desc(nulls_last=True), "-pk")[: limits.LISTED_ROOMS])


def numbers(rooms: list[int]) -> tuple[str, list[Numbers]]:
    """The epoch and where each of these rooms stands, in one statement, for the hub's watch."""
    epoch = Epoch.objects.order_by("-pk").values("key")[:1]
    rows = Room.objects.filter(pk__in=rooms).values_list("pk", "last_seq", "state_seq", Subquery(epoch))
    found = [Numbers(*row[:3]) for row in rows]
    return (rows[0][3] if found else epoch_key()), found


def epoch_key() -> str:
    return Epoch.objects.order_by("-pk").values_list("key", flat=True)[0]


def described(viewer: Viewer, room: Room) -> events.Room:
    """The room as the wire tells it to one person."""
    return events.Room(room.slug, room.title, room.topic, room.kind, policy.rights(viewer, room))
