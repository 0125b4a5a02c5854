"""Who belongs to a room: by entering, joining, being added; with which role; until they leave or are removed."""

import pytest
from django.test import override_settings

from chat.actions import accounts, invitations, memberships, moderation, rooms
from chat.models import AuditEntry, Invitation, Membership, Room, User
from chat.models.user import hash_address
from chat.policy import Denied
from chat.queries import members
from chat.queries import rooms as reads
from chat.wire.announcements import AnyNews, Changes, Listed
from chat.wire.codes import ChatError, Code
from tests.cast import Cast, say

pytestmark = pytest.mark.django_db(transaction=True)


def role(room: Room, person: User) -> str | None:
    return Membership.objects.filter(room=room, person=person).values_list("role", flat=True).first()


def log(room: Room) -> list[tuple[str, str, str | None]]:
    """What, by whom, to whom; oldest first."""
    entries = AuditEntry.objects.filter(room=room.pk).select_related("actor", "person").order_by("pk")
    return [(one.kind, one.actor.display_name, one.person.display_name if one.person else None) for one in entries]


def refused(code: Code, work, *arguments: object) -> str:
    with pytest.raises(ChatError) as caught:
        work(*arguments)
    assert caught.value.code is code, caught.value
    assert caught.value.message.endswith(".")
    return caught.value.message


# Coming


def test_who_enters_a_public_room_with_an_account_has_it_among_theirs(cast: Cast, announced: list[AnyNews]) -> None:
    for _ in range(2):
        rooms.enter(cast.ana, "lobby")

    assert role(cast.lobby, cast.ana) == "member"
    assert announced == [Listed(cast.ana.pk)]  # it gives no right, so that it is no change of the room
    assert Room.objects.get(pk=cast.lobby.pk).last_seq == 0
    assert [own.room for own in reads.joined(cast.ana)] == [cast.lobby, cast.den]


@pytest.mark.parametrize("who", ["visitor", "nobody"])
def test_a_guest_enters_without_becoming_a_member(cast: Cast, who: str) -> None:
    rooms.enter(getattr(cast, who, None), "lobby")

    assert not Membership.objects.filter(room=cast.lobby).exists()


def test_entering_an_archive_or_a_room_for_members_makes_nobody_a_member(cast: Cast) -> None:
    Room.objects.filter(pk=cast.kitchen.pk).update(members_only=True)
    rooms.enter(cast.ana, "kitchen")
    rooms.enter(cast.ana, "archive")

    assert not Membership.objects.filter(room__in=(cast.kitchen, cast.archive)).exists()


def test_where_a_guest_comes_from_is_kept_as_nothing_that_could_be_read(cast: Cast) -> None:
    rooms.enter(cast.visitor, "lobby", address="192.0.2.7")
    rooms.enter(cast.ana, "lobby", address="192.0.2.7")

    kept = User.objects.get(pk=cast.visitor.pk).came_from
    assert kept == hash_address("192.0.2.7") == hash_address("::ffff:192.0.2.7")
    assert "192.0.2.7" not in kept
    assert User.objects.get(pk=cast.ana.pk).came_from == ""
    assert hash_address("2001:db8::1") == hash_address("2001:db8::ffff") != hash_address("2001:db8:0:1::1")
    assert accounts.guest("another", address="192.0.2.7").came_from == kept


def test_a_guest_who_comes_from_the_same_place_writes_nothing(cast: Cast, django_assert_num_queries) -> None:
    rooms.enter(cast.visitor, "lobby", address="192.0.2.7")

    with django_assert_num_queries(1):
        rooms.enter(cast.visitor, "lobby", address="192.0.2.7")


def test_who_is_a_member_enters_with_one_query(cast: Cast, django_assert_num_queries) -> None:
    rooms.enter(cast.ana, "lobby")

    with django_assert_num_queries(1):
        assert rooms.enter(cast.ana, "lobby").standing.role == "member"


