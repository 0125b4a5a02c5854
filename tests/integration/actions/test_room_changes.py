"""What a room is and how that changes: made, titled, renamed, private and back, slow, archived, deleted."""

from collections.abc import Callable

import pytest
from django.test import override_settings

from chat import limits
from chat.actions import invitations, memberships, messages, moderation, rooms
from chat.models import AuditEntry, Membership, Message, MessageVersion, Report, Room, RoomSlug
from chat.policy import Denied, Viewer
from chat.queries import rooms as reads
from chat.text import names
from chat.wire.announcements import AnyNews, Changes
from chat.wire.codes import ChatError, Code
from tests.cast import Cast, edit, post, say

pytestmark = pytest.mark.django_db(transaction=True)


def refused(code: Code, work: Callable[..., object], *arguments: object) -> str:
    with pytest.raises(ChatError) as caught:
        work(*arguments)
    assert caught.value.code is code, caught.value
    assert caught.value.message.endswith(".")
    return caught.value.message


def is_hidden(viewer: Viewer, slug: str) -> bool:
    try:
        reads.find(viewer, slug)
    except Denied as refusal:
        return (refusal.code, refusal.message) == (Code.NOT_FOUND, Denied(Code.NOT_FOUND).message)
    return False


@pytest.fixture
def own(cast: Cast) -> Room:
    """A public room of Olga's, in which Ana has been."""
    room = rooms.make(cast.olga, Room.Kind.PUBLIC, "Tea  Time", "about tea")
    rooms.enter(cast.ana, room.slug)
    return room


# Making


def test_a_public_room_is_named_after_its_title_and_owned_by_who_made_it(cast: Cast, own: Room) -> None:
    assert (own.slug, own.title, own.topic, own.kind) == ("tea-time", "Tea Time", "about tea", "public")
    assert Membership.objects.get(room=own, person=cast.olga).role == "owner"
    assert AuditEntry.objects.get(room=own.pk).kind == "made"


def test_a_private_room_has_a_name_that_nobody_chose(cast: Cast) -> None:
    one, two = (rooms.make(cast.ana, Room.Kind.PRIVATE, "Plans") for _ in range(2))

    assert one.slug != two.slug
    assert names.slug(one.slug) == one.slug
    assert names.is_made_up_slug(one.slug)
    assert is_hidden(cast.bo, one.slug)
    assert is_hidden(None, one.slug)


@pytest.mark.parametrize(
    ("kind", "title", "topic"),
    [
        *[("public", title, "") for title in ("", "  ", "a/b", "x" * 65, "~abc", "~" + "a" * 20, "lobby", "LOBBY")],
        *[("private", title, "") for title in ("", "x" * 101, "a\u202eb", "a\x00", "\u200d")],
        *[("private", "ok", topic) for topic in ("x" * 251, "a\x00b")],
        *[(kind, "ok", "") for kind in ("direct", "deleted", "", "secret")],
    ],
)
def test_what_cannot_be_a_room_is_explained(cast: Cast, kind: str, title: str, topic: str) -> None:
    before = Room.objects.count(), RoomSlug.objects.count()

    refused(Code.BAD_REQUEST, rooms.make, cast.ana, kind, title, topic)

    assert (Room.objects.count(), RoomSlug.objects.count()) == before


def test_titles_may_be_words_of_any_script_and_emoji(cast: Cast) -> None:
    for title in ("聊天室 ☕", "می‌خواهم", "👩‍👩‍👧 family", "Über uns!"):
        assert rooms.make(cast.ana, Room.Kind.PRIVATE, title).title == title


def test_a_room_made_by_entering_belongs_to_who_has_an_account(cast: Cast) -> None:
    assert rooms.enter(cast.ana, "by-ana").standing.role == "owner"
    assert rooms.enter(cast.visitor, "by-a-guest").standing.role is None
    assert rooms.enter(None, "by-nobody").standing.role is None
    assert not Membership.objects.filter(room__slug__in=("by-a-guest", "by-nobody")).exists()


