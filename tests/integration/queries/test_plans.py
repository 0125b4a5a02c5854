"""How the databases find what is asked of a long log: by an index, never by looking through the table."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat import limits, policy
from chat.actions import messages
from chat.actions.messages import Delete, Edit
from chat.models import Message, Room
from chat.policy import EVERYTHING
from chat.queries import rooms
from chat.text import ids
from tests.cast import Cast, post
from tests.integration.queries.test_log import READS, every_read

pytestmark = pytest.mark.django_db

LONG = 5_000


@pytest.fixture
def long_log(cast: Cast) -> Room:
    """Two rooms with as many messages among 500 empty ones, and what the planner wants to know about them."""
    Room.objects.bulk_create(Room(slug=f"empty-{number}", title="empty") for number in range(500))
    for room in (cast.lobby, cast.kitchen):
        Message.objects.bulk_create(
            Message(
                room=room,
                number=number,
                seq=number,
                author=cast.ana,
                client_id=ids.uuid7(),
                text="hi",
                html="hi",
                created_at=timezone.now(),
            )
            for number in range(1, LONG + 1)
        )
        Room.objects.filter(pk=room.pk).update(last_seq=LONG)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cast.lobby


@pytest.mark.parametrize("read", READS)
def test_a_read_takes_the_index_of_its_order(cast: Cast, long_log: Room, read: str) -> None:
    # SQLite gives the index of a constraint no name that could be known here
    place = (
        "message_place"
        if connection.vendor == "postgresql"
        else "USING INDEX sqlite_autoindex_chat_message_1 (room_id=? AND number"
    )
    expected = [place, "message_changed"] if read == "changed_since" else [place]

    for plan in plans(lambda: READS[read](policy.visible(cast.ana), long_log.pk)):
        assert all(index in plan for index in expected), plan
        assert not looks_through("chat_message", plan), plan
        assert "TEMP B-TREE FOR ORDER BY" not in plan.replace("LAST TERM OF ", ""), plan


def test_a_batch_finds_rooms_people_and_messages_by_their_keys(cast: Cast, long_log: Room) -> None:
    room, ana = long_log.pk, cast.ana.pk
    once = [ids.uuid7() for _ in range(10)]
    messages.commit([post(long_log, cast.ana, client_id=client_id) for client_id in once])
    batch = [
        *(post(long_log, cast.ana, client_id=client_id) for client_id in [*once[:5], ids.uuid7()]),
        *(Edit(room, ana, number, "edited") for number in (7, 8)),
        Delete(room, ana, 9),
    ]

    found = plans(lambda: messages.commit(batch))

    assert len(found) >= 5
    for plan in found:
        assert not looks_through("chat_message", plan), plan
        assert not looks_through("chat_room", plan), plan


def test_a_repeat_is_found_by_its_client_id(cast: Cast, long_log: Room) -> None:
    [plan] = [plan for plan in plans(lambda: messages.commit([post(long_log, cast.ana)])) if "client_id" in plan]

    assert ("message_once" if connection.vendor == "postgresql" else "sqlite_autoindex_chat_message_2") in plan, plan


def test_the_look_at_the_rooms_numbers_finds_each_by_its_key(cast: Cast, long_log: Room) -> None:
    [plan] = plans(lambda: rooms.numbers([cast.lobby.pk, cast.kitchen.pk]))

    assert not looks_through("chat_room", plan), plan
    assert "chat_message" not in plan


def test_a_page_is_no_longer_than_asked(long_log: Room) -> None:
    for page in every_read(EVERYTHING, long_log.pk):
        assert len(page.messages) == limits.PAGE_MESSAGES
        assert page.more


def plans(work: Callable[[], object]) -> list[str]:
    """How the database goes about each statement of the work."""
    with CaptureQueriesContext(connection) as captured:
        work()
    # One that ran for each of some rows is told without their values.
    statements = [query["sql"].split(" times: ")[-1].replace("%s", "NULL") for query in captured]
    planned = [sql for sql in statements if sql.lstrip().startswith(("WITH", "SELECT", "UPDATE")) and "chat_" in sql]
    assert planned, statements
    return [plan(sql) for sql in planned]


def plan(sql: str) -> str:
    command = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{command} {sql}".replace("%", "%%"))
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def looks_through(table: str, plan: str) -> bool:
    """Whether the whole table is read, or the whole of one of its indexes."""
    if connection.vendor == "postgresql":
        return re.search(rf"Seq Scan on {table}\b", plan) is not None
    return re.search(rf"SCAN {table}\b", plan) is not None