def test_one_joins_a_room_for_members_with_an_account(cast: Cast, announced: list[AnyNews]) -> None:
    Room.objects.filter(pk=cast.lobby.pk).update(members_only=True)

    memberships.join(cast.ana, cast.lobby.pk)

    assert role(cast.lobby, cast.ana) == "member"
    assert [(news.upto, news.state_seq) for news in announced if isinstance(news, Changes)] == [(1, 1)]
    assert say(cast.lobby, cast.ana, "hi") == [2]
    refused(Code.FORBIDDEN, memberships.join, cast.visitor, cast.lobby.pk)
    refused(Code.FORBIDDEN, memberships.join, cast.ana, cast.lobby.pk)
    refused(Code.NOT_FOUND, memberships.join, cast.bo, cast.den.pk)
    refused(Code.NOT_FOUND, memberships.join, cast.bo, 10**9)


def test_moderators_add_people_whom_they_name(cast: Cast) -> None:
    memberships.add(cast.mia, cast.den.pk, cast.bo.pk)

    assert role(cast.den, cast.bo) == "member"
    assert log(cast.den)[-1] == ("added", "Mia", "Bo")
    assert say(cast.den, cast.bo, "thanks") == [2]
    refused(Code.BAD_REQUEST, memberships.add, cast.mia, cast.den.pk, cast.bo.pk)
    refused(Code.FORBIDDEN, memberships.add, cast.ana, cast.den.pk, cast.sara.pk)
    refused(Code.NOT_FOUND, memberships.add, cast.bo, cast.hidden.pk, cast.ana.pk)
    refused(Code.NOT_FOUND, memberships.add, cast.mia, cast.den.pk, cast.zoe.pk)
    refused(Code.NOT_FOUND, memberships.add, cast.mia, cast.den.pk, 10**9)


def test_a_person_is_found_by_name_in_whatever_spelling(cast: Cast) -> None:
    for typed in ("Bo", " bo ", "BO", "Вo"):
        assert members.called(typed) == cast.bo
    for typed in ("", " ", "Nobody", "Zoe", "\x00", "x" * 10_000):
        assert members.called(typed) is None


# Roles


def test_owners_give_roles(cast: Cast, announced: list[AnyNews]) -> None:
    memberships.set_role(cast.olga, cast.den.pk, cast.ana.pk, "moderator")

    assert role(cast.den, cast.ana) == "moderator"
    assert log(cast.den)[-1] == ("role", "Olga", "Ana")
    announced.clear()
    memberships.set_role(cast.olga, cast.den.pk, cast.ana.pk, "moderator")
    assert announced == []
    refused(Code.FORBIDDEN, memberships.set_role, cast.mia, cast.den.pk, cast.ana.pk, "member")
    refused(Code.FORBIDDEN, memberships.set_role, cast.olga, cast.den.pk, cast.visitor.pk, "moderator")
    refused(Code.BAD_REQUEST, memberships.set_role, cast.olga, cast.den.pk, cast.ana.pk, "king")
    refused(Code.NOT_FOUND, memberships.set_role, cast.olga, cast.den.pk, cast.bo.pk, "moderator")


def test_the_last_owner_stays_one_until_there_is_another(cast: Cast) -> None:
    refused(Code.BAD_REQUEST, memberships.set_role, cast.olga, cast.den.pk, cast.olga.pk, "member")

    memberships.set_role(cast.olga, cast.den.pk, cast.mia.pk, "owner")
    memberships.set_role(cast.mia, cast.den.pk, cast.olga.pk, "member")

    assert (role(cast.den, cast.olga), role(cast.den, cast.mia)) == ("member", "owner")


def test_a_guest_who_has_an_account_now_counts_as_a_member(cast: Cast) -> None:
    User.objects.filter(pk=cast.visitor.pk).update(kind="member")

    memberships.set_role(cast.olga, cast.den.pk, cast.visitor.pk, "moderator")

    assert role(cast.den, cast.visitor) == "moderator"