@override_settings(CHAT_ROOMS_BY="members")
def test_the_site_says_who_makes_public_rooms(cast: Cast) -> None:
    for guest in (None, cast.visitor):
        refused(Code.NOT_FOUND, rooms.enter, guest, "new-room")
        assert rooms.enter(guest, "lobby").room == cast.lobby
    refused(Code.FORBIDDEN, rooms.make, cast.visitor, "public", "New room")
    assert rooms.enter(cast.ana, "new-room").room.slug == "new-room"


def test_nobody_makes_a_hidden_room_by_going_there(cast: Cast) -> None:
    slug = names.made_up_slug()

    for viewer in (None, cast.visitor, cast.ana, cast.sara):
        refused(Code.NOT_FOUND, rooms.enter, viewer, slug)
    assert not Room.objects.filter(slug=slug).exists()


# Title and name


def test_title_and_topic_are_changed_by_owners(cast: Cast, own: Room, announced: list[AnyNews]) -> None:
    room = rooms.set_title(cast.olga, own.pk, " Coffee  time", "")

    assert (room.title, room.topic, room.slug) == ("Coffee time", "", "tea-time")
    assert (room.last_seq, room.state_seq) == (1, 1)
    assert announced == [Changes(reads.epoch_key(), own.pk, 0, 1, 1, [])]
    rooms.set_title(cast.olga, own.pk, "Coffee time", "")
    assert len(announced) == 1
    for who in (cast.ana, cast.visitor):
        refused(Code.FORBIDDEN, rooms.set_title, who, own.pk, "Mine", "")
    refused(Code.NOT_FOUND, rooms.set_title, cast.bo, cast.den.pk, "Mine", "")
    refused(Code.FORBIDDEN, rooms.set_title, cast.mia, cast.den.pk, "Mine", "")
    refused(Code.BAD_REQUEST, rooms.set_title, cast.olga, own.pk, "", "")


def test_what_is_said_after_a_change_of_the_room_has_a_higher_number(cast: Cast, own: Room) -> None:
    assert say(own, cast.ana, "one") == [1]
    rooms.set_slow(cast.olga, own.pk, 0)  # changes nothing
    rooms.set_title(cast.olga, own.pk, "Other", "")
    assert say(own, cast.ana, "two") == [3]


def test_old_names_lead_on_and_are_given_to_nobody_else(cast: Cast, own: Room) -> None:
    rooms.rename(cast.olga, own.pk, "Coffee time")
    rooms.rename(cast.olga, own.pk, "Milk")

    for slug in ("tea-time", "coffee-time", "milk"):
        assert reads.find(cast.bo, slug).room.slug == "milk"
        assert rooms.enter(None, slug).room == own
    refused(Code.BAD_REQUEST, rooms.make, cast.ana, "public", "tea time")
    refused(Code.BAD_REQUEST, rooms.rename, cast.olga, own.pk, "lobby")
    assert rooms.rename(cast.olga, own.pk, "tea-time").slug == "tea-time"  # its own may be had again
    assert reads.find(cast.bo, "milk").room.slug == "tea-time"
    refused(Code.FORBIDDEN, rooms.rename, cast.ana, own.pk, "mine")
    refused(Code.BAD_REQUEST, rooms.rename, cast.olga, cast.den.pk, "den")
    refused(Code.BAD_REQUEST, rooms.rename, cast.olga, own.pk, "~" + "a" * 20)


def test_renaming_to_the_same_name_changes_nothing(cast: Cast, own: Room, announced: list[AnyNews]) -> None:
    rooms.rename(cast.olga, own.pk, "TEA time")

    assert announced == []


# Private and public


def test_a_room_made_private_is_gone_for_strangers_under_every_name(cast: Cast, own: Room) -> None:
    rooms.rename(cast.olga, own.pk, "coffee")
    say(own, cast.visitor, "before")

    room = rooms.make_private(cast.olga, own.pk)

    assert (room.kind, names.is_made_up_slug(room.slug)) == ("private", True)
    for slug in ("tea-time", "coffee"):
        for viewer in (cast.ana, cast.olga, cast.bo, None):
            assert is_hidden(viewer, slug)
        refused(Code.BAD_REQUEST, rooms.make, cast.bo, "public", slug)
        refused(Code.NOT_FOUND, rooms.enter, cast.bo, slug)
    assert reads.find(cast.ana, room.slug).room == room  # who has been there with an account stays a member
    for stranger in (cast.bo, cast.visitor, None):
        assert is_hidden(stranger, room.slug)
    assert room not in reads.directory(cast.bo, length=50).rooms
    [outcome] = messages.commit([post(room, cast.visitor)])
    assert isinstance(outcome, ChatError)


