"""What counts as unread, for whom, and that counting stays cheap however much was said."""

import pytest
from django.db import connection

from chat import limits, policy
from chat.actions import moderation, reads, rooms
from chat.actions.reads import NOTHING
from chat.models import Membership, Mention, Message, Room, User
from chat.queries import unread
from chat.queries.entering import row_of
from chat.queries.unread import Unread
from tests.cast import Cast, delete, say
from tests.integration.queries.test_plans import long_log, looks_through, plans

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["long_log"]  # the fixture


def count(room: Room, person: User) -> Unread | None:
    pair = person.pk, room.pk
    return unread.counts([pair]).get(pair)


def amount(room: Room, person: User) -> int:
    found = count(room, person)
    assert found is not None
    return found.unread


def belong(room: Room, *people: User) -> None:
    Membership.objects.bulk_create(Membership(room=room, person=person, read=0) for person in people)


@pytest.fixture(autouse=True)
def _from_the_beginning(cast: Cast) -> None:
    Membership.objects.update(read=0)


def test_the_words_of_others_that_were_not_read_count(cast: Cast) -> None:
    mine, theirs, gone, last = say(cast.den, cast.ana, "mine")[0], *say(cast.den, cast.mia, "theirs", "gone", "last")
    delete(cast.den, cast.mia, gone)

    assert count(cast.den, cast.ana) == Unread(cast.den.slug, 2, 0)
    assert amount(cast.den, cast.mia) == 1
    for number, left in ((mine, 2), (theirs, 1), (last, 0)):
        reads.keep([NOTHING._replace(room=cast.den.pk, person=cast.ana.pk).forward(number, "")])
        assert amount(cast.den, cast.ana) == left


def test_what_speaks_to_one_is_counted_apart(cast: Cast) -> None:
    to_both, _, gone, *_ = say(
        cast.den, cast.mia, "@ana @here", "to nobody", "@ana gone", "@olga is not here", "@here again"
    )
    say(cast.den, cast.ana, "@ana @here: my own")
    assert count(cast.den, cast.ana) == Unread(cast.den.slug, 5, 3)
    assert count(cast.den, cast.visitor) == Unread(cast.den.slug, 6, 3)
    delete(cast.den, cast.mia, gone)
    assert count(cast.den, cast.ana) == Unread(cast.den.slug, 4, 2)
    reads.keep([NOTHING._replace(room=cast.den.pk, person=cast.ana.pk).forward(to_both, "")])

    assert count(cast.den, cast.ana) == Unread(cast.den.slug, 3, 1)


def test_to_one_who_was_here_before_places_were_kept_nothing_is_unread(cast: Cast) -> None:
    Membership.objects.update(read=None)
    say(cast.den, cast.mia, "one", "two")
    assert count(cast.den, cast.ana) == Unread(cast.den.slug, 0, 0)
    reads.keep([NOTHING._replace(room=cast.den.pk, person=cast.ana.pk).forward(1, "")])
    assert amount(cast.den, cast.ana) == 0
    say(cast.den, cast.mia, "three")

    assert amount(cast.den, cast.ana) == 1


def test_counting_ends_at_its_bounds(cast: Cast, long_log: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    belong(long_log, cast.bo, cast.ana)
    assert amount(long_log, cast.bo) == limits.UNREAD_COUNT
    assert amount(long_log, cast.ana) == 0  # all of it is hers
    Message.objects.filter(number__lte=10).update(author=cast.mia)
    assert amount(long_log, cast.ana) == 0  # too far away
    monkeypatch.setattr(limits, "UNREAD_SCANNED", 1_000_000)

    assert amount(long_log, cast.ana) == 10


def test_it_is_counted_for_whoever_belongs_to_a_room_and_may_see_it(cast: Cast) -> None:
    belong(cast.lobby, cast.ana, cast.bo, cast.zoe, cast.visitor)
    belong(cast.archive, cast.ana)
    moderation.ban(cast.mia, cast.den.pk, cast.visitor.pk, None)
    moderation.ban(cast.sara, cast.lobby.pk, cast.bo.pk, None)
    belong(cast.lobby, cast.bo)  # banned, though there is a row
    everybody, everywhere = list(User.objects.all()), list(Room.objects.all())

    found = set(unread.counts([(person.pk, room.pk) for person in everybody for room in everywhere]))

    assert found == {
        (person.pk, room.pk)
        for person in everybody
        for room in Room.objects.filter(policy.visible(row_of(person)), memberships__person=person)
    }
    assert {(cast.ana.pk, room.pk) for room in (cast.lobby, cast.den, cast.archive)} <= found
    assert not {(cast.bo.pk, cast.lobby.pk), (cast.zoe.pk, cast.lobby.pk), (cast.visitor.pk, cast.den.pk)} & found


def test_of_a_deleted_room_nothing_is_counted(cast: Cast) -> None:
    Room.objects.filter(pk=cast.den.pk).update(kind=Room.Kind.DELETED)

    assert count(cast.den, cast.ana) is None
    assert unread.counts([]) == {}


def test_the_lists_of_many_people_are_read_together(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms.enter(cast.ana, "lobby")
    [number] = say(cast.den, cast.mia, "hi")

    found = unread.lists([cast.ana.pk, cast.mia.pk, cast.bo.pk])

    assert sorted(found) == sorted(
        [
            (cast.ana.pk, cast.lobby.pk, 0, 0),
            (cast.ana.pk, cast.den.pk, 0, number),
            (cast.mia.pk, cast.den.pk, 0, number),
        ]
    )
    monkeypatch.setattr(limits, "JOINED_ROOMS", 1)
    assert [one.room for one in unread.lists([cast.ana.pk])] == [cast.lobby.pk]  # the one that was joined last


def test_the_rooms_that_have_moved_are_found_by_their_numbers(cast: Cast) -> None:
    [number] = say(cast.lobby, cast.ana, "hi")

    assert unread.moved({cast.lobby.pk: 0, cast.kitchen.pk: 0, 10**9: 0}) == {cast.lobby.pk: number}
    assert unread.moved({cast.lobby.pk: number}) == {}


def test_counting_takes_indexes_and_looks_through_nothing(cast: Cast, long_log: Room) -> None:
    belong(long_log, cast.bo, cast.ana)
    Mention.objects.bulk_create(
        Mention(room=room, person=person, number=number)
        for number in range(1, 9)
        for room in Room.objects.all()
        for person in (cast.bo, cast.mia, None)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    pairs = [(cast.bo.pk, long_log.pk), (cast.ana.pk, long_log.pk)]

    for plan in plans(lambda: unread.counts(pairs)) + plans(lambda: unread.moved({long_log.pk: 1})):
        for table in ("chat_message", "chat_mention", "chat_room"):
            assert not looks_through(table, plan), plan
    [plan] = plans(lambda: unread.counts(pairs))
    if connection.vendor == "postgresql":
        assert "Index Scan Backward using message_place" in plan, plan
    else:
        assert "TEMP B-TREE FOR ORDER BY" not in plan, plan
