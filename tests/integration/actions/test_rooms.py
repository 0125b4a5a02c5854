"""A public room comes to be when somebody enters it, once; nothing else makes one, and hidden ones look absent."""

from typing import Any

import pytest

from chat.actions import rooms
from chat.models import Room
from chat.policy import Denied
from chat.queries import rooms as reads
from chat.wire.codes import ChatError, Code
from tests.cast import Cast, say
from tests.integration.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_room_is_made_once_however_many_enter_at_the_same_moment(cast: Cast) -> None:
    before = Room.objects.count()

    entered = together(*[lambda: rooms.enter(None, "new-room").room.pk] * 6)

    assert len(set(entered)) == 1
    assert Room.objects.count() == before + 1


def test_a_room_made_by_another_between_two_looks_is_entered(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    find = reads.find

    def find_too_early(*arguments: Any) -> Room:
        monkeypatch.setattr(reads, "find", find)
        try:
            return find(*arguments)
        finally:
            Room.objects.create(slug="new-room", title="new-room")

    monkeypatch.setattr(reads, "find", find_too_early)

    assert rooms.enter(None, "new-room").room.slug == "new-room"


def test_who_enters_again_finds_the_same_room(cast: Cast) -> None:
    assert rooms.enter(cast.bo, "lobby").room == cast.lobby
    assert rooms.enter(None, "lobby").room == cast.lobby


def test_a_new_room_is_public_and_named_as_it_was_asked_for(cast: Cast) -> None:
    room = rooms.enter(None, "聊天室").room

    assert (room.slug, room.title, room.kind, room.last_seq) == ("聊天室", "聊天室", "public", 0)


def test_a_hidden_room_is_refused_like_one_that_may_not_be_made(cast: Cast) -> None:
    before = Room.objects.count()
    refusals = []
    for viewer, slug in ((cast.ana, "~hidden"), (None, "~hidden"), (cast.zoe, "lobby"), (cast.zoe, "brand-new")):
        with pytest.raises(Denied) as caught:
            rooms.enter(viewer, slug)
        refusals.append((caught.value.code, caught.value.message))

    assert set(refusals) == {(Code.NOT_FOUND, refusals[0][1])}
    assert Room.objects.count() == before


def test_the_making_may_be_refused_and_entering_is_not(cast: Cast) -> None:
    def refuse() -> None:
        raise ChatError(Code.RATE_LIMITED, "Too many.")

    assert rooms.enter(cast.ana, "lobby", refuse).room == cast.lobby
    with pytest.raises(ChatError):
        rooms.enter(cast.ana, "brand-new", refuse)

    assert not reads.exists("brand-new")


def test_a_slug_is_looked_up_exactly(cast: Cast) -> None:
    for slug in ("Lobby", "lobby ", "lob", "%", "lobby\x00"[:5] + "_"):
        with pytest.raises(Denied):
            reads.find(cast.ana, slug)


def test_the_directory_shows_public_rooms_newest_activity_first(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a")
    say(cast.kitchen, cast.ana, "b")
    quiet = rooms.enter(cast.ana, "quiet").room

    assert [room.slug for room in reads.directory(None, length=50).rooms] == ["kitchen", "lobby", quiet.slug]
    say(cast.lobby, cast.ana, "c")
    assert [room.slug for room in reads.directory(cast.ana, length=50).rooms] == ["lobby", "kitchen", quiet.slug]
    assert reads.directory(cast.zoe, length=50).rooms == []


def test_numbers_tell_epoch_and_stand_of_rooms_in_one_query(cast: Cast, django_assert_num_queries) -> None:
    say(cast.lobby, cast.ana, "a", "b")

    with django_assert_num_queries(1):
        epoch, found = reads.numbers([cast.lobby.pk, cast.kitchen.pk, 10**9])

    assert epoch == reads.epoch_key()
    assert sorted(found) == sorted([reads.Numbers(cast.lobby.pk, 2, 0), reads.Numbers(cast.kitchen.pk, 0, 0)])
