"""Who belongs to a room, and who is kept out of it or silent in it."""

from typing import NamedTuple

from django.db.models import Case, Value, When

from chat import limits, policy
from chat.models import Membership, Message, Restriction, User
from chat.policy import Standing
from chat.queries import standings
from chat.text import names

Role = Membership.Role

_BY_RANK = Case(
    *(When(role=role, then=Value(place)) for place, role in enumerate((Role.OWNER, Role.MODERATOR, Role.MEMBER))),
    default=Value(3),
)


class Page(NamedTuple):
    members: list[Membership]
    more: bool


def of_room(room: int, page: int = 1) -> Page:
    """The people of a room, those with more rights first, then by name; `page` counts from 1."""
    found = Membership.objects.filter(room=room).select_related("person")
    found = found.order_by(_BY_RANK, "person__username_key")
    first = (min(max(page, 1), limits.LIST_PAGES) - 1) * limits.LIST_ROWS
    members = list(found[first : first + limits.LIST_ROWS + 1])
    return Page(members[: limits.LIST_ROWS], len(members) > limits.LIST_ROWS)


def restricted(room: int, person: int | None = None) -> list[Restriction]:
    """The bans and mutes in force, of all or of one, newest first."""
    found = Restriction.objects.filter(policy.in_force(), room=room).select_related("person", "made_by")
    if person is not None:
        found = found.filter(person=person)
    return list(found.order_by("-pk")[: limits.ROOM_RESTRICTIONS])


class Neighbour(NamedTuple):
    """A person as a room knows them."""

    person: User
    standing: Standing
    restrictions: list[Restriction]

    @property
    def role(self) -> str | None:
        return self.standing.role


def neighbour(room: int, person: int) -> Neighbour | None:
    """Somebody who belongs to the room, has said something there, or is kept out of it; nobody else."""
    found = User.objects.filter(pk=person).first()
    if found is None:
        return None
    known, _ = standings.read([(room, person)])
    standing = known[room, person].standing
    restrictions = restricted(room, person)
    if standing.role is None and not restrictions and not Message.objects.filter(room=room, author=person).exists():
        return None
    return Neighbour(found, standing, restrictions)


def called(typed: str) -> User | None:
    """The person whose name was typed, in whatever spelling people would take for it."""
    try:
        key = names.key(names.display_name(typed))
    except names.BadName:
        return None
    return User.objects.filter(username_key=key, is_active=True).first()