# Going


def test_who_leaves_is_out_and_says_no_more(cast: Cast, announced: list[AnyNews]) -> None:
    memberships.leave(cast.ana, cast.den.pk)

    assert role(cast.den, cast.ana) is None
    assert log(cast.den)[-1] == ("left", "Ana", "Ana")
    assert len(announced) == 1
    with pytest.raises(Denied):
        reads.find(cast.ana, cast.den.slug)
    refused(Code.NOT_FOUND, memberships.leave, cast.ana, cast.den.pk)
    refused(Code.FORBIDDEN, memberships.leave, cast.ana, cast.lobby.pk)


def test_after_the_last_owner_the_oldest_moderator_owns_the_room(cast: Cast) -> None:
    memberships.add(cast.olga, cast.den.pk, cast.bo.pk)
    memberships.set_role(cast.olga, cast.den.pk, cast.bo.pk, "moderator")

    memberships.leave(cast.olga, cast.den.pk)

    assert (role(cast.den, cast.mia), role(cast.den, cast.bo)) == ("owner", "moderator")
    assert log(cast.den)[-2:] == [("left", "Olga", "Olga"), ("role", "Olga", "Mia")]


def test_without_a_moderator_the_oldest_member_with_an_account_owns_it(cast: Cast) -> None:
    Membership.objects.filter(room=cast.den, person=cast.mia).delete()
    Membership.objects.filter(room=cast.den, person=cast.visitor).update(joined_at="2020-01-01T00:00:00Z")
    memberships.add(cast.olga, cast.den.pk, cast.bo.pk)

    memberships.leave(cast.olga, cast.den.pk)

    assert (role(cast.den, cast.ana), role(cast.den, cast.visitor)) == ("owner", "guest")


def test_a_private_room_that_nobody_could_own_any_more_is_archived(cast: Cast) -> None:
    Membership.objects.filter(room=cast.den, person__in=(cast.mia, cast.ana)).delete()

    memberships.leave(cast.olga, cast.den.pk)

    assert role(cast.den, cast.visitor) == "guest"
    assert Room.objects.get(pk=cast.den.pk).is_archived
    assert [kind for kind, *_ in log(cast.den)[-2:]] == ["left", "archived"]


def test_a_public_room_stays_open_without_anybody_and_goes_to_nobody_by_a_member_leaving(cast: Cast) -> None:
    own = rooms.make(cast.olga, Room.Kind.PUBLIC, "Own")
    memberships.leave(cast.olga, own.pk)
    assert not Room.objects.get(pk=own.pk).is_archived

    rooms.enter(cast.ana, "lobby")
    rooms.enter(cast.bo, "lobby")
    memberships.leave(cast.ana, cast.lobby.pk)
    assert role(cast.lobby, cast.bo) == "member"


def test_whose_account_ends_leaves_all_rooms_but_the_direct_ones(cast: Cast) -> None:
    direct = rooms.talk(cast.olga, [cast.ana.pk])
    rooms.enter(cast.olga, "lobby")

    memberships.leave_everywhere(cast.olga)

    assert list(Membership.objects.filter(person=cast.olga).values_list("room", flat=True)) == [direct.pk]
    assert role(cast.den, cast.mia) == "owner"


def test_moderators_remove_people_below_them(cast: Cast) -> None:
    memberships.remove(cast.mia, cast.den.pk, cast.ana.pk)
    memberships.remove(cast.mia, cast.den.pk, cast.visitor.pk)

    assert log(cast.den)[-2:] == [("removed", "Mia", "Ana"), ("removed", "Mia", "Visitor")]
    refused(Code.FORBIDDEN, memberships.remove, cast.mia, cast.den.pk, cast.olga.pk)
    refused(Code.FORBIDDEN, memberships.remove, cast.mia, cast.den.pk, cast.mia.pk)
    refused(Code.NOT_FOUND, memberships.remove, cast.mia, cast.den.pk, cast.bo.pk)
    refused(Code.NOT_FOUND, memberships.remove, cast.bo, cast.den.pk, cast.mia.pk)
    memberships.remove(cast.olga, cast.den.pk, cast.mia.pk)
    memberships.remove(cast.sara, cast.den.pk, cast.olga.pk)  # the staff, from outside


