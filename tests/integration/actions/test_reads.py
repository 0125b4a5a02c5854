"""How far people have read: forward by itself, back by choice, never beyond the room, and each their own."""

from collections.abc import Callable
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.actions import invitations, memberships, reads, rooms
from chat.actions.reads import NOTHING, Reading
from chat.models import Membership, Room, User
from chat.wire.announcements import AnyNews, Read
from tests.cast import Cast, say
from tests.integration.threads import in_step

pytestmark = pytest.mark.django_db(transaction=True)


def of(room: Room, person: User) -> Reading:
    return NOTHING._replace(room=room.pk, person=person.pk)


def forward(room: Room, person: User, number: int) -> None:
    reads.keep([of(room, person).forward(number, "tab")])


def back(room: Room, person: User, number: int) -> None:
    reads.keep([of(room, person).back(number, "tab")])


def position(room: Room, person: User) -> int:
    return Membership.objects.values_list("read", flat=True).get(room=room, person=person)


@pytest.fixture
def den(cast: Cast) -> Room:
    """With ten messages."""
    say(cast.den, cast.mia, *(f"{number}" for number in range(10)))
    Membership.objects.update(read=0)
    return cast.den


def test_it_moves_forward_only_and_says_so(cast: Cast, den: Room, announced: list[AnyNews]) -> None:
    for number in (4, 4, 2, 7):
        forward(den, cast.ana, number)

    assert position(den, cast.ana) == 7
    assert announced == [Read(den.pk, cast.ana.pk, number, False, "tab") for number in (4, 7)]


def test_from_a_message_on_it_is_unread_again_by_choice(cast: Cast, den: Room, announced: list[AnyNews]) -> None:
    forward(den, cast.ana, 8)
    back(den, cast.ana, 5)
    assert position(den, cast.ana) == 4
    back(den, cast.ana, 7)
    back(den, cast.ana, 0)

    assert position(den, cast.ana) == 0
    assert [news.number for news in announced if isinstance(news, Read) and news.back] == [4, 0]


def test_it_never_passes_the_room(cast: Cast, den: Room) -> None:
    forward(den, cast.ana, 2**53)
    assert position(den, cast.ana) == 10
    say(den, cast.mia, "new")

    assert position(den, cast.ana) == 10


def test_it_is_kept_for_whoever_belongs_to_the_room_and_for_nobody_else(
    cast: Cast, den: Room, announced: list[AnyNews]
) -> None:
    readers = (cast.ana, cast.visitor, cast.bo)
    reads.keep([of(den, person).forward(9, "tab") for person in readers])

    assert [news.person for news in announced if isinstance(news, Read)] == [cast.ana.pk, cast.visitor.pk]
    assert position(den, cast.visitor) == 9  # a guest who was let in
    assert position(den, cast.mia) == 0
    assert not Membership.objects.filter(room=den, person=cast.bo).exists()


def test_who_comes_to_a_room_begins_where_it_stands(cast: Cast, den: Room) -> None:
    say(cast.lobby, cast.bo, "one", "two")
    rooms.enter(cast.ana, "lobby")
    memberships.add(cast.olga, den.pk, cast.bo.pk)
    invitations.accept(cast.sara, invitations.make(cast.olga, den.pk, 60, 1))

    assert position(cast.lobby, cast.ana) == 2
    assert position(den, cast.bo) == 10
    assert position(den, cast.sara) == 11  # the number of Bo's coming


moves = st.lists(st.tuples(st.booleans(), st.integers(0, 12)), max_size=8)


@given(st.integers(0, 12), moves)
def test_many_moves_kept_as_one_are_the_same_as_one_after_the_other(start: int, many: list[tuple[bool, int]]) -> None:
    def move(at: int, one: tuple[bool, int]) -> int:
        is_back, number = one
        return min(at, max(number - 1, 0)) if is_back else max(at, number)

    joined = reduce(
        lambda reading, one: reading.back(one[1], "") if one[0] else reading.forward(one[1], ""), many, NOTHING
    )

    assert max(min(start, joined.most), joined.least) == reduce(move, many, start)


def test_devices_that_read_at_once_never_move_it_back(cast: Cast) -> None:
    """Each round three devices tell where they are, over the same two rooms in different orders."""
    for room in (cast.lobby, cast.den):
        Room.objects.filter(pk=room.pk).update(last_seq=1_000)
    Membership.objects.create(room=cast.lobby, person=cast.ana, read=0)
    Membership.objects.update(read=0)

    def device(offset: int) -> Callable[[int], int]:
        both = [cast.lobby, cast.den] if offset % 2 else [cast.den, cast.lobby]

        def tell(number: int) -> int:
            reads.keep([of(room, cast.ana).forward(number * 3 + offset, "") for room in both])
            return position(cast.den, cast.ana)

        return tell

    seen = in_step(30, *(device(offset) for offset in range(3)))

    for positions in seen:
        assert positions == sorted(positions)
    assert position(cast.lobby, cast.ana) == position(cast.den, cast.ana) == 89
