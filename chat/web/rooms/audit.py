"""The audit log: of a room for those who moderate it, of the site for the staff."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chat import policy
from chat.models import AuditEntry
from chat.policy import Denied
from chat.queries import audit
from chat.web import visitor
from chat.web.rooms import paging, wording
from chat.web.rooms.access import Place, of_room, refused


@of_room(policy.regulate)
def of_one_room(request: HttpRequest, place: Place) -> HttpResponse:
    return _log(request, place, audit.of_room(place.room.pk, paging.before(request)))


@require_safe
@never_cache
def of_site(request: HttpRequest) -> HttpResponse:
    try:
        policy.look_after_the_site(visitor.person(request))
    except Denied as refusal:
        raise refused(refusal) from None
    return _log(request, None, audit.of_site(paging.before(request)))


def _log(request: HttpRequest, place: Place | None, found: audit.Page) -> HttpResponse:
    rows = [
        {"entry": entry, "deed": wording.DEEDS[AuditEntry.Kind(entry.kind)], "detail": wording.detail(entry)}
        for entry in found.entries
    ]
    context: dict[str, Any] = {"place": place, "rows": rows}
    context |= paging.links_before(request, found.entries[-1].pk if found.more else None)
    return render(request, "room_settings/audit.html", context)
