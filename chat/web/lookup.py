"""Finds rooms and people by a part of their names, for the page's quick switcher; one's own rooms it knows already."""

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat import limits, policy
from chat.models import Room
from chat.queries import members, rooms
from chat.rates import Buckets
from chat.web import address, visitor
from chat.wire.codes import Code

_rates = Buckets(limits.LOOKUP_BURST, limits.LOOKUPS_PER_SECOND)


@require_safe
@never_cache
def lookup(request: HttpRequest) -> JsonResponse:
    """`?q=`: {"rooms": [{slug, title, url}], "people": [{id, name}]}, public rooms and whom one may talk to."""
    viewer = visitor.person(request)
    if wait := _rates.take(viewer.pk if viewer else address.of(request)):
        refusal = {"code": Code.RATE_LIMITED, "message": "You are looking for too much at once; wait a moment."}
        return JsonResponse({**refusal, "retry_after": wait}, status=429)
    search = request.GET.get("q", "")[: limits.SEARCH_LENGTH].replace("\x00", " ").strip()
    found = rooms.directory(viewer, search, length=limits.FOUND_ROOMS).rooms if search else []
    may_talk = viewer is not None and policy.allows(policy.make, viewer, Room.Kind.DIRECT)
    people = members.like(viewer, search) if viewer is not None and search and may_talk else []
    return JsonResponse(
        {
            "rooms": [
                {"slug": room.slug, "title": room.title, "url": reverse("room", args=[room.slug])} for room in found
            ],
            "people": [{"id": person.pk, "name": person.display_name} for person in people],
        }
    )
