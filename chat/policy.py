"""Who may see, join, post: the only place that decides. Deny by default; nothing here writes.

A viewer is a User, or None for a guest who has no row yet. `visible` says the same as `see` for use inside a query,
so that a read asks for the right in its own statement.
"""

from django.db.models import Q

from chat.models import Message, Room, User
from chat.wire.codes import ChatError, Code

Viewer = User | None

# For the site's own readers (a hub that fills a gap), never for a person's.
EVERYTHING = Q()


class Denied(ChatError):
    """A person may not do this; to whom a room is hidden, it is `not_found`, as if there were none."""


def visible(viewer: Viewer, prefix: str = "") -> Q:
    """The rooms that the viewer may see; `prefix` leads from the queried model to the room (`room__`)."""
    if not _may_be_here(viewer):
        return Q(**{f"{prefix}pk__in": []})
    return Q(**{f"{prefix}kind": Room.Kind.PUBLIC})


def see(viewer: Viewer, room: Room) -> None:
    if not _may_be_here(viewer) or room.kind != Room.Kind.PUBLIC:
        raise Denied(Code.NOT_FOUND)


def create_public_room(viewer: Viewer) -> None:
    """Whether a public room may come to be because the viewer enters it."""
    if not _may_be_here(viewer):
        raise Denied(Code.NOT_FOUND)


def post(viewer: User, room: Room) -> None:
    see(viewer, room)
    if room.archived_at is not None:
        raise Denied(Code.READ_ONLY)


def edit(viewer: User, room: Room, message: Message) -> None:
    """One's own words, in a room where one may still speak."""
    post(viewer, room)
    if message.author_id != viewer.pk:
        raise Denied(Code.FORBIDDEN)


def delete(viewer: User, room: Room, message: Message) -> None:
    edit(viewer, room, message)


def rights(viewer: Viewer, room: Room) -> list[str]:
    """What the viewer may do in a room that is seen: the wire's `may`."""
    return ["send"] if room.archived_at is None else []


def _may_be_here(viewer: Viewer) -> bool:
    return viewer is None or viewer.is_active
