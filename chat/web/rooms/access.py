"""Finds the room that a page is about and who asks for it; what is hidden is not found."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, NamedTuple, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat import policy
from chat.models import Room
from chat.policy import Denied, Standing, Viewer
from chat.queries import rooms
from chat.text import names
from chat.web import visitor
from chat.web.rooms import wording
from chat.wire.codes import Code

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, str, P], HttpResponse]
RoomView = Callable[Concatenate[HttpRequest, "Place", P], HttpResponse]
_Rule = Callable[[Viewer, Room, Standing], None]


class Place(NamedTuple):
    """A room, who looks at it, and how they stand in it."""

    viewer: Viewer
    room: Room
    standing: Standing

    @property
    def may(self) -> list[str]:
        return policy.rights(self.viewer, self.room, self.standing)


def of_room(rule: _Rule = policy.see) -> Callable[[RoomView[P]], View[P]]:
    """A view of a room for those whom the rule lets; an old name of the room leads to the new one."""

    def decorate(view: RoomView[P]) -> View[P]:
        @never_cache
        @require_http_methods(["GET", "HEAD", "POST"])
        @wraps(view)
        def guarded(request: HttpRequest, /, room: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            place = _find(request, room, rule)
            if place.room.slug != room:
                assert request.resolver_match is not None
                name = request.resolver_match.view_name
                return HttpResponseRedirect(reverse(name, kwargs={**kwargs, "room": place.room.slug}))
            return view(request, place, *args, **kwargs)

        return guarded  # type: ignore[return-value]  # Django gives `room` by name

    return decorate


def _find(request: HttpRequest, spelling: str, rule: _Rule) -> Place:
    viewer = visitor.person(request)
    try:
        room, standing = rooms.find(viewer, names.slug(spelling))
        rule(viewer, room, standing)
    except names.BadName:
        raise Http404 from None
    except Denied as refusal:
        raise refused(refusal) from None
    return Place(viewer, room, standing)


def refused(refusal: Denied) -> Exception:
    """What Django makes a page of: that there is nothing, or why it is not for this person."""
    return PermissionDenied(wording.sentence(refusal)) if refusal.code is Code.FORBIDDEN else Http404()
