"""Reactions and replies: numbered as every change, told whole, and no dearer for those who use none."""

import json
from collections.abc import Sequence
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from msgspec import UNSET, convert

from chat import limits
from chat.actions import accounts, messages
from chat.actions.messages import Delete, Done, Edit, Posted, React
from chat.models import Message, Reaction, Room, User
from chat.policy import EVERYTHING
from chat.queries import log
from chat.realtime import entrance
from chat.wire import codec, events
from chat.wire.announcements import AnyNews, Changes
from chat.wire.codes import ChatError, Code
from chat.wire.commands import History
from tests.cast import Cast, delete, edit, post, react, say
from tests.integration.actions.test_messages import code, counter
from tests.integration.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def told(room: Room, number: int = 1) -> events.Message:
    return log.after(EVERYTHING, room.pk, number - 1, 1).messages[0]


def under(room: Room, number: int = 1) -> list[tuple[str, int, list[str]]]:
    return [(one.emoji, one.count, [who.name for who in one.users]) for one in told(room, number).reactions]


def refused(item: messages.Item) -> Code | None:
    return code(messages.commit([item])[0])


def crowd(size: int) -> list[User]:
    return User.objects.bulk_create(
        User(username=f"p{number}", username_key=f"p{number}", display_name=f"P {number}") for number in range(size)
    )


# Reactions


