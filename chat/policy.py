"""Who may see, join, post: the only place that decides. Deny by default; nothing here writes.

A viewer is a User, or None for a guest who has no row yet. `visible` says the same as `see` for use inside a query,
so that a read asks for the right in its own statement.
"""

from typing import Protocol

from django.conf import settings
from django.db.models import Q

from chat.models import Room, User
from chat.wire.codes import ChatError, Code

Viewer = User | None

# For the site's own readers (a hub that fills a gap), never for a person's.
EVERYTHING = Q()


class Somebody(Protocol):
    """What a decision needs of a person: a User, or its row as a batch reads it."""

    @property
    def pk(self) -> int: ...

    @property
    def is_active(self) -> bool: ...


class RoomState(Protocol):
    """What a decision needs of a room."""

    @property
    def kind(self) -> str: ...

    @property
    def is_archived(self) -> bool: ...


class Denied(ChatError):
    """A person may not do this; to whom a room is hidden, it is `not_found`, as if there were none."""


def be_here(viewer: Viewer) -> None:
    """Whether one may be on the site at all: pages and sockets ask before anything else.

    Raises Denied: `forbidden` for who is deactivated, `log_in_needed` for a guest where there are none.
    """
    if viewer is not None and not viewer.is_active:
        raise Denied(Code.FORBIDDEN, "This account is deactivated.")
    if not _is_let_in(viewer):
        raise Denied(Code.LOG_IN_NEEDED)


def sign_up(*, invited: bool) -> None:
    """Whether a stranger may have an account; `invited` by a link that is looked at when it is used."""
    if settings.CHAT_SIGN_UP != "open" and not (invited and settings.CHAT_SIGN_UP == "invitation"):
        raise Denied(Code.FORBIDDEN, "Accounts are not given to everybody here.")


def invite_to_site(actor: User) -> None:
    if not (actor.is_active and actor.is_staff):
        raise Denied(Code.FORBIDDEN)


def manage(actor: User, person: User) -> None:
    """Whether somebody of the staff may change another's account. Who stands as high is left to superusers."""
    stands_higher = actor.is_staff and not (person.is_staff or person.is_superuser)
    if not actor.is_active or not (actor.is_superuser or stands_higher):
        raise Denied(Code.FORBIDDEN)


def visible(viewer: Viewer, prefix: str = "") -> Q:
    """The rooms that the viewer may see; `prefix` leads from the queried model to the room (`room__`)."""
    if not _may_be_here(viewer) or not _is_let_in(viewer):
        return Q(**{f"{prefix}pk__in": []})
    return Q(**{f"{prefix}kind": Room.Kind.PUBLIC})


def see(viewer: Somebody | None, room: RoomState) -> None:
    if not _may_be_here(viewer) or room.kind != Room.Kind.PUBLIC:
        raise Denied(Code.NOT_FOUND)


def create_public_room(viewer: Viewer) -> None:
    """Whether a public room may come to be because the viewer enters it."""
    if not _may_be_here(viewer) or not _is_let_in(viewer):
        raise Denied(Code.NOT_FOUND)


def post(viewer: Somebody, room: RoomState) -> None:
    see(viewer, room)
    if room.is_archived:
        raise Denied(Code.READ_ONLY)


def edit(viewer: Somebody, room: RoomState, author: int) -> None:
    """One's own words, in a room where one may still speak; `author` is the key of whose words they are."""
    post(viewer, room)
    if author != viewer.pk:
        raise Denied(Code.FORBIDDEN)


def delete(viewer: Somebody, room: RoomState, author: int) -> None:
    edit(viewer, room, author)


def rights(viewer: Viewer, room: Room) -> list[str]:
    """What the viewer may do in a room that is seen: the wire's `may`."""
    return [] if room.is_archived else ["send"]


def _may_be_here(viewer: Somebody | None) -> bool:
    return viewer is None or viewer.is_active


def _is_let_in(viewer: Viewer) -> bool:
    return settings.CHAT_GUESTS or (viewer is not None and not viewer.is_guest)