def test_a_room_made_public_again_gets_a_name_and_keeps_the_link_of_its_members(cast: Cast, own: Room) -> None:
    hidden = rooms.make_private(cast.olga, own.pk).slug
    refused(Code.BAD_REQUEST, rooms.make_public, cast.olga, own.pk, "lobby")
    refused(Code.BAD_REQUEST, rooms.make_public, cast.olga, own.pk, "tea-time")  # used up
    refused(Code.FORBIDDEN, rooms.make_public, cast.ana, own.pk, "tea")

    room = rooms.make_public(cast.olga, own.pk, "tea")

    assert (room.kind, room.slug) == ("public", "tea")
    assert reads.find(cast.bo, hidden).room.slug == "tea"
    assert is_hidden(cast.bo, "tea-time")


def test_making_it_what_it_is_changes_nothing(cast: Cast, own: Room, announced: list[AnyNews]) -> None:
    rooms.make_public(cast.olga, own.pk, "other")
    rooms.make_private(cast.olga, cast.den.pk)
    rooms.revive(cast.olga, own.pk)
    rooms.set_members_only(cast.olga, own.pk, False)

    assert announced == []
    assert Room.objects.get(pk=own.pk).slug == "tea-time"


@override_settings(CHAT_ROOMS_BY="staff")
def test_where_only_the_staff_make_public_rooms_nobody_else_makes_one_public(cast: Cast) -> None:
    refused(Code.FORBIDDEN, rooms.make_public, cast.olga, cast.den.pk, "den")
    assert rooms.make_public(cast.sara, cast.den.pk, "den").slug == "den"


# Rules


def test_in_a_room_for_members_all_may_read_and_its_members_write(cast: Cast, own: Room) -> None:
    rooms.set_members_only(cast.olga, own.pk, True)

    assert say(own, cast.ana, "hi") == [2]
    for stranger in (cast.bo, cast.visitor):
        [outcome] = messages.commit([post(own, stranger)])
        assert isinstance(outcome, ChatError)
        assert (outcome.code, outcome.message) == (Code.FORBIDDEN, "Only members of this room may write here.")
        assert reads.find(stranger, own.slug).room.members_only
    rooms.set_members_only(cast.olga, own.pk, False)
    assert say(own, cast.visitor, "hi") == [4]
    refused(Code.BAD_REQUEST, rooms.set_members_only, cast.olga, cast.den.pk, True)
    refused(Code.FORBIDDEN, rooms.set_members_only, cast.ana, own.pk, True)


def test_slow_mode_holds_for_each_person_and_not_for_those_who_moderate(cast: Cast) -> None:
    rooms.set_slow(cast.mia, cast.den.pk, 60)

    first, second, other = messages.commit(
        [post(cast.den, cast.ana), post(cast.den, cast.ana), post(cast.den, cast.visitor)]
    )
    [later] = messages.commit([post(cast.den, cast.ana)])

    assert first == messages.Posted(2)
    assert other == messages.Posted(3)
    for refusal in (second, later):
        assert isinstance(refusal, ChatError)
        assert refusal.code is Code.RATE_LIMITED
        assert refusal.retry_after == pytest.approx(60, abs=10)
    assert say(cast.den, cast.mia, "a", "b") == [4, 5]
    assert edit(cast.den, cast.ana, 2, "not slowed") == 6
    Message.objects.filter(room=cast.den, author=cast.ana).update(created_at="2020-01-01T00:00:00Z")
    assert say(cast.den, cast.ana, "after a while") == [7]


def test_a_repeat_of_what_was_said_is_not_slowed(cast: Cast) -> None:
    rooms.set_slow(cast.mia, cast.den.pk, 60)
    again = post(cast.den, cast.ana)

    assert [messages.commit([again]) for _ in range(3)] == [[messages.Posted(2)]] * 3


