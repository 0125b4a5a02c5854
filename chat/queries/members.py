"""Who belongs to a room, and who is kept out of it or silent in it."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import Case, Q, Value, When
from django.db.models.functions import Length

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


def like(viewer: User, words: str) -> list[User]:
    """People with an account whose names have these words in them, nearest first; a guest who is called just so."""
    key = names.key(words)
    if not key:
        return []
    named = Q(kind=User.Kind.MEMBER, username_key__contains=key) | Q(username_key=key)
    found = User.objects.filter(named, is_active=True).exclude(display_name="").exclude(pk=viewer.pk)
    return list(found.order_by(Length("username_key"), "username_key")[: limits.FOUND_PEOPLE])


def of_keys(keys: Collection[int]) -> list[User]:
    """These people, in the order in which they are asked for; nobody who is not there."""
    found = User.objects.filter(is_active=True).exclude(display_name="").in_bulk(list(keys))
    return [found[key] for key in keys if key in found]
