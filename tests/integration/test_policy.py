"""The same rule in four places: as a function, within a query, as the one who looks for a room, as the writer's rows.

Every kind of person is put into every kind of room with every role, ban and mute; all four have to agree.
"""

from collections.abc import Iterable
from datetime import timedelta
from itertools import product
from typing import NamedTuple

import pytest
from django.utils import timezone

from chat import policy
from chat.models import Membership, Restriction, Room, RoomSlug, User
from chat.models.user import hash_address
from chat.policy import STRANGER, Denied, Standing, Viewer, allows
from chat.queries import rooms, standings
from chat.queries.sql import as_moment

pytestmark = pytest.mark.django_db

PEOPLE: dict[str, dict[str, object]] = {
    "member": {},
    "guest": {"kind": "guest"},
    "bot": {"kind": "bot"},
    "staff": {"is_staff": True},
    "member sent away": {"is_active": False},
    "guest sent away": {"kind": "guest", "is_active": False},
    "staff sent away": {"is_staff": True, "is_active": False},
}
ROLES = (None, "owner", "moderator", "member", "guest")
BANS = (None, "for good", "for a while", "over", "by address")
MUTES = (None, "for a while", "over")
ROOMS: dict[str, dict[str, object]] = {
    "public": {"kind": "public"},
    "public archive": {"kind": "public", "archived_at": timezone.now()},
    "members only": {"kind": "public", "members_only": True},
    "private": {"kind": "private"},
    "private archive": {"kind": "private", "archived_at": timezone.now()},
    "direct": {"kind": "direct", "direct_key": "somebody's"},
    "deleted": {"kind": "deleted"},
}


class Case(NamedTuple):
    """One person, who has this role, ban and mute in every room."""

    kind: str
    role: str | None
    ban: str | None
    mute: str | None
    person: User

    @property
    def banned(self) -> bool:
        return self.ban in ("for good", "for a while") or (self.ban == "by address" and self.kind.startswith("guest"))


@pytest.fixture
def places() -> list[Room]:
    return [Room.objects.create(slug=f"~{name}", title=name, **facts) for name, facts in ROOMS.items()]


@pytest.fixture
def cases(places: list[Room]) -> list[Case]:
    facts = list(product(PEOPLE, ROLES, BANS, MUTES))
    found = [
        Case(*fact, person) for fact, person in zip(facts, _make([PEOPLE[kind] for kind, *_ in facts], ""), strict=True)
    ]
    others = _make([{"kind": "guest"}] * len(found), "another ")
    everywhere = list(product(places, zip(found, others, strict=True)))
    Membership.objects.bulk_create(
        Membership(room=room, person=case.person, role=case.role) for room, (case, _) in everywhere if case.role
    )
    Restriction.objects.bulk_create(one for room, (case, other) in everywhere for one in _restrict(room, case, other))
    return found


def _make(facts: list[dict[str, object]], prefix: str) -> list[User]:
    names = [f"{prefix}{number}" for number in range(len(facts))]
    return User.objects.bulk_create(
        User(username=name, username_key=name, display_name=name, came_from=hash_address(name), **fact)
        for name, fact in zip(names, facts, strict=True)
    )


def _restrict(room: Room, case: Case, other: User) -> Iterable[Restriction]:
    """`other` is the guest whose ban by address meets the case's person, who came from the same place."""
    soon, past = timezone.now() + timedelta(hours=1), timezone.now() - timedelta(hours=1)
    until = {"for good": None, "for a while": soon, "over": past}
    made = {"room": room, "made_by": other, "made_at": past}
    if case.ban == "by address":
        yield Restriction(person=other, kind="ban", address=case.person.came_from, expires_at=soon, **made)
    elif case.ban:
        yield Restriction(person=case.person, kind="ban", expires_at=until[case.ban], **made)
    if case.mute:
        yield Restriction(person=case.person, kind="mute", expires_at=until[case.mute], **made)