@pytest.mark.parametrize("seconds", [-1, 10**9])
def test_slow_mode_has_bounds(cast: Cast, seconds: int) -> None:
    refused(Code.BAD_REQUEST, rooms.set_slow, cast.mia, cast.den.pk, seconds)


# The end


def test_an_archive_is_read_only_until_it_is_revived(cast: Cast, own: Room) -> None:
    say(own, cast.ana, "one")
    rooms.archive(cast.olga, own.pk)

    for item in (
        post(own, cast.olga),
        messages.Edit(own.pk, cast.ana.pk, 1, "x"),
        messages.Delete(own.pk, cast.ana.pk, 1),
    ):
        [outcome] = messages.commit([item])
        assert isinstance(outcome, ChatError)
        assert outcome.code is Code.READ_ONLY
    refused(Code.READ_ONLY, memberships.add, cast.olga, own.pk, cast.bo.pk)
    assert own not in reads.directory(cast.ana, length=50).rooms
    assert [one.room for one in reads.joined(cast.ana)] == [own, cast.den]
    rooms.revive(cast.olga, own.pk)
    assert say(own, cast.ana, "two") == [4]


def test_moderators_can_delete_messages_of_an_archive(cast: Cast, own: Room) -> None:
    say(own, cast.ana, "one")
    rooms.archive(cast.olga, own.pk)

    assert messages.commit([messages.Delete(own.pk, cast.olga.pk, 1)]) == [messages.Done(3)]


