"""The page on which one arranges one's own rooms. The room's page sends its forms too, and takes the list out of it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat.actions import lists
from chat.models import Membership, Room, User
from chat.policy import Denied
from chat.queries import rooms
from chat.queries.rooms import Joined
from chat.text import names
from chat.web import visitor
from chat.web.rooms.deeds import Deed, serve
from chat.wire.codes import Code

Notify = Membership.Notify

LEVELS = {
    Notify.DEFAULT: _("as in other rooms"),
    Notify.ALL: _("of everything"),
    Notify.MENTIONS: _("when I am mentioned"),
    Notify.NOTHING: _("of nothing"),
}


class _Arrange(Deed):
    """One change of the list; leads back to the page with it."""

    def act(self, person: User) -> str:
        self.arrange(person)
        return reverse("rooms:mine")

    def arrange(self, person: User) -> None:
        raise NotImplementedError


class _OfRoom(_Arrange):
    room = forms.CharField(widget=forms.HiddenInput)


def _of_room(name: str, change: Callable[[User, int], None]) -> type[Deed]:
    """A button of a room's row that does just this."""

    class Button(_OfRoom):
        do = name

        def arrange(self, person: User) -> None:
            change(person, _key(person, self.cleaned_data["room"]))

    return Button


class _Up(_OfRoom):
    """Before the room that stands above it on the page."""

    do = "up"
    above = forms.CharField(widget=forms.HiddenInput)

    def arrange(self, person: User) -> None:
        beside = _key(person, self.cleaned_data["above"])
        lists.move(person, _key(person, self.cleaned_data["room"]), beside, after=False)


class _Down(_OfRoom):
    do = "down"
    below = forms.CharField(widget=forms.HiddenInput)

    def arrange(self, person: User) -> None:
        beside = _key(person, self.cleaned_data["below"])
        lists.move(person, _key(person, self.cleaned_data["room"]), beside, after=True)


class _Notify(_OfRoom):
    do = "notify"
    level = forms.ChoiceField(choices=list(LEVELS.items()), required=False)

    def arrange(self, person: User) -> None:
        lists.notify(person, _key(person, self.cleaned_data["room"]), self.cleaned_data["level"])


class _Sort(_Arrange):
    do = "sort"
    by = forms.ChoiceField(choices=[("activity", _("by activity")), ("hand", _("by hand"))])

    def arrange(self, person: User) -> None:
        lists.sort(person, by_hand=self.cleaned_data["by"] == "hand")


_DEEDS: list[type[Deed]] = [
    _of_room("star", partial(lists.star, on=True)),
    _of_room("unstar", partial(lists.star, on=False)),
    _of_room("mute", partial(lists.mute, on=True)),
    _of_room("unmute", partial(lists.mute, on=False)),
    _of_room("hide", lists.hide),
    _of_room("show", lists.show),
    _Up,
    _Down,
    _Notify,
    _Sort,
]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    viewer = visitor.person(request)
    if viewer is None:
        raise PermissionDenied

    def context() -> dict[str, Any]:
        joined = sorted(rooms.joined(viewer), key=lambda one: one.room.is_archived)
        starred = [one for one in joined if one.own.starred]
        own = [one for one in joined if not one.own.starred and one.room.kind != Room.Kind.DIRECT]
        direct = [one for one in joined if not one.own.starred and one.room.kind == Room.Kind.DIRECT]
        named = [(_("Starred"), starred), (_("Rooms"), own), (_("Direct conversations"), direct)]
        return {
            "sections": [(title, _rows(found)) for title, found in named if found],
            "by_hand": viewer.rooms_by_hand,
            "levels": LEVELS.items(),
        }

    return serve(request, "room_settings/mine.html", _DEEDS, context)


def _rows(section: list[Joined]) -> list[dict[str, Any]]:
    """Each room with the names of those that stand above and below it."""
    slugs = ["", *(one.room.slug for one in section), ""]
    return [{"one": one, "above": slugs[place], "below": slugs[place + 2]} for place, one in enumerate(section)]


def _key(person: User, spelling: str) -> int:
    try:
        return rooms.find(person, names.slug(spelling)).room.pk
    except names.BadName:
        raise Denied(Code.NOT_FOUND) from None
