"""What a room's page asks the database: the same few questions, however much was ever said in the room."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.actions import rooms
from tests.cast import Cast, say
from tests.integration.queries.test_people import logged_in, visiting

pytestmark = pytest.mark.django_db

# The session with who that is, the room, the epoch, a page of its log; around a message the log is asked on both sides.
# For the sidebar, one's own rooms with what is unread there, and then either the names of the people in direct ones or
# some rooms to begin with.
QUERIES = {"/chat/lobby/": 7, "/chat/lobby/3": 8}


def queries(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured]


@pytest.mark.parametrize("path", QUERIES)
@pytest.mark.parametrize("who", ["member", "newcomer", "guest", "visitor"])
def test_a_page_asks_few_questions_however_long_the_log(client: Client, cast: Cast, path: str, who: str) -> None:
    if who != "visitor":
        key = visiting(cast.keys["visitor"]) if who == "guest" else logged_in(cast.ana if who == "member" else cast.bo)
        client.cookies[settings.SESSION_COOKIE_NAME] = key
    rooms.talk(cast.ana, [cast.mia.pk])
    say(cast.lobby, cast.ana, "a", "b", "c")
    client.get(path)  # gives a visitor a session
    short = queries(client, path)
    say(cast.lobby, cast.ana, *["hi"] * 300)

    long = queries(client, path)

    assert len(short) == len(long) <= QUERIES[path], "\n".join(long)