def test_a_deleted_room_leaves_its_trace_in_the_log_and_nothing_else(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PURGED_MESSAGES", 3)
    say(cast.den, cast.ana, *"abcdefgh")
    edit(cast.den, cast.ana, 1, "other")
    invitations.make(cast.mia, cast.den.pk, 60, 1)
    moderation.report(cast.visitor, cast.den.pk, 2, "rude")
    moderation.mute(cast.mia, cast.den.pk, cast.visitor.pk, 60)
    key, slug = cast.den.pk, cast.den.slug

    refused(Code.FORBIDDEN, rooms.delete, cast.mia, key)
    rooms.delete(cast.olga, key)

    assert not Room.objects.filter(pk=key).exists()
    for model in (Message, MessageVersion, Membership, Report):
        assert not model.objects.filter(room=key).exists()
    assert list(AuditEntry.objects.filter(room=key).order_by("pk").values_list("kind", "room_title"))[-1] == (
        "deleted",
        "Den",
    )
    assert reads.exists(slug)
    assert is_hidden(cast.olga, slug)
    refused(Code.NOT_FOUND, rooms.delete, cast.olga, key)


def test_a_deletion_that_ended_in_the_middle_shows_nothing_and_can_be_finished(
    cast: Cast, own: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(own, cast.ana, "one")
    with monkeypatch.context() as broken:
        broken.setattr(rooms, "_purge", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rooms.delete(cast.olga, own.pk)

    for viewer in (cast.olga, cast.ana, cast.sara, None):
        assert is_hidden(viewer, "tea-time")
    _, found = reads.numbers([own.pk])
    assert found == []  # so that hubs send everybody away
    [outcome] = messages.commit([post(own, cast.ana)])
    assert isinstance(outcome, ChatError)
    refused(Code.BAD_REQUEST, rooms.make, cast.ana, "public", "tea time")
    assert (rooms.purge(), rooms.purge()) == (1, 0)
    assert not Room.objects.filter(pk=own.pk).exists()


# Direct rooms


def test_a_direct_room_is_one_for_one_set_of_people(cast: Cast) -> None:
    room = rooms.talk(cast.ana, [cast.bo.pk, cast.visitor.pk])

    assert rooms.talk(cast.bo, [cast.visitor.pk, cast.ana.pk, cast.bo.pk]) == room
    assert rooms.talk(cast.ana, [cast.bo.pk]) != room
    roles = dict(Membership.objects.filter(room=room).values_list("person__display_name", "role"))
    assert roles == {"Ana": "member", "Bo": "member", "Visitor": "guest"}
    assert say(room, cast.visitor, "hi") == [1]
    for stranger in (cast.mia, cast.sara, None):
        assert is_hidden(stranger, room.slug)


def test_nobody_rules_a_direct_room(cast: Cast) -> None:
    room = rooms.talk(cast.ana, [cast.bo.pk])
    say(room, cast.ana, "hi")

    refused(Code.FORBIDDEN, memberships.leave, cast.ana, room.pk)
    for work, *arguments in (
        (memberships.add, cast.mia.pk), (memberships.remove, cast.bo.pk), (moderation.mute, cast.bo.pk, 60),
        (moderation.ban, cast.bo.pk), (rooms.set_title, "Mine", ""), (rooms.archive,), (rooms.make_private,),
        (rooms.delete,), (rooms.set_slow, 5), (invitations.make, 60, 1),
    ):  # fmt: skip
        refused(Code.FORBIDDEN, work, cast.ana, room.pk, *arguments)
    [outcome] = messages.commit([messages.Delete(room.pk, cast.bo.pk, 1)])
    assert isinstance(outcome, ChatError)


@pytest.mark.parametrize("who", ["nobody else", "too many", "absent", "sent away"])
def test_whom_one_cannot_talk_to(cast: Cast, who: str) -> None:
    others = {
        "nobody else": [cast.ana.pk], "too many": list(range(1, 30)), "absent": [10**9], "sent away": [cast.zoe.pk]
    }  # fmt: skip
    refused(Code.BAD_REQUEST if who == "too many" else Code.NOT_FOUND, rooms.talk, cast.ana, others[who])
    assert not Room.objects.filter(kind="direct").exists()


def test_guests_are_talked_to_and_do_not_begin(cast: Cast) -> None:
    refused(Code.FORBIDDEN, rooms.talk, cast.visitor, [cast.ana.pk])
    rooms.talk(cast.ana, [cast.visitor.pk])


# Lists


def test_the_directory_is_searched_by_name_title_and_topic_in_any_script(cast: Cast, own: Room) -> None:
    chinese = rooms.make(cast.olga, Room.Kind.PUBLIC, "聊天室", "关于 茶 的一切")
    rooms.make(cast.olga, Room.Kind.PRIVATE, "Tea secrets")
    found = {
        words: {room.slug for room in reads.directory(cast.bo, words, length=50).rooms}
        for words in ("TEA", "time tea", "about", "聊天", "茶", "tea nothing", "%", "_", "  ", "\x00")
    }

    assert found["TEA"] == found["time tea"] == found["about"] == {"tea-time"}
    assert found["聊天"] == found["茶"] == {chinese.slug}
    assert found["tea nothing"] == found["%"] == found["_"] == set()
    assert found["  "] == found["\x00"] == {"lobby", "kitchen", "tea-time", chinese.slug}


def test_the_directory_comes_by_pages_that_join_without_a_hole(cast: Cast) -> None:
    for number in range(7):
        rooms.enter(None, f"room-{number}")

    pages = [reads.directory(cast.bo, "", page, length=3) for page in (1, 2, 3, 4)]

    assert [len(page.rooms) for page in pages] == [3, 3, 3, 0]
    assert [page.more for page in pages] == [True, True, False, False]
    assert len({room.pk for page in pages for room in page.rooms}) == 9
    assert reads.directory(cast.bo, "", 10**12, length=3).rooms == []
    assert reads.directory(cast.bo, "", -5, length=3) == pages[0]


def test_ones_own_rooms_come_with_what_was_said_last_first(cast: Cast, django_assert_max_num_queries) -> None:
    direct = rooms.talk(cast.ana, [cast.bo.pk])
    rooms.enter(cast.ana, "lobby")
    say(cast.lobby, cast.bo, "hi")
    say(direct, cast.bo, "hi")

    with django_assert_max_num_queries(3):
        own = reads.joined(cast.ana)

    assert [(one.title, one.own.role) for one in own] == [("Bo", "member"), ("lobby", "member"), ("Den", "member")]
    assert reads.joined(None) == []
    moderation.ban(cast.olga, cast.den.pk, cast.ana.pk)
    assert cast.den not in [one.room for one in reads.joined(cast.ana)]
