"""The start page: one's own rooms, and the directory of the public ones."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat import limits, policy
from chat.models import Room
from chat.queries import presence, rooms
from chat.text import names
from chat.web import sidebar, visitor
from chat.web.rooms import paging


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """`?q=` looks for words in the directory, `?page=` turns its pages."""
    return _home(request)


@require_safe
def open_room(request: HttpRequest) -> HttpResponse:
    """Lead to the room whose name was typed, or say what a name looks like."""
    typed = request.GET.get("room", "")
    try:
        return redirect("room", names.slug_of_words(typed))
    except names.BadName as error:
        return _home(request, typed=typed, error=str(error))


def _home(request: HttpRequest, **said: str) -> HttpResponse:
    me, side = visitor.person(request), sidebar.of(request)
    search, page = request.GET.get("q", "")[: limits.SEARCH_LENGTH].strip(), paging.number(request)
    found = rooms.directory(me, search, page, length=limits.LIST_ROWS)
    own = [] if search or page > 1 else side.joined[: limits.SHOWN_ROOMS]
    people = presence.people_in({room.pk for room in (*(one.room for one in own), *found.rooms)})
    context = {
        "sidebar": side,
        "me": me,
        "own": [_card(one.room, one.title, people) for one in own],
        "rooms": [_card(room, room.title, people) for room in found.rooms],
        "search": search,
        "may_make": policy.allows(policy.make, me, Room.Kind.PUBLIC),
        **paging.links(request, page, more=found.more),
        **said,
    }
    return render(request, "home/home.html", context, status=400 if said else 200)


def _card(room: Room, title: str, people: dict[int, int]) -> dict[str, Any]:
    return {
        "slug": room.slug,
        "title": title,
        "topic": room.topic,
        "kind": room.kind,
        "archived": room.is_archived,
        "people": people.get(room.pk, 0),
        "last_activity": room.last_posted_at,
        "url": reverse("room", args=[room.slug]),
    }
