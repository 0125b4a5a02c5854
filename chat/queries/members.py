"""Who belongs to a room, and who is kept out of it or silent in it."""

from typing import NamedTuple

from django.db.models import Case, Value, When

from chat import limits, policy
from chat.models import Membership, Restriction, User
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


def restricted(room: int) -> list[Restriction]:
    """The bans and mutes in force, newest first."""
    found = Restriction.objects.filter(policy.in_force(), room=room).select_related("person", "made_by")
    return list(found.order_by("-pk")[: limits.ROOM_RESTRICTIONS])


def called(typed: str) -> User | None:
    """The person whose name was typed, in whatever spelling people would take for it."""
    try:
        key = names.key(names.display_name(typed))
    except names.BadName:
        return None
    return User.objects.filter(username_key=key, is_active=True).first()
