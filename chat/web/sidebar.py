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
from chat.web import visitor
from chat.web.accounts.entering import may_sign_up
from chat.wire import events

Kind = Room.Kind


class Entry(NamedTuple):
    """A room in the list; `is_present` is the one whose page this is."""

    slug: str
    title: str
    kind: str
    url: str
    is_archived: bool
    is_present: bool


class Sidebar(NamedTuple):
    """`public` are rooms to begin with, for those who have none of their own; what is archived comes last."""

    is_home: bool
    me: events.Person | None
    is_staff: bool
    joined: list[Joined]
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
    joined = sorted(rooms.joined(me), key=lambda one: one.room.is_archived)
    slug = present.slug if present else _asked_for(request)
    own = [_entry(one.room, one.title, slug) for one in joined]
    public = [] if own else [_entry(room, room.title, slug) for room in _busiest(me)]
    if present and not any(entry.is_present for entry in (*own, *public)):
        (own or public).insert(0, _here(present))
    return Sidebar(
        is_home=request.path == reverse("home"),
        me=events.Person(me.pk, me.display_name, me.is_guest) if me else None,
        is_staff=me is not None and me.is_staff,
        joined=joined,
        rooms=[entry for entry in own if entry.kind != Kind.DIRECT],
        direct=[entry for entry in own if entry.kind == Kind.DIRECT],
        public=public,
        may_sign_up=may_sign_up(),
        may_make=policy.allows(policy.make, me, Kind.PUBLIC) or policy.allows(policy.make, me, Kind.PRIVATE),
        may_talk=policy.allows(policy.make, me, Kind.DIRECT),
    )


def _asked_for(request: HttpRequest) -> str | None:
    return request.resolver_match.kwargs.get("room") if request.resolver_match else None


def _busiest(me: Viewer) -> list[Room]:
    return rooms.directory(me, length=limits.SUGGESTED_ROOMS).rooms


def _entry(room: Room, title: str, present: str | None) -> Entry:
    return Entry(room.slug, title, room.kind, reverse("room", args=[room.slug]), room.is_archived, room.slug == present)


def _here(room: events.Room) -> Entry:
    return Entry(room.slug, room.title, room.kind, reverse("room", args=[room.slug]), room.archived, is_present=True)
