"""The entrance's two statements tell what the site's own queries tell, of everybody and every room."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat import policy
from chat.models import Membership, Restriction, Room, User
from chat.policy import Denied
from chat.queries import entering, rooms
from chat.queries.entering import row_of
from tests.cast import Cast

pytestmark = pytest.mark.django_db


def everybody() -> Iterator[User | None]:
    yield None
    yield from User.objects.order_by("pk")


def asked_at_length(viewer: User | None, slug: str) -> Any:
    try:
        room, standing = rooms.find(viewer, slug)
    except Denied as refusal:
        return refusal.code
    return rooms.described(viewer, room, standing), room.last_seq, room.state_seq, standing


def asked_in_short(viewer: User | None, slug: str) -> Any:
    reader = row_of(viewer) if viewer else None
    found = entering.room(reader, slug)
    assert found is not None
    try:
        policy.see(reader, found.room, found.standing)
    except Denied as refusal:
        return refusal.code
    room, standing, _ = found
    return rooms.described(reader, room, standing), room.last_seq, room.state_seq, standing


def restrict(cast: Cast, kind: str, person: User, room: Room, *, hours: int, address: str = "") -> None:
    now = timezone.now()
    Restriction.objects.create(
        room=room, person=person, kind=kind, address=address, made_by=cast.sara, made_at=now,
        expires_at=now + timedelta(hours=hours),
    )  # fmt: skip


def test_both_tell_the_same_of_everybody_in_every_room(cast: Cast) -> None:
    User.objects.filter(pk=cast.visitor.pk).update(came_from="a" * 64)
    neighbour = User(kind="guest", came_from="a" * 64)
    neighbour.take_name("Neighbour")
    neighbour.save()
    restrict(cast, "ban", cast.bo, cast.lobby, hours=1)
    restrict(cast, "ban", cast.ana, cast.lobby, hours=-1)
    restrict(cast, "mute", cast.ana, cast.den, hours=1)
    restrict(cast, "mute", cast.mia, cast.den, hours=-1)
    restrict(cast, "ban", cast.visitor, cast.kitchen, hours=1, address="a" * 64)
    Room.objects.filter(pk=cast.lobby.pk).update(members_only=True, slow_seconds=30, last_seq=7, state_seq=3)
    Membership.objects.create(room=cast.lobby, person=cast.olga, role="owner")

    for room in Room.objects.all():
        for viewer in everybody():
            assert asked_in_short(viewer, room.slug) == asked_at_length(viewer, room.slug), (viewer, room)


def test_there_is_no_room_under_a_name_that_is_none(cast: Cast) -> None:
    assert entering.room(None, "nowhere") is None
    assert entering.room(row_of(cast.ana), "'; DROP TABLE chat_room") is None


def test_who_is_known_already_is_found_by_key_and_so_is_the_room(cast: Cast) -> None:
    """Whatever they and it are called by now."""
    for room in Room.objects.all():
        assert entering.room_of_key(row_of(cast.ana), room.pk) == entering.room(row_of(cast.ana), room.slug)
    for user in User.objects.all():
        assert entering.person(user.pk) == (row_of(user), rooms.epoch_key())
    assert entering.person(10**9) == (None, rooms.epoch_key())
    assert entering.room_of_key(None, 10**9) is None
