"""Links let in whom they should, as often and as long as they should, and tell nobody else anything."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from chat import limits
from chat.actions import invitations, rooms
from chat.models import AuditEntry, Invitation, Membership, Room
from chat.queries import invitations as reads
from chat.wire.codes import ChatError, Code
from tests.cast import Cast, say

pytestmark = pytest.mark.django_db(transaction=True)


def refused(code: Code, work: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(ChatError) as caught:
        work(*arguments)
    assert caught.value.code is code, caught.value
    return caught.value.message


@pytest.fixture
def link(cast: Cast) -> str:
    return invitations.make(cast.mia, cast.den.pk, 3600, uses=2)


def test_who_has_the_link_becomes_a_member(cast: Cast, link: str) -> None:
    assert invitations.accept(cast.bo, link) == cast.den

    assert Membership.objects.get(room=cast.den, person=cast.bo).role == "member"
    assert say(cast.den, cast.bo, "hi") == [2]
    entry = AuditEntry.objects.filter(room=cast.den.pk).order_by("-pk")[0]
    assert (entry.kind, entry.actor, entry.person, entry.detail) == ("joined", cast.bo, cast.bo, "Mia")


def test_a_guest_becomes_a_member_as_a_guest(cast: Cast, link: str) -> None:
    Membership.objects.filter(room=cast.den, person=cast.visitor).delete()

    invitations.accept(cast.visitor, link)

    assert Membership.objects.get(room=cast.den, person=cast.visitor).role == "guest"


def test_who_is_a_member_already_uses_nothing_of_it(cast: Cast, link: str) -> None:
    for _ in range(3):
        assert invitations.accept(cast.ana, link) == cast.den

    assert Invitation.objects.get().used == 0
    assert Membership.objects.get(room=cast.den, person=cast.olga).role == "owner"


def test_a_link_ends_with_its_uses(cast: Cast, link: str) -> None:
    invitations.accept(cast.bo, link)
    invitations.accept(cast.sara, link)
    Membership.objects.filter(room=cast.den, person=cast.bo).delete()

    refused(Code.NOT_FOUND, invitations.accept, cast.bo, link)
    assert reads.of_secret(link) is None


def test_every_end_of_a_link_is_told_in_the_same_words(cast: Cast, link: str) -> None:
    def told(secret: str = link) -> str:
        assert reads.of_secret(secret) is None
        return refused(Code.NOT_FOUND, invitations.accept, cast.bo, secret)

    words = {told(""), told("wrong"), told("\x00\ud800"), told("x" * 100_000)}
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    words.add(told())
    Invitation.objects.update(expires_at=timezone.now() + timedelta(hours=1))
    invitations.revoke(cast.olga, cast.den.pk, Invitation.objects.get().pk)
    words.add(told())
    Invitation.objects.update(revoked_at=None)
    rooms.archive(cast.olga, cast.den.pk)
    words.add(refused(Code.NOT_FOUND, invitations.accept, cast.bo, link))
    rooms.delete(cast.olga, cast.den.pk)
    words.add(told())

    assert len(words) == 1
    assert not Membership.objects.filter(person=cast.bo).exists()


def test_the_secret_itself_is_not_kept(cast: Cast, link: str) -> None:
    for row in Invitation.objects.values():
        assert link not in str(row)


def test_links_are_made_and_revoked_by_those_who_moderate(cast: Cast, link: str) -> None:
    key = Invitation.objects.get().pk
    for other, code in ((cast.ana, Code.FORBIDDEN), (cast.visitor, Code.FORBIDDEN), (cast.bo, Code.NOT_FOUND)):
        refused(code, invitations.make, other, cast.den.pk, 60, 1)
        refused(code, invitations.revoke, other, cast.den.pk, key)
    other_room = rooms.make(cast.bo, Room.Kind.PRIVATE, "Other")
    invitations.revoke(cast.bo, other_room.pk, key)  # of another room: nothing happens

    assert [one.pk for one in reads.of_room(cast.den.pk)] == [key]
    invitations.revoke(cast.olga, cast.den.pk, key)
    assert reads.of_room(cast.den.pk) == []
    kinds = AuditEntry.objects.filter(room=cast.den.pk).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["made", "invited", "revoked"]


@pytest.mark.parametrize(("seconds", "uses"), [(0, 1), (60, 0), (10**12, 1), (60, 10**9), (-1, 1)])
def test_a_link_has_bounds(cast: Cast, seconds: int, uses: int) -> None:
    refused(Code.BAD_REQUEST, invitations.make, cast.mia, cast.den.pk, seconds, uses)


def test_a_room_has_so_many_links_at_a_time(cast: Cast, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROOM_INVITATIONS", 2)
    invitations.make(cast.mia, cast.den.pk, 60, 1)
    refused(Code.BAD_REQUEST, invitations.make, cast.mia, cast.den.pk, 60, 1)

    invitations.revoke(cast.mia, cast.den.pk, reads.of_room(cast.den.pk)[0].pk)
    invitations.make(cast.mia, cast.den.pk, 60, 1)

    assert Invitation.objects.count() == 2  # what holds no more is cleared away


def test_nobody_is_invited_into_an_archive(cast: Cast) -> None:
    rooms.archive(cast.olga, cast.den.pk)

    refused(Code.READ_ONLY, invitations.make, cast.mia, cast.den.pk, 60, 1)


def test_a_guest_is_invited_into_a_room_for_members(cast: Cast) -> None:
    room = rooms.make(cast.olga, Room.Kind.PUBLIC, "Members")
    rooms.set_members_only(cast.olga, room.pk, True)
    link = invitations.make(cast.olga, room.pk, 60, 1)

    invitations.accept(cast.visitor, link)

    assert say(room, cast.visitor, "hi") == [3]
