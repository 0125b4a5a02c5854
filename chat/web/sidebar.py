"""What stands beside every page: one's rooms, the ways to others, and who one is."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from chat import limits, policy
from chat.models import Room
from chat.policy import Viewer
from chat.queries import rooms
from chat.queries.rooms import Joined
from chat.web import shown, visitor
from chat.web.accounts.entering import may_sign_up
from chat.wire import events

_ICONS = {Room.Kind.PRIVATE: "lock", Room.Kind.DIRECT: "person"}  # as in static/js/ui/sidebar.js


class Entry(NamedTuple):
    """A room in the list. `current` as in aria-current: `page` is the room itself, `true` one of its other pages."""

    slug: str
    title: str
    icon: str
    url: str
    is_archived: bool
    current: str
    is_muted: bool = False
    notify: str = ""
    unread: int = 0
    mentions: int = 0


class Sidebar(NamedTuple):
    """`public` are rooms to begin with, for those who have none of their own; what is archived comes last.

    What is hidden is not among them, unless it is the room whose page this is.
    """

    is_home: bool
    me: dict[str, Any] | None
    is_staff: bool
    joined: list[Joined]
    starred: list[Entry]
    rooms: list[Entry]
    direct: list[Entry]
    public: list[Entry]
    may_sign_up: bool
    may_make: bool
    may_talk: bool


def context(request: HttpRequest) -> dict[str, Any]:
    """For every template; asks the database only where it is drawn."""
    return {"sidebar": SimpleLazyObject(lambda: of(request))}


def of(request: HttpRequest, present: events.Room | None = None) -> Sidebar:
    """`present` is the room whose page this is: it stands in the list, whether one belongs to it or not."""
    me = visitor.person(request)
    slug, current = (present.slug, "page") if present else (_asked_for(request), "true")

    def entry(room: Room, title: str) -> Entry:
        return _entry(room.slug, title, room.kind, room.is_archived, current if room.slug == slug else "")

    def own_entry(one: Joined) -> Entry:
        own = entry(one.room, one.title)._replace(is_muted=one.own.muted, notify=one.own.notify)
        return own if own.current else own._replace(unread=one.unread, mentions=one.mentions)

    joined = sorted(rooms.joined(me), key=lambda one: one.room.is_archived)
    joined = [one for one in joined if not one.is_hidden or one.room.slug == slug]
    starred = [own_entry(one) for one in joined if one.own.starred]
    own = [own_entry(one) for one in joined if not one.own.starred and one.room.kind != Room.Kind.DIRECT]
    direct = [own_entry(one) for one in joined if not one.own.starred and one.room.kind == Room.Kind.DIRECT]
    public = [] if joined else [entry(room, room.title) for room in _busiest(me)]
    if present and not any(entry.current for entry in (*starred, *own, *direct, *public)):
        (own or public).insert(0, _entry(present.slug, present.title, present.kind, present.archived, current))
    return Sidebar(
        is_home=request.path == reverse("home"),
        me=shown.person(me.pk, me.display_name, guest=me.is_guest) if me else None,
        is_staff=me is not None and me.is_staff,
        joined=joined,
        starred=starred,
        rooms=own,
        direct=direct,
        public=public,
        may_sign_up=may_sign_up(),
        may_make=any(policy.allows(policy.make, me, kind) for kind in (Room.Kind.PUBLIC, Room.Kind.PRIVATE)),
        may_talk=policy.allows(policy.make, me, Room.Kind.DIRECT),
    )


def _asked_for(request: HttpRequest) -> str | None:
    return request.resolver_match.kwargs.get("room") if request.resolver_match else None


def _busiest(me: Viewer) -> list[Room]:
    return rooms.directory(me, length=limits.SUGGESTED_ROOMS).rooms


def _entry(slug: str, title: str, kind: str, is_archived: bool, current: str) -> Entry:
    icon = _ICONS.get(Room.Kind(kind), "hash")
    return Entry(slug, title, icon, reverse("room", args=[slug]), is_archived, current)
