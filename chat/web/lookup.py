"""Finds rooms and people by a part of their names, for the page's quick switcher."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat import limits, policy
from chat.models import Room
from chat.policy import Viewer
from chat.queries import members, rooms
from chat.rates import Buckets
from chat.web import address, visitor
from chat.wire.codes import Code

_rates = Buckets(limits.LOOKUP_BURST, limits.LOOKUPS_PER_SECOND)
_NOTHING: dict[str, list[Any]] = {"rooms": [], "people": []}


@require_safe
@never_cache
def lookup(request: HttpRequest) -> JsonResponse:
    """`?q=`: {rooms: [{slug, title, kind, url}], people: [{id, name}]}; rooms are public ones and one's own."""
    viewer = visitor.person(request)
    if wait := _rates.take(viewer.pk if viewer else address.of(request)):
        refusal = {"code": Code.RATE_LIMITED, "message": "You are looking for too much at once; wait a moment."}
        return JsonResponse({**refusal, "retry_after": wait}, status=429)
    search = request.GET.get("q", "")[: limits.SEARCH_LENGTH].replace("\x00", " ").strip()
    return JsonResponse({"rooms": _rooms(viewer, search), "people": _people(viewer, search)} if search else _NOTHING)


def _rooms(viewer: Viewer, search: str) -> list[dict[str, Any]]:
    """One's own first: the page does not list those that one has hidden."""
    words = search.casefold()
    own = {one.room.pk: (one.room, one.title) for one in rooms.joined(viewer) if words in one.title.casefold()}
    found = {room.pk: (room, room.title) for room in rooms.directory(viewer, search, length=limits.FOUND_ROOMS).rooms}
    first = list((own | {key: room for key, room in found.items() if key not in own}).values())[: limits.FOUND_ROOMS]
    return [
        {"slug": room.slug, "title": title, "kind": room.kind, "url": reverse("room", args=[room.slug])}
        for room, title in first
    ]


def _people(viewer: Viewer, search: str) -> list[dict[str, Any]]:
    if viewer is None or not policy.allows(policy.make, viewer, Room.Kind.DIRECT):
        return []
    return [{"id": person.pk, "name": person.display_name} for person in members.like(viewer, search)]
