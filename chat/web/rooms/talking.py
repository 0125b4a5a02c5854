"""Direct conversations: with whom, found by name, and the way into the room."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chat import limits, policy
from chat.actions import rooms
from chat.models import Room, User
from chat.queries import members
from chat.web import shown, visitor
from chat.web.rooms.deeds import Deed, serve

_OTHERS = limits.DIRECT_PEOPLE - 1


class _Direct(Deed):
    """With people whom a page names by their keys."""

    do = "direct"
    submit = _("Begin")
    person = forms.Field(widget=forms.MultipleHiddenInput, error_messages={"required": _("Choose somebody first.")})

    def clean_person(self) -> list[int]:
        keys = _keys(self.cleaned_data["person"])
        if not 1 <= len(keys) <= _OTHERS or len(keys) < len(self.cleaned_data["person"]):
            raise forms.ValidationError(_("There is no such person."))
        return keys

    def act(self, person: User) -> str:
        return reverse("room", args=[rooms.talk(person, self.cleaned_data["person"]).slug])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def direct(request: HttpRequest) -> HttpResponse:
    """Begin a direct conversation, or go on with it. `?q=` finds people, `?with=` are those who are chosen already."""
    viewer = visitor.person(request)
    if viewer is None or not policy.allows(policy.make, viewer, Room.Kind.DIRECT):
        raise PermissionDenied

    def context() -> dict[str, Any]:
        search = request.GET.get("q", "")[: limits.SEARCH_LENGTH].replace("\x00", " ").strip()
        chosen = members.of_keys([key for key in _keys(request.GET.getlist("with")) if key != viewer.pk][:_OTHERS])
        keys = [one.pk for one in chosen]
        found = [one for one in members.like(viewer, search) if one.pk not in keys] if search else []
        more = len(chosen) < _OTHERS
        return {
            "search": search,
            "chosen": [_row(one, [key for key in keys if key != one.pk]) for one in chosen],
            "found": [_row(one, [*keys, one.pk] if more else None) for one in found],
        }

    return serve(request, "room_settings/direct.html", [_Direct], context)


def _keys(given: list[str]) -> list[int]:
    """What of it are keys, each once."""
    return list(dict.fromkeys(int(key) for key in given if key.isdecimal() and len(key) < 19))


def _row(person: User, keys: list[int] | None) -> dict[str, Any]:
    """A person, and the address of this page with these people chosen."""
    address = None if keys is None else "?" + urlencode({"with": keys}, doseq=True)
    return {"person": shown.person(person.pk, person.display_name), "address": address}