def test_each_takes_a_number_and_the_message_with_it(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a", "b")

    assert [react(cast.lobby, who, 1, "👍") for who in (cast.bo, cast.ana)] == [3, 4]
    assert react(cast.lobby, cast.bo, 1, "🎉") == 5

    assert under(cast.lobby) == [("👍", 2, ["Bo", "Ana"]), ("🎉", 1, ["Bo"])]
    assert (told(cast.lobby).seq, counter(cast.lobby)) == (5, 5)
    assert under(cast.lobby, 2) == []


def test_a_kind_goes_with_the_last_of_its_people(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a")
    for who, emoji in ((cast.bo, "👍"), (cast.ana, "🎉"), (cast.mia, "👍")):
        react(cast.lobby, who, 1, emoji)

    react(cast.lobby, cast.bo, 1, "👍", add=False)
    assert under(cast.lobby) == [("🎉", 1, ["Ana"]), ("👍", 1, ["Mia"])]  # by who stands there the longest

    react(cast.lobby, cast.mia, 1, "👍", add=False)
    react(cast.lobby, cast.ana, 1, "🎉", add=False)
    assert under(cast.lobby) == []
    assert not Message.objects.get(room=cast.lobby).has_reactions
    assert not Reaction.objects.exists()


def test_what_changes_nothing_takes_no_number_and_is_not_told(cast: Cast, announced: list[AnyNews]) -> None:
    say(cast.lobby, cast.ana, "a")
    react(cast.lobby, cast.bo, 1)
    announced.clear()

    assert react(cast.lobby, cast.bo, 1) == 2
    assert react(cast.lobby, cast.bo, 1, "🎉", add=False) == 2
    assert react(cast.lobby, cast.ana, 1, add=False) == 2

    assert counter(cast.lobby) == 2
    assert announced == []


def test_all_of_one_commit_happen_in_their_order(cast: Cast, announced: list[AnyNews]) -> None:
    lobby, ana, bo = cast.lobby.pk, cast.ana.pk, cast.bo.pk
    outcomes = messages.commit(
        [
            post(cast.lobby, cast.ana, "a"),
            React(lobby, bo, 1, "👍", True),
            React(lobby, bo, 1, "👍", True),
            React(lobby, bo, 1, "👍", False),
            React(lobby, ana, 1, "🎉", True),
            React(lobby, bo, 1, "👍", True),
            Edit(lobby, ana, 1, "b"),
            post(cast.lobby, cast.bo, "c"),
            React(lobby, ana, 7, "👍", True),
            Delete(lobby, bo, 7),
            React(lobby, ana, 7, "👍", True),
        ]
    )

    assert [code(outcome) or outcome[0] for outcome in outcomes] == [1, 2, 2, 3, 4, 5, 6, 7, 8, 9, Code.NOT_FOUND]
    assert isinstance(outcomes[0], Posted)
    assert isinstance(outcomes[1], Done)
    assert under(cast.lobby) == [("🎉", 1, ["Ana"]), ("👍", 1, ["Bo"])]
    assert under(cast.lobby, 7) == []
    assert Reaction.objects.count() == 2
    [news] = announced
    assert isinstance(news, Changes)
    assert [change.seq for change in news.changes] == list(range(1, 10))


def test_taken_away_and_put_back_in_one_commit_it_is_newer(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a")
    react(cast.lobby, cast.bo, 1)
    react(cast.lobby, cast.ana, 1)

    messages.commit([React(cast.lobby.pk, cast.bo.pk, 1, "👍", add) for add in (False, True)])

    assert under(cast.lobby) == [("👍", 2, ["Ana", "Bo"])]


def test_what_is_announced_is_what_the_log_says(cast: Cast, announced: list[Changes]) -> None:
    """Events applied to an old state give exactly the new one; also where more have reacted than are named."""
    people = crowd(30)
    say(cast.lobby, cast.ana, "a", "b")
    changes = [React(cast.lobby.pk, who.pk, 1, emoji, True) for who in people for emoji in ("👍", "🎉")]
    messages.commit(changes[:41])
    messages.commit(changes[41:])
    for gone in ((0, 1, 25), (2,), (3, 4, 5, 29)):
        messages.commit([React(cast.lobby.pk, people[place].pk, 1, "👍", False) for place in gone])
        react(cast.lobby, cast.bo, 1, "👍")
        react(cast.lobby, cast.bo, 1, "👍", add=False)
        assert announced[-1].changes[-1].rich == codec.encode(told(cast.lobby))
    edit(cast.lobby, cast.ana, 1, "A")
    assert announced[-1].changes[-1].rich == codec.encode(told(cast.lobby))
    [thumbs, party] = sorted(told(cast.lobby).reactions, key=lambda one: one.count)
    assert (thumbs.count, len(thumbs.users), thumbs.users[0].name) == (22, 20, "P 6")
    assert (party.count, len(party.users), party.users[-1].name) == (30, 20, "P 19")


def owned(answer: Sequence[events.Message]) -> list[tuple[str, int, int, object]]:
    [message] = answer
    return [(one.emoji, one.count, len(one.users), one.own) for one in message.reactions]


def test_ones_own_is_told_to_oneself_wherever_one_stands_in_a_crowd(cast: Cast) -> None:
    people = crowd(23)
    say(cast.lobby, cast.ana, "a")
    messages.commit([React(cast.lobby.pk, who.pk, 1, "👍", True) for who in people])
    messages.commit([React(cast.lobby.pk, who.pk, 1, "🎉", True) for who in (people[22], people[21])])

    def answers(viewer: User | None) -> list[list[tuple[str, int, int, object]]]:
        """Of both ways to catch up, and of each page of history, as a client gets them."""
        history = [
            json.loads(entrance.history(viewer, cast.lobby.pk, asked))["messages"]
            for asked in (History("r", before=2), History("r", after=0), History("r", around=1))
        ]
        read = [entrance.missed(viewer, cast.lobby.pk, since).page.messages for since in (1, None)]
        page, _ = log.opening(EVERYTHING, cast.lobby.pk, None, 50, viewer=viewer and viewer.pk)
        return [
            owned(found) for found in (*read, page.messages, *(convert(one, list[events.Message]) for one in history))
        ]

    assert answers(people[22]) == [[("👍", 23, 20, True), ("🎉", 2, 2, UNSET)]] * 6
    for who in (people[0], people[19], cast.bo, None):
        assert answers(who) == [[("👍", 23, 20, UNSET), ("🎉", 2, 2, UNSET)]] * 6
    assert owned([told(cast.lobby)]) == owned(log.changed_since(EVERYTHING, cast.lobby.pk, 0, 9).messages), "of no one"
    react(cast.lobby, people[22], 1, add=False)
    assert answers(people[22])[0][0] == ("👍", 22, 20, UNSET)


def test_a_message_takes_so_many_kinds(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a")
    kinds = [chr(0x1F600 + number) for number in range(limits.REACTION_KINDS + 1)]
    for emoji in kinds[:-1]:
        react(cast.lobby, cast.bo, 1, emoji)

    [outcome] = messages.commit([React(cast.lobby.pk, cast.ana.pk, 1, kinds[-1], True)])
    assert isinstance(outcome, ChatError)
    assert outcome.code is Code.FORBIDDEN
    assert str(limits.REACTION_KINDS) in outcome.message
    react(cast.lobby, cast.ana, 1, kinds[0])
    react(cast.lobby, cast.bo, 1, kinds[1], add=False)
    react(cast.lobby, cast.ana, 1, kinds[-1])
    assert len(under(cast.lobby)) == limits.REACTION_KINDS


def test_a_deletion_takes_them_along(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a", "b")
    react(cast.lobby, cast.bo, 1)
    react(cast.lobby, cast.bo, 2)
    delete(cast.lobby, cast.ana, 1)

    assert under(cast.lobby) == []
    assert list(Reaction.objects.values_list("number", flat=True)) == [2]
    for add in (True, False):
        assert refused(React(cast.lobby.pk, cast.bo.pk, 1, "👍", add)) is Code.NOT_FOUND


def test_an_edit_keeps_them(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a")
    react(cast.lobby, cast.bo, 1)
    edit(cast.lobby, cast.ana, 1, "b")

    assert under(cast.lobby) == [("👍", 1, ["Bo"])]


def test_who_may_not_speak_may_not_react(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a")
    Message.objects.create(
        room=cast.archive, number=1, seq=1, author=cast.ana, client_id="0" * 32, text="a", html="a",
        created_at="2026-01-01T00:00Z",
    )  # fmt: skip
    for add in (True, False):
        assert refused(React(cast.archive.pk, cast.ana.pk, 1, "👍", add)) is Code.READ_ONLY
        assert refused(React(cast.hidden.pk, cast.ana.pk, 1, "👍", add)) is Code.NOT_FOUND
        assert refused(React(cast.lobby.pk, cast.zoe.pk, 1, "👍", add)) is Code.NOT_FOUND
        assert refused(React(cast.lobby.pk, cast.ana.pk, 2, "👍", add)) is Code.NOT_FOUND
    assert counter(cast.lobby) == 1


def test_people_are_told_by_the_names_they_have_now(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a")
    react(cast.lobby, cast.bo, 1)
    react(cast.lobby, cast.mia, 1)
    accounts.rename(cast.bo, "Robert")
    accounts.delete(cast.mia)

    assert under(cast.lobby) == [("👍", 2, ["Robert", ""])]
    assert told(cast.lobby).reactions[0].users[1].id == cast.mia.pk


def test_many_at_the_same_moment_are_all_counted(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a")
    people = [cast.ana, cast.bo, cast.olga, cast.mia]

    together(*[lambda who=who: react(cast.lobby, who, 1) for who in people * 2])

    [(emoji, count, names)] = under(cast.lobby)
    assert (emoji, count, sorted(names)) == ("👍", 4, ["Ana", "Bo", "Mia", "Olga"])
    assert counter(cast.lobby) == 5


# Replies


def test_a_reply_names_what_it_answers(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a")
    messages.commit([post(cast.lobby, cast.bo, "yes")._replace(reply_to=1)])
    edit(cast.lobby, cast.bo, 2, "no")
    react(cast.lobby, cast.ana, 2)

    assert (told(cast.lobby, 2).reply_to, told(cast.lobby, 1).reply_to) == (1, None)


def test_what_was_said_in_the_same_commit_can_be_answered(cast: Cast) -> None:
    outcomes = messages.commit([post(cast.lobby, cast.ana), post(cast.lobby, cast.bo)._replace(reply_to=1)])

    assert outcomes == [Posted(1), Posted(2)]
    assert told(cast.lobby, 2).reply_to == 1


def test_what_was_deleted_can_be_answered_and_what_is_not_there_cannot(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "a")
    say(cast.kitchen, cast.ana, "a", "b")
    delete(cast.lobby, cast.ana, 1)

    assert messages.commit([post(cast.lobby, cast.bo)._replace(reply_to=1)]) == [Posted(3)]
    for number in (2, 4, 2**53):  # a change, nothing yet, nothing ever
        assert refused(post(cast.lobby, cast.bo)._replace(reply_to=number)) is Code.NOT_FOUND
    assert counter(cast.lobby) == 3


# Work


def queries(*items: messages.Item) -> int:
    with CaptureQueriesContext(connection) as captured:
        outcomes = messages.commit(items)
    assert not any(map(code, outcomes))
    return len(captured)


def test_they_cost_few_queries_and_nothing_where_there_are_none(cast: Cast) -> None:
    lobby = cast.lobby.pk
    say(cast.lobby, cast.ana, *"abc")
    people = crowd(50)
    plain = queries(Edit(lobby, cast.ana.pk, 1, "b"))
    one = queries(React(lobby, people[0].pk, 1, "👍", True))
    many = queries(*[React(lobby, who.pk, number, "👍", True) for who in people[1:] for number in (1, 2, 3)])

    assert one <= plain  # no versions to keep
    assert many <= one + 1
    assert queries(post(cast.lobby, cast.bo)._replace(reply_to=1)) == queries(post(cast.lobby, cast.bo)) + 2


def test_a_page_is_one_statement_with_reactions_or_without(cast: Cast) -> None:
    say(cast.lobby, cast.ana, *"abcdefgh")
    for number in range(1, 9):
        react(cast.lobby, cast.bo, number)
        react(cast.lobby, cast.ana, number, "🎉")
    messages.commit([React(cast.lobby.pk, who.pk, number, "👍", True) for who in crowd(25) for number in range(1, 9)])
    for read in (
        partial(log.newest, EVERYTHING, cast.lobby.pk, 50),
        partial(log.changed_since, EVERYTHING, cast.lobby.pk, 0, 50),
    ):
        for viewer in (None, cast.bo.pk):
            with CaptureQueriesContext(connection) as captured:
                page = read(viewer=viewer)
            assert len(captured) == 1
        assert [len(message.reactions) for message in page.messages] == [2] * 8
