"""Posting, editing and deleting: numbers without a hole, repeats that change nothing, few queries."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, OperationalError, connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from chat import policy
from chat.actions import messages, rows
from chat.actions.messages import Delete, Done, Edit, Item, Outcome, Posted
from chat.models import Message, Room, User
from chat.queries import log
from chat.text import ids
from chat.wire import codec
from chat.wire.announcements import AnyNews, Changes
from chat.wire.codes import ChatError, Code
from tests.cast import Cast, delete, edit, post, say
from tests.integration.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def code(outcome: Outcome) -> Code | None:
    return outcome.code if isinstance(outcome, ChatError) else None


def stored(room: Room) -> list[tuple[int, int, str]]:
    return list(Message.objects.filter(room=room).order_by("number").values_list("number", "seq", "text"))


def counter(room: Room) -> int:
    return Room.objects.get(pk=room.pk).last_seq


# Numbers


def test_messages_are_numbered_in_the_order_given_without_a_hole(cast: Cast) -> None:
    assert say(cast.lobby, cast.ana, "a", "b", "c") == [1, 2, 3]
    assert say(cast.lobby, cast.bo, "d") == [4]

    assert stored(cast.lobby) == [(1, 1, "a"), (2, 2, "b"), (3, 3, "c"), (4, 4, "d")]
    assert counter(cast.lobby) == 4


def test_rooms_count_for_themselves_and_one_commit_may_be_for_several(cast: Cast) -> None:
    outcomes = messages.commit([post(room, cast.ana) for room in (cast.lobby, cast.kitchen, cast.lobby, cast.kitchen)])

    assert outcomes == [Posted(1), Posted(1), Posted(2), Posted(2)]


def test_text_is_kept_exactly_and_html_is_made_of_it(cast: Cast) -> None:
    text = "  *hi* <b>\u202e\u200d e\u0301 😀\n"
    say(cast.lobby, cast.ana, text)

    [message] = Message.objects.filter(room=cast.lobby)
    assert message.text == text
    assert "<em>hi</em>" in message.html
    assert "<b>" not in message.html


def test_writers_at_once_get_numbers_without_a_hole_or_a_double(cast: Cast) -> None:
    def write() -> list[Outcome]:
        return [
            outcome
            for _ in range(5)
            for outcome in messages.commit([post(cast.lobby, cast.ana), post(cast.kitchen, cast.bo)])
        ]

    outcomes = [outcome for written in together(*[write] * 4) for outcome in written]

    assert sorted(number for number, _, _ in stored(cast.lobby)) == list(range(1, 21))
    assert sorted(number for number, _, _ in stored(cast.kitchen)) == list(range(1, 21))
    assert len(outcomes) == 40
    assert not any(map(code, outcomes))


# Repeats


def test_a_repeat_gets_the_number_of_the_first_and_changes_nothing(cast: Cast, announced: list[AnyNews]) -> None:
    once = ids.uuid7()
    assert messages.commit([post(cast.lobby, cast.ana, "first", once)]) == [Posted(1)]
    announced.clear()

    assert messages.commit([post(cast.lobby, cast.ana, "other words", once)]) == [Posted(1)]

    assert stored(cast.lobby) == [(1, 1, "first")]
    assert counter(cast.lobby) == 1
    assert announced == []


def test_a_repeat_within_one_commit_is_one_message(cast: Cast) -> None:
    once = ids.uuid7()

    outcomes = messages.commit([post(cast.lobby, cast.ana, text, once) for text in ("first", "again", "and again")])

    assert outcomes == [Posted(1)] * 3
    assert stored(cast.lobby) == [(1, 1, "first")]


def test_the_same_client_id_of_another_person_or_in_another_room_is_another_message(cast: Cast) -> None:
    once = ids.uuid7()

    outcomes = messages.commit(
        [
            post(cast.lobby, cast.ana, "a", once),
            post(cast.lobby, cast.bo, "b", once),
            post(cast.kitchen, cast.ana, "c", once),
        ]
    )

    assert outcomes == [Posted(1), Posted(2), Posted(1)]


def test_a_repeat_is_compared_as_a_uuid(cast: Cast) -> None:
    once = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
    messages.commit([post(cast.lobby, cast.ana, "a", once)])

    again = codec.client_uuid("01890A5DAC96774BBCCEB302099A8057")

    assert messages.commit([post(cast.lobby, cast.ana, "a", again)]) == [Posted(1)]


def test_a_repeat_at_the_same_moment_from_two_processes_is_one_message(cast: Cast) -> None:
    once = ids.uuid7()

    outcomes = together(*[lambda: messages.commit([post(cast.lobby, cast.ana, "a", once)])] * 5)

    assert outcomes == [[Posted(1)]] * 5
    assert counter(cast.lobby) == 1


def test_the_repeat_of_a_message_deleted_since_gets_its_number(cast: Cast) -> None:
    once = ids.uuid7()
    messages.commit([post(cast.lobby, cast.ana, "a", once)])
    delete(cast.lobby, cast.ana, 1)

    assert messages.commit([post(cast.lobby, cast.ana, "a", once)]) == [Posted(1)]
    assert stored(cast.lobby) == [(1, 2, "")]


# Refusals


@pytest.mark.parametrize(
    ("who", "where", "refusal"),
    [
        ("zoe", "lobby", Code.NOT_FOUND),
        ("ana", "hidden", Code.NOT_FOUND),
        ("zoe", "hidden", Code.NOT_FOUND),
        ("ana", "archive", Code.READ_ONLY),
        ("visitor", "archive", Code.READ_ONLY),
    ],
)
def test_who_may_not_speak_is_refused_alone(cast: Cast, who: str, where: str, refusal: Code) -> None:
    bad = post(getattr(cast, where), getattr(cast, who))

    outcomes = messages.commit([post(cast.lobby, cast.ana, "a"), bad, post(cast.lobby, cast.bo, "b")])

    assert outcomes[0] == Posted(1)
    assert code(outcomes[1]) is refusal
    assert outcomes[2] == Posted(2)
    assert not Message.objects.filter(room=getattr(cast, where), text="hi").exists()


def test_a_room_or_person_that_is_none_is_refused_alone(cast: Cast) -> None:
    nowhere, nobody = post(cast.lobby, cast.ana)._replace(room=10**9), post(cast.lobby, cast.ana)._replace(author=10**9)

    outcomes = messages.commit([nowhere, post(cast.lobby, cast.ana, "a"), nobody])

    assert [code(outcome) for outcome in outcomes] == [Code.NOT_FOUND, None, Code.NOT_FOUND]
    assert stored(cast.lobby) == [(1, 1, "a")]


def test_a_room_archived_meanwhile_is_read_only_for_who_knew_it_open(cast: Cast) -> None:
    assert cast.lobby.archived_at is None
    Room.objects.filter(pk=cast.lobby.pk).update(archived_at="2026-01-01T00:00:00Z")

    assert code(messages.commit([post(cast.lobby, cast.ana)])[0]) is Code.READ_ONLY


def test_one_that_the_database_refuses_fails_alone(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    insert = rows.insert_messages

    def refuse_poison(new: Sequence[rows.MessageRow]) -> None:
        if any(row.text == "poison" for row in new):
            raise DatabaseError("a value that the database does not take")
        insert(new)

    monkeypatch.setattr(rows, "insert_messages", refuse_poison)

    outcomes = messages.commit([post(cast.lobby, cast.ana, text) for text in ("a", "poison", "b")])

    assert [code(outcome) for outcome in outcomes] == [None, Code.INTERNAL, None]
    assert [(number, text) for number, _, text in stored(cast.lobby)] == [(1, "a"), (2, "b")]
    assert counter(cast.lobby) == 2


def test_a_database_that_is_away_is_not_taken_for_a_refusal(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(rows, "insert_messages", away)

    with pytest.raises(OperationalError):
        messages.commit([post(cast.lobby, cast.ana), post(cast.lobby, cast.bo)])

    assert counter(cast.lobby) == 0


# Edits and deletions


def test_an_edit_takes_the_next_number_and_leaves_the_place(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a", "b")

    assert edit(cast.lobby, cast.ana, 1, "*A*") == 3

    assert stored(cast.lobby) == [(1, 3, "*A*"), (2, 2, "b")]
    message = Message.objects.get(room=cast.lobby, number=1)
    assert "<em>" in message.html
    assert message.edited_at is not None


def test_an_edit_that_changes_nothing_takes_no_number(cast: Cast, announced: list[AnyNews]) -> None:
    say(cast.lobby, cast.ana, "a")
    announced.clear()

    assert edit(cast.lobby, cast.ana, 1, "a") == 1

    assert counter(cast.lobby) == 1
    assert announced == []
    assert Message.objects.get(room=cast.lobby, number=1).edited_at is None


def test_a_deletion_keeps_the_place_and_nothing_of_the_words(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "secret", "b")

    assert delete(cast.lobby, cast.ana, 1) == 3
    assert delete(cast.lobby, cast.ana, 1) == 3  # again: nothing to change

    message = Message.objects.get(room=cast.lobby, number=1)
    assert (message.text, message.html, message.seq) == ("", "", 3)
    assert message.deleted_at is not None
    assert counter(cast.lobby) == 3


@pytest.mark.parametrize("kind", [Edit, Delete])
def test_only_ones_own_can_be_changed_and_only_where_it_is(cast: Cast, kind: type) -> None:
    def change(room: Room, who: User, number: int) -> Code | None:
        item: Item = Edit(room.pk, who.pk, number, "x") if kind is Edit else Delete(room.pk, who.pk, number)
        return code(messages.commit([item])[0])

    say(cast.lobby, cast.ana, "a")
    say(cast.kitchen, cast.bo, "k", "k2")

    assert change(cast.lobby, cast.bo, 1) is Code.FORBIDDEN
    assert change(cast.lobby, cast.visitor, 1) is Code.FORBIDDEN
    assert change(cast.lobby, cast.bo, 2) is Code.NOT_FOUND  # of the other room
    assert change(cast.lobby, cast.ana, 99) is Code.NOT_FOUND
    assert change(cast.hidden, cast.ana, 1) is Code.NOT_FOUND
    assert change(cast.lobby, cast.zoe, 1) is Code.NOT_FOUND
    delete(cast.lobby, cast.ana, 1)
    assert change(cast.lobby, cast.bo, 1) is Code.NOT_FOUND
    assert counter(cast.lobby) == 2


def test_a_deleted_one_cannot_be_edited(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a")
    delete(cast.lobby, cast.ana, 1)

    assert code(messages.commit([Edit(cast.lobby.pk, cast.ana.pk, 1, "b")])[0]) is Code.NOT_FOUND


def test_changes_of_one_commit_happen_in_their_order(cast: Cast, announced: list[AnyNews]) -> None:
    lobby, ana = cast.lobby.pk, cast.ana.pk

    outcomes = messages.commit(
        [
            post(cast.lobby, cast.ana, "a"),
            Edit(lobby, ana, 1, "b"),
            Edit(lobby, ana, 1, "c"),
            post(cast.lobby, cast.bo, "z"),
            Delete(lobby, ana, 1),
        ]
    )

    assert outcomes == [Posted(1), Done(2), Done(3), Posted(4), Done(5)]
    assert stored(cast.lobby) == [(1, 5, ""), (4, 4, "z")]
    [news] = announced
    assert isinstance(news, Changes)
    assert [change.seq for change in news.changes] == [1, 2, 3, 4, 5]


# Announcements


def test_announcements_of_a_room_adjoin(cast: Cast, announced: list[AnyNews]) -> None:
    say(cast.lobby, cast.ana, "a", "b")
    say(cast.lobby, cast.bo, "c")
    edit(cast.lobby, cast.ana, 2, "B")
    delete(cast.lobby, cast.ana, 1)

    ranges = [(news.after, news.upto) for news in announced if isinstance(news, Changes)]
    assert ranges == [(0, 2), (2, 3), (3, 4), (4, 5)]
    assert all(change.seq <= news.upto for news in announced if isinstance(news, Changes) for change in news.changes)


def test_one_commit_announces_once_for_each_room(cast: Cast, announced: list[AnyNews]) -> None:
    messages.commit([post(cast.lobby, cast.ana), post(cast.kitchen, cast.ana), post(cast.lobby, cast.bo)])

    rooms = [(news.room, news.after, news.upto) for news in announced if isinstance(news, Changes)]
    assert sorted(rooms) == sorted([(cast.lobby.pk, 0, 2), (cast.kitchen.pk, 0, 1)])


def test_what_is_refused_is_not_announced(cast: Cast, announced: list[AnyNews]) -> None:
    messages.commit([post(cast.archive, cast.ana)])

    assert announced == []


def test_what_is_rolled_back_is_not_announced(
    cast: Cast, announced: list[AnyNews], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "update_rooms", lambda *_: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        messages.commit([post(cast.lobby, cast.ana)])

    assert announced == []
    assert stored(cast.lobby) == []


def test_what_is_announced_is_what_the_log_says(cast: Cast, announced: list[AnyNews]) -> None:
    """Events applied to an old state give exactly the new one."""
    say(cast.lobby, cast.ana, "a", "b *c*")
    say(cast.lobby, cast.visitor, "d")
    edit(cast.lobby, cast.ana, 1, "A")
    delete(cast.lobby, cast.visitor, 3)

    told: dict[int, str] = {}
    for news in announced:
        assert isinstance(news, Changes)
        told |= {change.seq: change.rich for change in news.changes}
    page = log.changed_since(policy.EVERYTHING, cast.lobby.pk, 0, 100)
    assert {message.seq: codec.encode(message) for message in page.messages} == {
        message.seq: told[message.seq] for message in page.messages
    }
    assert max(told) == page.seq == counter(cast.lobby)


# Work


def queries(work: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    return len(captured)


def test_few_queries_whatever_the_number(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "first")  # the first of a process may ask the server for its version
    one = queries(lambda: say(cast.lobby, cast.ana, "hi"))
    hundred = queries(lambda: say(cast.lobby, cast.ana, *["hi"] * 100))
    rooms = queries(lambda: messages.commit([post(room, cast.ana) for room in (cast.lobby, cast.kitchen)] * 40))

    assert one <= 9
    assert rooms == one
    assert hundred == one


def test_a_hundred_repeats_cost_no_more_than_one(cast: Cast) -> None:
    posts = [post(cast.lobby, cast.ana) for _ in range(80)]
    messages.commit(posts)

    assert queries(lambda: messages.commit(posts)) == queries(lambda: messages.commit(posts[:1]))


def test_the_counter_never_runs_behind_or_ahead_of_the_messages(cast: Cast) -> None:
    say(cast.lobby, cast.ana, *["hi"] * 7)
    edit(cast.lobby, cast.ana, 3, "x")
    messages.commit([post(cast.lobby, cast.zoe), post(cast.lobby, cast.ana)])

    newest = Message.objects.filter(room=cast.lobby).order_by(F("seq").desc()).values_list("seq", flat=True)[0]
    assert counter(cast.lobby) == newest == 9
