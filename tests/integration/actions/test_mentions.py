"""Who is spoken to is found with the words, kept with them, and goes with them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.actions import accounts, messages
from chat.models import Mention, Room, User
from chat.policy import EVERYTHING
from chat.queries import log
from chat.wire import events
from tests.cast import Cast, delete, edit, post, say

pytestmark = pytest.mark.django_db(transaction=True)


def kept(room: Room) -> list[tuple[int, int | None]]:
    return sorted(Mention.objects.filter(room=room).values_list("number", "person"), key=str)


def told(room: Room, number: int) -> events.Message:
    return log.after(EVERYTHING, room.pk, number - 1, 1).messages[0]


def test_a_message_keeps_and_tells_whom_it_speaks_to(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "@Bo and @zoe, @nobody", "all @here", "nobody")

    assert told(cast.lobby, 1).mentions == [cast.bo.pk]  # who is deactivated is not there
    assert (told(cast.lobby, 2).mentions, told(cast.lobby, 2).mentions_here) == ([], True)
    assert (told(cast.lobby, 3).mentions, told(cast.lobby, 3).mentions_here) == ([], events.UNSET)
    assert kept(cast.lobby) == [(1, cast.bo.pk), (2, None)]
    assert f'data-person="{cast.bo.pk}"' in told(cast.lobby, 1).html


def test_an_edit_makes_them_anew(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "@bo @mia @here")
    edit(cast.lobby, cast.ana, 1, "@mia @olga")

    assert told(cast.lobby, 1).mentions == [cast.mia.pk, cast.olga.pk]
    assert told(cast.lobby, 1).mentions_here is events.UNSET
    assert kept(cast.lobby) == sorted([(1, cast.mia.pk), (1, cast.olga.pk)])


def test_a_deletion_takes_them_away(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "@bo @here", "@bo")
    delete(cast.lobby, cast.ana, 1)

    assert (told(cast.lobby, 1).mentions, told(cast.lobby, 1).mentions_here) == ([], events.UNSET)
    assert kept(cast.lobby) == [(2, cast.bo.pk)]


def test_changes_of_one_commit_keep_what_the_last_one_says(cast: Cast) -> None:
    lobby, ana = cast.lobby.pk, cast.ana.pk
    messages.commit(
        [
            post(cast.lobby, cast.ana, "@bo @here"),
            messages.Edit(lobby, ana, 1, "@mia"),
            post(cast.lobby, cast.ana, "@olga"),
            messages.Delete(lobby, ana, 3),
        ]
    )

    assert kept(cast.lobby) == [(1, cast.mia.pk)]


def test_whoever_took_the_name_since_is_not_meant(cast: Cast) -> None:
    say(cast.lobby, cast.ana, "@bo")
    bo = cast.bo.pk
    accounts.rename(cast.bo, "Robert")
    User.objects.create_user("Bo")

    assert told(cast.lobby, 1).mentions == [bo]
    say(cast.lobby, cast.ana, "@robert")
    assert told(cast.lobby, 2).mentions == [bo]


def test_names_are_looked_up_at_once_and_only_where_there_are_any(cast: Cast) -> None:
    def queries(*texts: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            say(cast.lobby, cast.ana, *texts)
        return len(captured)

    queries("first")
    without = queries("hi")

    assert queries("me@example.org says `@bo`") == without
    assert queries("@nobody") == without + 1
    assert queries("@bo") == without + 2
    assert queries(*["@bo @mia @olga"] * 50) == without + 2
