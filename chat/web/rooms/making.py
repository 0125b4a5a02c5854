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

from chat import limits, policy
from chat.actions import rooms
from chat.actions.newcomers import Newcomers
from chat.models import Room, User
from chat.policy import Viewer
from chat.queries import members
from chat.web import address, visitor
from chat.web.rooms import fields
from chat.web.rooms.deeds import Deed, serve
from chat.wire.codes import ChatError, Code

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


class _Direct(Deed):
    """With people whom one names, or whom a page names by their keys."""

    do = "direct"
    submit = _("Begin")
    names = forms.CharField(
        label=_("With whom"),
        max_length=limits.DIRECT_PEOPLE * (limits.NAME_LENGTH + 2),
        required=False,
        help_text=_("One name, or several with commas between them."),
    )
    person = forms.CharField(required=False, widget=forms.HiddenInput)  # keys, with commas between them

    def clean_person(self) -> list[int]:
        keys = [key.strip() for key in self.cleaned_data["person"].split(",") if key.strip()]
        if len(keys) > limits.DIRECT_PEOPLE or not all(key.isdecimal() and len(key) < 19 for key in keys):
            raise forms.ValidationError(_("There is no such person."))
        return [int(key) for key in keys]

    def act(self, person: User) -> str:
        typed = [name for name in self.cleaned_data["names"].split(",") if name.strip()]
        named = {name: members.called(name) for name in typed[: limits.DIRECT_PEOPLE]}
        if len(typed) > limits.DIRECT_PEOPLE or None in named.values():
            raise ChatError(Code.NOT_FOUND, "There is no such person.")
        others = [one.pk for one in named.values() if one is not None]
        return reverse("room", args=[rooms.talk(person, [*others, *self.cleaned_data["person"]]).slug])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def direct(request: HttpRequest) -> HttpResponse:
    """Begin a direct conversation, or go on with it."""
    if not policy.allows(policy.make, visitor.person(request), Room.Kind.DIRECT):
        raise PermissionDenied
    return serve(request, "room_settings/direct.html", [_Direct])
