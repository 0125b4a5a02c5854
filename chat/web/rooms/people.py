"""Who belongs to a room, what can be done about one of them, and one's own coming and going."""

from functools import partial
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chat import limits, policy
from chat.actions import memberships, moderation
from chat.models import Membership, Restriction, User
from chat.policy import Right
from chat.queries import members
from chat.queries.members import Neighbour
from chat.web.rooms import fields, paging, wording
from chat.web.rooms.access import Place, of_room
from chat.web.rooms.deeds import Deed, Make, serve
from chat.wire.codes import ChatError, Code

_MUTE_SECONDS = [600, 3_600, 86_400, 604_800]
_BAN_SECONDS = [3_600, 86_400, 604_800, 2_592_000]
_ROLES = (Membership.Role.MEMBER, Membership.Role.MODERATOR, Membership.Role.OWNER)


# The list


class _Add(Deed):
    do = "add"
    heading = _("Add somebody")
    lead = _("They see the room at once, and can leave it. For people without an account, make an invitation link.")
    submit = _("Add")
    name = fields.person()

    def __init__(self, place: Place, **kwargs: Any) -> None:
        self.place = place
        super().__init__(**kwargs)

    def act(self, person: User) -> str:
        added = members.called(self.cleaned_data["name"])
        if added is None:
            raise ChatError(Code.NOT_FOUND, "There is nobody of that name.")
        memberships.add(person, self.place.room.pk, added.pk)
        return reverse("rooms:people", args=[self.place.room.slug])


@of_room(policy.list_people)
def people(request: HttpRequest, place: Place) -> HttpResponse:
    may = place.may
    page = paging.number(request)

    def context() -> dict[str, Any]:
        found = members.of_room(place.room.pk, page)
        kept_out = members.restricted(place.room.pk) if Right.MODERATE in may else []
        rows = [{"person": one.person, "role": wording.ROLES[Membership.Role(one.role)]} for one in found.members]
        links = paging.links(request, page, more=found.more)
        moderates = Right.MODERATE in may
        return {"place": place, "members": rows, "restrictions": kept_out, "moderates": moderates, **links}

    return serve(request, "room_settings/people.html", [partial(_Add, place)] if Right.INVITE in may else [], context)


@of_room(policy.list_people)
def members_json(request: HttpRequest, place: Place) -> HttpResponse:
    """The first of them for the room's page: {"people": [{"id", "name", "role"}], "more": whether there are others}."""
    found = members.of_room(place.room.pk)
    people = [{"id": one.person_id, "name": one.person.display_name, "role": one.role} for one in found.members]
    return JsonResponse({"people": people, "more": found.more})


# One person


class _About(Deed):
    """Leads back to the page about that person."""

    def __init__(self, place: Place, other: Neighbour, **kwargs: Any) -> None:
        self.place, self.other = place, other
        super().__init__(**kwargs)

    def act(self, person: User) -> str:
        self.decide(person, self.place.room.pk, self.other.person.pk)
        return reverse("rooms:person", args=[self.place.room.slug, self.other.person.pk])

    def decide(self, actor: User, room: int, person: int) -> None:
        raise NotImplementedError


class _Role(_About):
    do = "role"
    heading = _("Role")
    role = forms.ChoiceField(label=_("Role"), choices=[(role.value, wording.ROLES[role]) for role in _ROLES])

    def __init__(self, place: Place, other: Neighbour, **kwargs: Any) -> None:
        super().__init__(place, other, **{"initial": {"role": other.role}, **kwargs})

    def decide(self, actor: User, room: int, person: int) -> None:
        memberships.set_role(actor, room, person, self.cleaned_data["role"])


class _Mute(_About):
    do = "mute"
    heading = _("Mute")
    lead = _("They can read, and cannot write for a while.")
    submit = _("Mute")
    seconds = fields.seconds(_("For how long"), _MUTE_SECONDS, limits.RESTRICTION_SECONDS)
    reason = fields.reason(_("Why"))

    def decide(self, actor: User, room: int, person: int) -> None:
        moderation.mute(actor, room, person, self.cleaned_data["seconds"], self.cleaned_data["reason"])


