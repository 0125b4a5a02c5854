"""The making of rooms, and of direct conversations."""

from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat import policy
from chat.actions import rooms
from chat.actions.newcomers import Newcomers
from chat.models import Room, User
from chat.policy import Viewer
from chat.web import address, visitor
from chat.web.rooms import fields
from chat.web.rooms.deeds import Deed, serve

_MADE = {
    Room.Kind.PUBLIC: _("Everybody sees it and may write there."),
    Room.Kind.PRIVATE: _("Only those whom you invite see it."),
}


class _New(Deed):
    do = "new"
    submit = _("Open the room")
    title = fields.title(help_text=_("A public room is named after it: letters, digits, - and _."))
    topic = fields.topic()
    kind = forms.ChoiceField(label=_("Who sees it"))

    def __init__(self, newcomers: Newcomers, kinds: list[str], **kwargs: Any) -> None:
        self._newcomers = newcomers
        super().__init__(**kwargs)
        self.fields["kind"].choices = [(kind, _MADE[Room.Kind(kind)]) for kind in kinds]  # type: ignore[attr-defined]

    def act(self, person: User) -> str:
        self._newcomers.room()
        given = self.cleaned_data
        return reverse("room", args=[rooms.make(person, given["kind"], given["title"], given["topic"]).slug])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    kinds = _kinds(visitor.person(request))
    if not kinds:
        raise PermissionDenied
    return serve(request, "room_settings/new.html", [partial(_New, Newcomers(address.of(request)), kinds)])


def _kinds(viewer: Viewer) -> list[str]:
    return [kind.value for kind in _MADE if policy.allows(policy.make, viewer, kind)]
