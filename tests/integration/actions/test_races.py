"""Losing a right against using it, both at the same moment: whoever commits first has happened first, for everybody.

The number of the change that takes a right away is an end: nothing of those who lost it gets a higher one.
"""

from collections.abc import Callable
from threading import Event, Thread

import pytest
from django.db import connection, transaction

from chat.actions import invitations, memberships, messages, moderation, passwords, rooms, sessions
from chat.actions.messages import Delete, Done, Edit, Posted, Through
from chat.models import AuditEntry, Membership, Message, Room, User
from chat.policy import Denied
from chat.queries import entering
from chat.text import ids
from chat.wire.codes import ChatError, Code
from tests.cast import Cast, post, say
from tests.integration.queries.test_people import logged_in
from tests.integration.threads import in_step, together

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = {"postgresql": 1_000, "sqlite": 250}

Loss = Callable[[Cast, int], object]
LOSSES: dict[str, tuple[Loss, AuditEntry.Kind, Code]] = {
    "ban": (lambda cast, room: moderation.ban(cast.mia, room, cast.ana.pk), AuditEntry.Kind.BANNED, Code.NOT_FOUND),
    "remove": (
        lambda cast, room: memberships.remove(cast.mia, room, cast.ana.pk), AuditEntry.Kind.REMOVED, Code.NOT_FOUND
    ),
    "leave": (lambda cast, room: memberships.leave(cast.ana, room), AuditEntry.Kind.LEFT, Code.NOT_FOUND),
    "mute": (
        lambda cast, room: moderation.mute(cast.mia, room, cast.ana.pk, 60), AuditEntry.Kind.MUTED, Code.FORBIDDEN
    ),
    "archive": (lambda cast, room: rooms.archive(cast.olga, room), AuditEntry.Kind.ARCHIVED, Code.READ_ONLY),
    "delete": (lambda cast, room: rooms.delete(cast.olga, room), AuditEntry.Kind.DELETED, Code.NOT_FOUND),
}  # fmt: skip


def many_rooms(cast: Cast, kind: str, members: dict[User, str]) -> list[int]:
    made = Room.objects.bulk_create(
        Room(slug=f"~race-{number}", title="Race", kind=kind) for number in range(ROUNDS[connection.vendor])
    )
    Membership.objects.bulk_create(
        Membership(room=room, person=person, role=role) for room in made for person, role in members.items()
    )
    return [room.pk for room in made]


def speak(room: int, person: User, through: Through | None = None) -> list[int | Code]:
    """Three commits, one after another: a number, or why not."""
    said: list[int | Code] = []
    for _ in range(3):
        [outcome] = messages.commit([messages.Post(room, person.pk, ids.uuid7(), "hi", through)])
        assert isinstance(outcome, Posted | ChatError)
        said.append(outcome.code if isinstance(outcome, ChatError) else outcome.number)
    return said


def check(room: int, person: User, said: list[int | Code], lost_as: AuditEntry.Kind, code: Code) -> tuple[int, int]:
    end = AuditEntry.objects.get(room=room, kind=lost_as).seq
    numbers = [number for number in said if not isinstance(number, Code)]
    assert said == [*numbers, *[code] * (3 - len(numbers))], "a right that was lost came back"
    assert all(number < end for number in numbers), (said, end)
    stored = Message.objects.filter(room=room, author=person)
    if lost_as is not AuditEntry.Kind.DELETED:
        assert sorted(stored.values_list("number", flat=True)) == numbers
    return len(numbers), 3 - len(numbers)


@pytest.mark.parametrize("loss", LOSSES)
def test_who_loses_the_right_to_speak_says_nothing_after_it(cast: Cast, loss: str) -> None:
    lose, lost_as, code = LOSSES[loss]
    places = many_rooms(cast, "private", {cast.olga: "owner", cast.mia: "moderator", cast.ana: "member"})
    if loss in ("mute", "delete"):
        places = places[:200]

    said, _ = in_step(
        len(places), lambda number: speak(places[number], cast.ana), lambda number: lose(cast, places[number]) and None
    )

    counts = [check(room, cast.ana, one, lost_as, code) for room, one in zip(places, said, strict=True)]
    if connection.vendor == "postgresql":  # there was a race at all
        assert sum(before for before, _ in counts) > 0
        assert sum(after for _, after in counts) > 0