class _Remove(_About):
    do = "remove"
    heading = _("Remove")
    lead = _("They are no member any more. With a link or by being added they can come back.")
    submit = _("Remove")
    danger = True

    def act(self, person: User) -> str:
        super().act(person)
        return reverse("rooms:people", args=[self.place.room.slug])  # there may be no page about them any more

    def decide(self, actor: User, room: int, person: int) -> None:
        memberships.remove(actor, room, person)


class _Ban(_About):
    do = "ban"
    heading = _("Ban")
    lead = _("They are no member any more and cannot come back until the ban is over or lifted.")
    submit = _("Ban")
    danger = True
    seconds = fields.seconds(_("For how long"), _BAN_SECONDS, limits.RESTRICTION_SECONDS, first=_("For good"))
    reason = fields.reason(_("Why"))
    by_address = forms.BooleanField(
        label=_("Keep out every guest who comes from the same address, too"),
        required=False,
        help_text=_("Only for a while: other people may have this address tomorrow."),
    )

    def __init__(self, place: Place, other: Neighbour, **kwargs: Any) -> None:
        super().__init__(place, other, **kwargs)
        if not other.person.is_guest:
            del self.fields["by_address"]

    def decide(self, actor: User, room: int, person: int) -> None:
        given = self.cleaned_data
        by_address = given.get("by_address", False)
        moderation.ban(actor, room, person, given["seconds"], given["reason"], by_address=by_address)


class _Lift(_About):
    kind: str

    def decide(self, actor: User, room: int, person: int) -> None:
        moderation.lift(actor, room, person, self.kind)


class _Unmute(_Lift):
    do = "unmute"
    kind = Restriction.Kind.MUTE
    submit = _("Lift the mute")


class _Unban(_Lift):
    do = "unban"
    kind = Restriction.Kind.BAN
    submit = _("Lift the ban")


@of_room(policy.regulate)
def person(request: HttpRequest, place: Place, person: int) -> HttpResponse:
    """Of one who belongs to the room, has said something there, or is kept out of it."""
    other = members.neighbour(place.room.pk, person)
    if other is None:
        raise Http404

    def context() -> dict[str, Any]:
        role = wording.ROLES[Membership.Role(other.role)] if other.role else ""
        return {"place": place, "person": other.person, "role": role, "restrictions": other.restrictions}

    return serve(request, "room_settings/person.html", _deeds(place, other), context)


def _deeds(place: Place, other: Neighbour) -> list[Make]:
    """What this viewer can do about that person."""
    facts = place.viewer, place.room, place.standing, other.person, other.standing
    acts = policy.allows(policy.act_on, *facts)
    kinds = {one.kind for one in other.restrictions}
    there: dict[type[_About], bool] = {
        _Unmute: Restriction.Kind.MUTE in kinds,
        _Unban: Restriction.Kind.BAN in kinds,
        _Role: any(policy.allows(policy.set_role, *facts, role) for role in _ROLES),
        _Mute: acts,
        _Remove: policy.allows(policy.remove, *facts),
        _Ban: acts,
    }
    return [partial(kind, place, other) for kind, is_there in there.items() if is_there]


# Oneself


class _Join(Deed):
    do = "join"
    submit = _("Join the room")

    def __init__(self, place: Place, **kwargs: Any) -> None:
        self.place = place
        super().__init__(**kwargs)

    def act(self, person: User) -> str:
        memberships.join(person, self.place.room.pk)
        return reverse("room", args=[self.place.room.slug])


class _Leave(Deed):
    do = "leave"
    submit = _("Leave the room")
    danger = True

    def __init__(self, place: Place, **kwargs: Any) -> None:
        self.place = place
        super().__init__(**kwargs)

    def act(self, person: User) -> str:
        memberships.leave(person, self.place.room.pk)
        return reverse("home")


@of_room(policy.join)
def join(request: HttpRequest, place: Place) -> HttpResponse:
    return serve(request, "room_settings/join.html", [partial(_Join, place)], lambda: {"place": place})


@of_room(policy.leave)
def leave(request: HttpRequest, place: Place) -> HttpResponse:
    return serve(request, "room_settings/leave.html", [partial(_Leave, place)], lambda: {"place": place})
