"""Through nginx, as in a deployment: people of one room hear each other, those of another hear nothing of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.person import Person
from tests.services import Nginx, ServerProcess, Stack


@pytest.fixture
def nginx(site: Stack) -> Iterator[Nginx]:
    backends = [f"127.0.0.1:{server.port}" for server in site.servers[:2]]
    with Nginx(backends, Path(site.settings["STATIC_ROOT"])) as nginx:
        yield nginx


def test_rooms_are_apart(nginx: Nginx, server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person) -> None:
    ana.enter_room(nginx, room)
    bo.enter_room(nginx, room)
    cy.enter_room(nginx, f"{room}-next-door")

    ana.say("Is anybody here?")
    bo.see_message("Is anybody here?", by=ana.name)
    bo.say("I am.")
    ana.see_message("I am.", by=bo.name)
    cy.say("Nobody but me.")
    cy.see_message("Nobody but me.", by=cy.name)

    assert cy.texts == ["Nobody but me."]
    for person in (ana, bo):
        person.see_messages(["Is anybody here?", "I am."])
    cy.enter_room(server, room)  # past nginx: the same room
    cy.see_messages(["Is anybody here?", "I am."])


def test_when_nginx_goes_and_comes_pages_come_back(nginx: Nginx, room: str, ana: Person, bo: Person) -> None:
    ana.enter_room(nginx, room)
    bo.enter_room(nginx, room)
    nginx.kill()
    ana.disconnected()
    bo.disconnected()
    ana.say("said to nobody")
    ana.see_waiting("said to nobody")
    nginx.start()

    bo.see_message("said to nobody", by=ana.name)
    ana.see_messages(["said to nobody"])