def test_a_stranger_says_nothing_in_a_room_after_it_was_made_private(cast: Cast) -> None:
    places = many_rooms(cast, "public", {cast.olga: "owner"})

    said, _ = in_step(
        len(places),
        lambda number: speak(places[number], cast.visitor),
        lambda number: rooms.make_private(cast.olga, places[number]) and None,
    )

    for room, one in zip(places, said, strict=True):
        check(room, cast.visitor, one, AuditEntry.Kind.MADE_PRIVATE, Code.NOT_FOUND)


def test_who_is_banned_changes_nothing_after_it(cast: Cast) -> None:
    """Edits and deletions as well."""
    places = many_rooms(cast, "private", {cast.olga: "owner", cast.ana: "member"})[:200]
    for room in places:
        say(Room(pk=room), cast.ana, "one", "two")

    def change(number: int) -> list[object]:
        room = places[number]
        return messages.commit([Edit(room, cast.ana.pk, 1, "other")]) + messages.commit([Delete(room, cast.ana.pk, 2)])

    done, _ = in_step(len(places), change, lambda number: moderation.ban(cast.olga, places[number], cast.ana.pk))

    for room, outcomes in zip(places, done, strict=True):
        end = AuditEntry.objects.get(room=room, kind=AuditEntry.Kind.BANNED).seq
        assert all(one.seq < end for one in outcomes if isinstance(one, Done))
        assert all(one.code is Code.NOT_FOUND for one in outcomes if isinstance(one, ChatError))
        assert not Message.objects.filter(room=room, seq__gt=end).exists()


def test_a_person_sent_away_from_the_site_says_nothing_after_it(cast: Cast) -> None:
    """No lock of a room is taken for that: the writer's own lock on the author's row makes one wait for the other."""
    people = User.objects.bulk_create(
        User(username=f"p{number}", username_key=f"p{number}", display_name=f"P {number}")
        for number in range(min(300, ROUNDS[connection.vendor]))
    )

    def send_away(number: int) -> list[int | Code]:
        with transaction.atomic():
            User.objects.filter(pk=people[number].pk).update(is_active=False)
            return [Message.objects.filter(author=people[number]).count()]

    said, there = in_step(len(people), lambda number: speak(cast.lobby.pk, people[number]), send_away)

    for one, [before] in zip(said, there, strict=True):
        numbers = [number for number in one if not isinstance(number, Code)]
        assert one == [*numbers, *[Code.NOT_FOUND] * (3 - len(numbers))]
        assert before == len(numbers), "something was said after it"


ENDS: dict[str, Callable[[User, str], object]] = {
    "log-out": lambda _, key: sessions.end(key),
    "log-out everywhere": lambda person, _: sessions.end_all(person),
    "another password": lambda person, _: passwords.change(person, "another horse battery"),
}


