"""Reads of the log: pages in their order, with the numbers of the same moment, for those who may see the room."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import Q
from django.utils import timezone

from chat import policy
from chat.policy import EVERYTHING, Denied
from chat.queries import log
from chat.wire import events
from chat.wire.codes import Code
from tests.cast import Cast, delete, edit, say

pytestmark = pytest.mark.django_db


def numbers(page: log.Page) -> list[int]:
    return [message.id for message in page.messages]


@pytest.fixture
def talk(cast: Cast) -> Cast:
    """In the lobby: 1 to 10 are said, 3 is then edited (11), 4 deleted (12), 13 said. In the kitchen: another."""
    say(cast.kitchen, cast.bo, *"abcdefghijklmnop")
    say(cast.lobby, cast.ana, *(f"said {number}" for number in range(1, 11)))
    edit(cast.lobby, cast.ana, 3, "edited 3")
    delete(cast.lobby, cast.ana, 4)
    assert say(cast.lobby, cast.bo, "said 13") == [13]
    return cast


def test_what_changed_since_comes_by_change(talk: Cast) -> None:
    page = log.changed_since(EVERYTHING, talk.lobby.pk, 8, 50)

    assert [(message.id, message.seq) for message in page.messages] == [(9, 9), (10, 10), (3, 11), (4, 12), (13, 13)]
    assert (page.seq, page.more) == (13, False)


def test_with_more_to_come_the_page_says_how_far_it_reaches(talk: Cast) -> None:
    page = log.changed_since(EVERYTHING, talk.lobby.pk, 8, 3)

    assert ([message.seq for message in page.messages], page.seq, page.more) == ([9, 10, 11], 11, True)
    assert log.changed_since(EVERYTHING, talk.lobby.pk, 11, 2).more is False


def test_pages_of_changes_join_without_a_hole(talk: Cast) -> None:
    found, since, more = [], 0, True
    while more:
        page = log.changed_since(EVERYTHING, talk.lobby.pk, since, 2)
        found += [message.seq for message in page.messages]
        since, more = page.seq, page.more

    assert found == [1, 2, 5, 6, 7, 8, 9, 10, 11, 12, 13]


@pytest.mark.parametrize("since", [13, 99])
def test_where_nothing_changed_the_page_is_empty_and_tells_where_the_room_stands(talk: Cast, since: int) -> None:
    page = log.changed_since(EVERYTHING, talk.lobby.pk, since, 50)

    assert page == log.Page([], 13, 0, False)


def test_the_newest_come_by_id_with_tombstones_or_without(talk: Cast) -> None:
    assert numbers(log.newest(EVERYTHING, talk.lobby.pk, 3)) == [9, 10, 13]
    assert numbers(log.newest(EVERYTHING, talk.lobby.pk, 50)) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13]
    assert numbers(log.newest(EVERYTHING, talk.lobby.pk, 50, tombstones=False)) == [1, 2, 3, 5, 6, 7, 8, 9, 10, 13]
    assert log.newest(EVERYTHING, talk.lobby.pk, 10).more
    assert not log.newest(EVERYTHING, talk.lobby.pk, 11).more


def test_before_comes_nearest_and_by_id(talk: Cast) -> None:
    page = log.before(EVERYTHING, talk.lobby.pk, 9, 3)

    assert (numbers(page), page.more, page.seq) == ([6, 7, 8], True, 13)
    assert numbers(log.before(EVERYTHING, talk.lobby.pk, 4, 3)) == [1, 2, 3]
    assert not log.before(EVERYTHING, talk.lobby.pk, 4, 3).more
    assert numbers(log.before(EVERYTHING, talk.lobby.pk, 1, 3)) == []
    assert numbers(log.before(EVERYTHING, talk.lobby.pk, 2**53, 2)) == [10, 13]


def test_after_comes_nearest_and_by_id(talk: Cast) -> None:
    page = log.after(EVERYTHING, talk.lobby.pk, 4, 3)

    assert (numbers(page), page.more) == ([5, 6, 7], True)
    assert numbers(log.after(EVERYTHING, talk.lobby.pk, 9, 5)) == [10, 13]
    assert not log.after(EVERYTHING, talk.lobby.pk, 9, 2).more
    assert numbers(log.after(EVERYTHING, talk.lobby.pk, 13, 5)) == []


@pytest.mark.parametrize(
    ("middle", "limit", "found", "more"),
    [
        (5, 4, [3, 4, 5, 6], (True, True)),
        (1, 4, [1, 2, 3, 4], (False, True)),
        (13, 4, [9, 10, 13], (True, False)),
        (12, 4, [9, 10, 13], (True, False)),  # the number of a change and of no message
        (0, 3, [1, 2, 3], (False, True)),
        (99, 4, [10, 13], (True, False)),
        (5, 100, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13], (False, False)),
        (5, 1, [5], (True, True)),
    ],
)
def test_around_has_the_number_in_its_middle(
    talk: Cast, middle: int, limit: int, found: list[int], more: tuple[bool, bool]
) -> None:
    page, sides = log.around(EVERYTHING, talk.lobby.pk, middle, limit)

    assert numbers(page) == found
    assert sides == events.More(*more)


def test_what_the_plain_dialect_tells_comes_by_id_without_what_was_deleted(talk: Cast) -> None:
    page = log.posted_since(EVERYTHING, talk.lobby.pk, 2, 10, 50)

    assert numbers(page) == [3, 5, 6, 7, 8, 9, 10]
    assert page.messages[0].message == "edited 3"
    first = log.posted_since(EVERYTHING, talk.lobby.pk, 2, 13, 3)
    assert (numbers(first), first.seq, first.more) == ([3, 5, 6], 6, True)


def test_a_tombstone_says_nothing_of_what_it_was(talk: Cast) -> None:
    [tombstone] = [m for m in log.newest(EVERYTHING, talk.lobby.pk, 50).messages if m.deleted]

    assert (tombstone.id, tombstone.seq, tombstone.message, tombstone.html) == (4, 12, "", "")
    assert tombstone.user.name == "Ana"


def test_an_edited_message_says_when(talk: Cast) -> None:
    edited = {m.id: m.edited for m in log.newest(EVERYTHING, talk.lobby.pk, 50).messages}

    assert edited.pop(3)
    assert set(edited.values()) == {None}


def test_an_empty_room_has_an_empty_log(cast: Cast) -> None:
    for page in every_read(EVERYTHING, cast.lobby.pk):
        assert page == log.Page([], 0, 0, False)


def every_read(who: Q, room: int) -> Iterator[log.Page]:
    for read in READS.values():
        yield read(who, room)


READS: dict[str, Callable[[Q, int], log.Page]] = {
    "changed_since": lambda who, room: log.changed_since(who, room, 4900, 50),
    "posted_since": lambda who, room: log.posted_since(who, room, 2000, 4000, 50),
    "newest": lambda who, room: log.newest(who, room, 50),
    "newest without tombstones": lambda who, room: log.newest(who, room, 50, tombstones=False),
    "before": lambda who, room: log.before(who, room, 2500, 50),
    "after": lambda who, room: log.after(who, room, 2500, 50),
    "around": lambda who, room: log.around(who, room, 2500, 50)[0],
    "opening": lambda who, room: log.opening(who, room, None, 50)[0],
    "opening around": lambda who, room: log.opening(who, room, 2500, 50)[0],
}


@pytest.mark.parametrize("read", READS)
def test_who_may_not_see_the_room_reads_nothing_and_learns_nothing(cast: Cast, read: str) -> None:
    assert READS[read](policy.visible(cast.ana), cast.lobby.pk) is not None
    refusals = []
    for who, room in [
        (policy.visible(cast.ana), cast.hidden.pk),
        (policy.visible(None), cast.hidden.pk),
        (policy.visible(cast.zoe), cast.lobby.pk),
        (policy.visible(cast.ana), 10**9),
    ]:
        with pytest.raises(Denied) as caught:
            READS[read](who, room)
        refusals.append((caught.value.code, caught.value.message))

    assert set(refusals) == {(Code.NOT_FOUND, refusals[0][1])}


@pytest.mark.parametrize("read", [name for name in READS if "around" not in name])
def test_a_read_is_one_query(talk: Cast, read: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        READS[read](policy.visible(talk.ana), talk.lobby.pk)


def test_the_opening_of_a_page_is_the_newest_or_around_a_message(talk: Cast) -> None:
    page, more = log.opening(EVERYTHING, talk.lobby.pk, None, 4)
    assert (numbers(page), more) == ([8, 9, 10, 13], events.More(True, False))

    page, more = log.opening(EVERYTHING, talk.lobby.pk, 5, 4)
    assert (numbers(page), more) == ([3, 4, 5, 6], events.More(True, True))


def test_times_are_utc_with_milliseconds() -> None:
    moment = timezone.datetime.fromisoformat("2026-11-20T12:00:00.123456+02:00")

    assert log.timestamp(moment) == "2026-11-20T10:00:00.123Z"
    assert log.timestamp(moment.replace(microsecond=0)) == "2026-11-20T10:00:00.000Z"