def test_with_somebody_who_is_removed_the_links_go_that_they_made(cast: Cast) -> None:
    own = invitations.make(cast.mia, cast.den.pk, 60, 5)
    others = invitations.make(cast.olga, cast.den.pk, 60, 5)

    memberships.remove(cast.olga, cast.den.pk, cast.mia.pk)

    refused(Code.NOT_FOUND, invitations.accept, cast.mia, own)
    assert invitations.accept(cast.bo, others).pk == cast.den.pk


def test_who_moderates_no_more_has_no_links_either(cast: Cast) -> None:
    own = invitations.make(cast.mia, cast.den.pk, 60, 5)

    memberships.set_role(cast.olga, cast.den.pk, cast.mia.pk, "member")

    refused(Code.NOT_FOUND, invitations.accept, cast.bo, own)
    assert Invitation.objects.get().revoked_at is not None


# What the hub is told


def test_the_hub_learns_who_was_sent_away_and_for_whom_the_room_is_gone(cast: Cast) -> None:
    people = [cast.ana.pk, cast.visitor.pk, cast.bo.pk, cast.mia.pk, None, cast.olga.pk]
    memberships.remove(cast.olga, cast.den.pk, cast.ana.pk)
    memberships.leave(cast.visitor, cast.den.pk)
    moderation.ban(cast.olga, cast.den.pk, cast.mia.pk)

    told = reads.standing(cast.den.pk, people)

    assert {person: place.close for person, place in told.items()} == {
        cast.ana.pk: 4403, cast.visitor.pk: 4404, cast.bo.pk: 4404, cast.mia.pk: 4403, None: 4404, cast.olga.pk: None,
    }  # fmt: skip
    memberships.add(cast.olga, cast.den.pk, cast.ana.pk)
    assert reads.standing(cast.den.pk, [cast.ana.pk])[cast.ana.pk].close is None


def test_the_hub_learns_that_a_public_room_is_private_now(cast: Cast) -> None:
    room = rooms.make(cast.olga, Room.Kind.PUBLIC, "Open")
    rooms.enter(cast.ana, "open")
    rooms.make_private(cast.olga, room.pk)

    told = reads.standing(room.pk, [cast.ana.pk, cast.bo.pk, cast.visitor.pk, None, cast.olga.pk])

    assert {person: place.close for person, place in told.items()} == {
        cast.ana.pk: None, cast.bo.pk: 4404, cast.visitor.pk: 4404, None: 4404, cast.olga.pk: None,
    }  # fmt: skip
    described = told[cast.olga.pk].described
    assert described is not None
    assert (described.kind, "manage" in described.may) == ("private", True)
    assert reads.standing(10**9, [None, 1])[1].close == 4404


def test_a_direct_room_is_told_by_the_names_of_its_other_people(cast: Cast) -> None:
    room = rooms.talk(cast.ana, [cast.bo.pk, cast.visitor.pk])

    told = reads.standing(room.pk, [cast.ana.pk, cast.bo.pk])

    assert [place.described.title for place in told.values() if place.described] == ["Bo, Visitor", "Ana, Visitor"]
    seen = reads.find(cast.ana, room.slug)
    assert reads.described(cast.ana, *seen) == told[cast.ana.pk].described


@override_settings(CHAT_GUESTS=False)
def test_where_there_are_no_guests_a_room_is_gone_for_them(cast: Cast) -> None:
    told = reads.standing(cast.lobby.pk, [cast.visitor.pk, None, cast.ana.pk])

    assert [place.close for place in told.values()] == [4404, 4404, None]
