"""The pages of the Channels tutorial chat with ours, and ours keep the tutorial's element ids."""

from collections.abc import Iterator

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.conftest import SETTINGS
from tests.browser.person import Person
from tests.services import CHAT, ServerProcess, Stack


@pytest.fixture(scope="module")
def tutorial(site: Stack) -> Iterator[ServerProcess]:
    """One more server of the site, whose pages are the tutorial's."""
    server = site.serve((*CHAT[:-1], "tests.browser.tutorial:application"), **SETTINGS)
    yield server
    server.stop()


def test_the_tutorials_own_page_chats_with_ours(
    tutorial: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person
) -> None:
    cy.enter_room(server, room)
    for person in (ana, bo):
        person.visit(f"{tutorial.url}/chat/")
        person.write(room)
        person.press(Keys.ENTER)
        person.see("[data-open]")

    ana.write("hi from the tutorial")
    ana.press(Keys.ENTER)
    cy.see_message("hi from the tutorial")
    cy.say("hi *there*")

    for person in (ana, bo):
        person.until(lambda person=person: "there" in _log(person), "the answer")
        assert _log(person) == "hi from the tutorial\nhi *there*\n"


def test_a_plain_socket_of_our_own_page_speaks_the_tutorials_dialect(
    server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    bo.enter_room(server, room)
    ana.visit_home(server)
    ana.ask(
        """
        window.heard = [];
        const socket = new WebSocket('ws://' + location.host + '/ws/chat/' + arguments[0] + '/');
        socket.onopen = () => socket.send(JSON.stringify({'message': 'hi'}));
        socket.onmessage = (event) => heard.push(JSON.parse(event.data));
        """,
        room,
    )
    said = bo.see_message("hi")
    heard = ana.until(lambda: ana.ask("return heard"), "one's own words come back")
    assert [(frame["message"], frame["user"], frame["id"]) for frame in heard] == [("hi", said.author, said.id)]
    assert sorted(heard[0]) == ["id", "message", "ts", "user"]


def test_the_pages_keep_the_tutorials_element_ids(server: ServerProcess, room: str, ana: Person) -> None:
    ana.visit_home(server)
    for name in ("room-name-input", "room-name-submit"):
        assert ana.is_shown(f"#{name}")
    ana.enter_room(server, room)
    for name in ("chat-log", "chat-message-input", "chat-message-submit"):
        assert ana.is_shown(f"#{name}")


def _log(person: Person) -> str:
    return str(person.find("#chat-log").get_property("value"))
