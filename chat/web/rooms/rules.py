"""The page on which a room is changed: its title, its name, who sees it, its rules, its end."""

from functools import partial
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chat import limits, policy
from chat.actions import rooms
from chat.models import Room, User
from chat.policy import Right
from chat.web.rooms import fields
from chat.web.rooms.access import Place, of_room
from chat.web.rooms.deeds import Deed, Make, serve

_SLOW_SECONDS = [5, 10, 30, 60, 300, 900, 3_600]  # to choose from


class _Change(Deed):
    """Leads back to the room's settings, whatever the room is called afterwards."""

    def __init__(self, place: Place, **kwargs: Any) -> None:
        self.place = place
        super().__init__(**{"initial": self.present(place.room), **kwargs})

    @staticmethod
    def present(room: Room) -> dict[str, Any]:
        """What the fields say before they are changed."""
        return {}

    def act(self, person: User) -> str:
        return reverse("rooms:settings", args=[self.change(person, self.place.room.pk).slug])

    def change(self, person: User, room: int) -> Room:
        raise NotImplementedError


class _Title(_Change):
    do = "title"
    title = fields.title()
    topic = fields.topic()

    @staticmethod
    def present(room: Room) -> dict[str, Any]:
        return {"title": room.title, "topic": room.topic}

    def change(self, person: User, room: int) -> Room:
        return rooms.set_title(person, room, self.cleaned_data["title"], self.cleaned_data["topic"])


class _Rename(_Change):
    do = "rename"
    heading = _("Another name")
    lead = _("Links to the old name lead on.")
    submit = _("Rename")
    slug = fields.slug()

    @staticmethod
    def present(room: Room) -> dict[str, Any]:
        return {"slug": room.slug}

    def change(self, person: User, room: int) -> Room:
        return rooms.rename(person, room, self.cleaned_data["slug"])


class _MembersOnly(_Change):
    do = "members_only"
    heading = _("Members and others")
    members_only = forms.TypedChoiceField(
        label=_("Who may write"),
        choices=[("", _("Everybody who sees the room")), ("on", _("Members of the room only"))],
        coerce=bool,
        required=False,
    )

    @staticmethod
    def present(room: Room) -> dict[str, Any]:
        return {"members_only": "on" if room.members_only else ""}

    def change(self, person: User, room: int) -> Room:
        return rooms.set_members_only(person, room, bool(self.cleaned_data["members_only"]))


class _Slow(_Change):
    do = "slow"
    heading = _("Slow mode")
    lead = _("How long somebody has to wait between two messages. Those who moderate do not wait.")
    seconds = fields.seconds(_("Time to wait"), _SLOW_SECONDS, limits.SLOW_SECONDS, first=_("None"))

    @staticmethod
    def present(room: Room) -> dict[str, Any]:
        return {"seconds": room.slow_seconds or ""}

    def change(self, person: User, room: int) -> Room:
        return rooms.set_slow(person, room, self.cleaned_data["seconds"] or 0)


class _MakePrivate(_Change):
    do = "private"
    heading = _("Make it private")
    lead = _(
        "Only its members see the room from then on: those listed under People. Links to it lead nowhere any more."
    )
    submit = _("Make it private")

    def change(self, person: User, room: int) -> Room:
        return rooms.make_private(person, room)


class _MakePublic(_Change):
    do = "public"
    heading = _("Make it public")
    lead = _("Everybody can read it from then on, from its first message.")
    submit = _("Make it public")
    slug = fields.slug()

    def change(self, person: User, room: int) -> Room:
        return rooms.make_public(person, room, self.cleaned_data["slug"])


class _Archive(_Change):
    do = "archive"
    heading = _("Archive")
    lead = _("Nobody writes in the room any more; it can be read as before. This can be undone.")
    submit = _("Archive the room")

    def change(self, person: User, room: int) -> Room:
        return rooms.archive(person, room)


class _Revive(_Change):
    do = "revive"
    heading = _("This room is archived")
    lead = _("Nobody writes in it.")
    submit = _("Open it again")

    def change(self, person: User, room: int) -> Room:
        return rooms.revive(person, room)


class _Delete(_Change):
    do = "delete"
    heading = _("Delete")
    lead = _("The room and all that was said in it are gone for ever. To go on, type the room's title.")
    submit = _("Delete for ever")
    danger = True
    title = fields.title()

    def clean_title(self) -> str:
        typed: str = self.cleaned_data["title"]
        if " ".join(typed.split()) != self.place.room.title:
            raise forms.ValidationError(_("This is not the room's title."))
        return typed

    def act(self, person: User) -> str:
        rooms.delete(person, self.place.room.pk)
        return reverse("home")


@of_room(policy.regulate)
def settings(request: HttpRequest, place: Place) -> HttpResponse:
    return serve(request, "room_settings/settings.html", _deeds(place), lambda: {"place": place})


def _deeds(place: Place) -> list[Make]:
    """What can be changed in such a room by such a person."""
    room, manages = place.room, Right.MANAGE in place.may
    public = room.kind == Room.Kind.PUBLIC
    there = {
        _Title: manages,
        _MembersOnly: public,
        _Slow: True,
        _Rename: manages and public,
        _MakePrivate: manages and public,
        _MakePublic: manages and not public,
        _Archive: manages and not room.is_archived,
        _Revive: manages and room.is_archived,
        _Delete: manages,
    }
    return [partial(kind, place) for kind, is_there in there.items() if is_there]
