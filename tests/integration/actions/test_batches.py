"""A batch asks the database as much as one change does: a few statements, whatever it changes and wherever."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.actions import accounts, messages, rooms
from chat.actions.messages import Delete, Done, Edit, Item, Posted
from chat.models import Room, User
from tests.cast import Cast, post

pytestmark = pytest.mark.django_db(transaction=True)

MANY = 200
Place = tuple[Room, User, int]  # a message, and who said it


@pytest.fixture
def places(cast: Cast) -> list[Place]:
    """Messages of ten authors in twenty rooms, twenty in each room."""
    rooms_ = [rooms.enter(cast.ana, f"room-{number}").room for number in range(20)]
    authors = [accounts.guest(f"secret {number}", f"Guest {number}") for number in range(10)]
    said = [(rooms_[index % 20], authors[index % 10]) for index in range(2 * MANY)]
    numbers = [outcome.number for outcome in messages.commit([post(*place) for place in said]) if outcome]
    return [(room, author, number) for (room, author), number in zip(said, numbers, strict=True)]


def again(place: Place) -> Item:
    room, author, _ = place
    return post(room, author)


def edit(place: Place) -> Item:
    room, author, number = place
    return Edit(room.pk, author.pk, number, "edited")


def delete(place: Place) -> Item:
    room, author, number = place
    return Delete(room.pk, author.pk, number)


def statements(items: list[Item]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        outcomes = messages.commit(items)
    assert all(isinstance(outcome, Posted | Done) for outcome in outcomes), outcomes
    return [query["sql"] for query in captured]


@pytest.mark.parametrize("kinds", [[again], [edit], [delete], [again, edit, delete]], ids=lambda kinds: "+".join(
    kind.__name__ for kind in kinds
))  # fmt: skip
def test_a_batch_asks_as_much_as_one_change(places: list[Place], kinds: list[Callable[[Place], Item]]) -> None:
    statements([again(places[0])])  # the first of a process may ask the server for its version
    few, many = places[: len(kinds)], places[len(kinds) : MANY]

    one = statements([kinds[index % len(kinds)](place) for index, place in enumerate(few)])
    batch = statements([kinds[index % len(kinds)](place) for index, place in enumerate(many)])

    assert len(one) == len(batch) <= 11, "\n".join(batch)


def test_a_batch_of_one_room_asks_as_much_as_one_of_many(places: list[Place]) -> None:
    statements([again(places[0])])
    room, author, _ = places[0]

    in_one = statements([post(room, author) for _ in range(MANY)])
    in_many = statements([again(place) for place in places[:MANY]])

    assert len(in_one) == len(in_many)