@pytest.mark.parametrize("end", ENDS)
def test_through_a_session_that_has_ended_nothing_is_said(
    cast: Cast, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the socket knows by then. The other session of the same person goes on where it was not meant."""
    monkeypatch.setattr(passwords, "hashed", lambda *_: "!")  # slow on purpose, and not what this is about
    rounds = min(300, ROUNDS[connection.vendor])
    people = [User.objects.create_user(f"p{number}") for number in range(rounds)]
    keys = [(logged_in(person), logged_in(person)) for person in people]
    opened = [[_through(key) for key in pair] for pair in keys]

    def speak_twice(number: int) -> list[int | Code]:
        return speak(cast.lobby.pk, people[number], opened[number][0])

    def end_and_count(number: int) -> list[int | Code]:
        with transaction.atomic():
            ENDS[end](people[number], keys[number][0])
            return [Message.objects.filter(author=people[number]).count()]

    said, there = in_step(rounds, speak_twice, end_and_count)

    for person, sessions_, one, [before] in zip(people, opened, said, there, strict=True):
        numbers = [number for number in one if not isinstance(number, Code)]
        assert one == [*numbers, *[Code.FORBIDDEN] * (3 - len(numbers))]
        assert before == len(numbers), "something was said after it"
        goes_on = isinstance(speak(cast.lobby.pk, person, sessions_[1])[0], int)
        assert goes_on is (end == "log-out")


def _through(session_key: str) -> Through:
    visitor, _ = entering.visitor(session_key)
    assert visitor.user is not None
    return Through(visitor.tie, visitor.user.sessions_ended)


@pytest.mark.parametrize("change", ["make_private", "set_members_only"])
def test_nobody_slips_in_while_the_door_closes(cast: Cast, change: str) -> None:
    """Who enters waits for the change of the room's kind or rules, and then finds it changed."""
    room = rooms.make(cast.olga, Room.Kind.PUBLIC, "Open")
    entered = Event()

    def enter() -> None:
        memberships.slip_in(cast.bo, room.pk)
        entered.set()
        connection.close()

    with transaction.atomic():
        if change == "make_private":
            rooms.make_private(cast.olga, room.pk)
        else:
            rooms.set_members_only(cast.olga, room.pk, True)
        thread = Thread(target=enter)
        thread.start()
        if connection.vendor == "postgresql":
            while not _somebody_waits():
                assert not entered.is_set()
    thread.join()

    assert not Membership.objects.filter(room=room, person=cast.bo).exists()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_entering_does_not_wait_for_those_who_post(cast: Cast) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    with transaction.atomic():
        messages.commit([post(cast.lobby, cast.ana)])  # holds the room's row until this block ends
        thread = Thread(target=lambda: (memberships.slip_in(cast.bo, cast.lobby.pk), connection.close()))
        thread.start()
        thread.join(10)
        assert not thread.is_alive()
    assert Membership.objects.filter(room=cast.lobby, person=cast.bo).exists()


def test_a_link_for_one_lets_one_in_however_many_come_at_once(cast: Cast) -> None:
    secret = invitations.make(cast.mia, cast.den.pk, 60, uses=2)
    people = [User.objects.create_user(f"Newcomer {number}") for number in range(6)]

    def accept(person: User) -> bool:
        try:
            return bool(invitations.accept(person, secret))
        except Denied:
            return False

    let_in = together(*[lambda person=person: accept(person) for person in people])

    assert sorted(let_in) == [False] * 4 + [True] * 2
    assert Membership.objects.filter(room=cast.den, person__in=people).count() == 2


def test_of_two_last_owners_who_leave_at_once_somebody_owns_the_room_after_it(cast: Cast) -> None:
    for _ in range(20):
        room = rooms.make(cast.olga, Room.Kind.PRIVATE, "Two owners")
        Membership.objects.create(room=room, person=cast.bo, role="owner")
        Membership.objects.create(room=room, person=cast.ana, role="member")

        together(
            lambda room=room: memberships.leave(cast.olga, room.pk),
            lambda room=room: memberships.leave(cast.bo, room.pk),
        )

        [left] = Membership.objects.filter(room=room)
        assert (left.person, left.role) == (cast.ana, "owner")


def test_one_set_of_people_has_one_direct_room_however_many_open_it_at_once(cast: Cast) -> None:
    opened = together(
        *[lambda: rooms.talk(cast.ana, [cast.bo.pk]).pk] * 3, *[lambda: rooms.talk(cast.bo, [cast.ana.pk]).pk] * 3
    )

    assert len(set(opened)) == 1
    assert Room.objects.filter(kind="direct").count() == 1
    assert Membership.objects.filter(room=opened[0]).count() == 2


def test_a_name_wanted_by_two_rooms_at_once_goes_to_one(cast: Cast) -> None:
    def rename(room: Room) -> str:
        try:
            return rooms.rename(cast.olga, room.pk, "wanted").slug
        except ChatError as refusal:
            return refusal.code

    for number in range(10):
        one, two = (rooms.make(cast.olga, Room.Kind.PUBLIC, f"Room {number} {side}") for side in "ab")
        taken = together(lambda one=one: rename(one), lambda two=two: rename(two))
        if number == 0:
            assert sorted(taken) == ["bad_request", "wanted"]
        assert Room.objects.filter(slug="wanted").count() == 1