def sees(case: Case, room: Room) -> bool:
    """Said once more in other words."""
    if not case.person.is_active or case.banned:
        return False
    return room.kind == "public" or (room.kind in ("private", "direct") and case.role is not None)


def test_function_query_look_up_and_rows_agree_about_everybody_everywhere(
    cases: list[Case], places: list[Room]
) -> None:
    facts, _ = standings.read([(room.pk, case.person.pk) for room, case in product(places, cases)])
    for case in cases:
        seen = set(Room.objects.filter(policy.visible(case.person)).values_list("pk", flat=True))
        moderated = set(Room.objects.filter(policy.moderated(case.person)).values_list("pk", flat=True))
        for room in places:
            known = facts[room.pk, case.person.pk]
            assert known.standing == Standing(case.role, case.banned, known.standing.muted_until), case
            assert (known.standing.muted_until is not None) is (case.mute == "for a while"), case
            assert allows(policy.see, known.person, room, known.standing) is sees(case, room), (case, room.title)
            assert (room.pk in seen) is sees(case, room), (case, room.title)
            by_rule = allows(policy.moderate, known.person, room, known.standing)
            assert (room.pk in moderated) is by_rule, (case, room.title)
            if case.mute is None:  # a mute hides nothing
                assert _found(case.person, room) == (known.standing if sees(case, room) else None), (case, room.title)


def _found(viewer: Viewer, room: Room) -> Standing | None:
    try:
        return rooms.of_key(viewer, room.pk).standing
    except Denied:
        return None


def test_who_has_no_row_yet_sees_what_is_public(cases: list[Case], places: list[Room]) -> None:
    seen = set(Room.objects.filter(policy.visible(None)).values_list("pk", flat=True))

    assert seen == {room.pk for room in places if allows(policy.see, None, room, STRANGER)}
    assert seen == {room.pk for room in places if room.kind == "public"}
    assert not Room.objects.filter(policy.moderated(None)).exists()
    for room in places:
        assert _found(None, room) == (STRANGER if room.kind == "public" else None)


def test_the_rule_can_be_asked_from_what_belongs_to_a_room(cases: list[Case], places: list[Room]) -> None:
    RoomSlug.objects.bulk_create(RoomSlug(slug=room.slug, room=room) for room in places)
    for viewer in (None, *(case.person for case in cases[::7])):
        for rule in (policy.visible, policy.moderated):
            direct = set(Room.objects.filter(rule(viewer)).values_list("pk", flat=True))
            assert set(RoomSlug.objects.filter(rule(viewer, "room__")).values_list("room", flat=True)) == direct


def test_the_hub_is_told_the_same_for_all_at_once(
    cases: list[Case], places: list[Room], django_assert_max_num_queries
) -> None:
    people = [None, *(case.person.pk for case in cases), 10**9]
    for room in places:
        with django_assert_max_num_queries(4):
            told = rooms.standing(room.pk, people)
        assert set(told) == set(people)
        assert told[10**9].close is not None
        for case in cases:
            place = told[case.person.pk]
            assert (place.close is None) is sees(case, room) is (place.described is not None), (case, room.title)
            if place.described:
                seen = rooms.of_key(case.person, room.pk)
                assert place.described.may == policy.rights(case.person, *seen)


def test_a_moment_is_read_the_same_whatever_the_database_gives() -> None:
    assert as_moment(None) is None
    room, person = Room.objects.create(slug="a"), User.objects.create_user("Ana")
    until = timezone.now() + timedelta(hours=1)
    Restriction.objects.create(
        room=room, person=person, kind="mute", made_by=person, made_at=timezone.now(), expires_at=until
    )
    known, epoch = standings.read([(room.pk, person.pk)])
    assert known[room.pk, person.pk].standing.muted_until == until == rooms.find(person, "a").standing.muted_until
    assert epoch == rooms.epoch_key()
    assert standings.read([]) == ({}, "")
    assert standings.read([(room.pk, 10**9)]) == ({}, "")
