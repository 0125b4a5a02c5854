"""What people type is shown as text, wherever it stands, and nothing of it runs."""

import psycopg
import pytest

from tests.browser.person import Person
from tests.services import ServerProcess, Stack

EVIL = (
    "<script>document.title = 'run'</script>",
    "<img src=x onerror=\"document.title = 'run'\">",
    "<svg onload=\"document.title = 'run'\"></svg>",
    "[click](javascript:document.title='run')",
    "</script><script>document.title = 'run'</script><!--",
    "&lt;b&gt; {{ 7 * 7 }} {% now %}",
)


@pytest.mark.parametrize("evil", EVIL)
def test_a_message_shows_as_it_was_typed(server: ServerProcess, room: str, ana: Person, bo: Person, evil: str) -> None:
    ana.enter_room(server, room)
    bo.enter_room(server, room)

    ana.say(evil)
    bo.see_message(evil)
    bo.reload()  # from the server's own markup this time
    bo.connected()
    bo.see_message(evil)

    for person in (ana, bo):
        _nothing_ran(person)
        assert person.ask("return document.querySelectorAll('.message__text :is(script, img, svg, a)').length") == 0


def test_a_name_shows_as_it_was_typed(server: ServerProcess, room: str, ana: Person, bo: Person) -> None:
    evil = f"<img src=x onerror=alert(1)> {room[-4:]}"
    ana.enter_room(server, room)
    bo.enter_room(server, room)
    ana.be_called(evil)
    ana.say("Guess my name")

    bo.see_message("Guess my name", by=evil)
    bo.see_people(evil, bo.name)
    bo.reload()
    bo.connected()
    bo.see_message("Guess my name", by=evil)
    for person in (ana, bo):
        _nothing_ran(person)


def test_a_rooms_title_shows_as_it_was_typed(site: Stack, server: ServerProcess, room: str, ana: Person) -> None:
    evil = "</script><script>document.title = 'run'</script>"
    ana.enter_room(server, room)
    _entitle(site, room, evil)

    ana.reload()
    ana.connected()
    ana.see("h1", evil)
    assert ana.driver.title == f"{evil} · Chat"
    ana.say("Hello")  # so that the room comes first
    ana.see_message("Hello")
    ana.visit_home(server)
    ana.see(f"[data-room='{room}']", evil)
    _nothing_ran(ana)


def _nothing_ran(person: Person) -> None:
    assert person.driver.title != "run"
    assert person.ask("return document.querySelectorAll('body :is(script:not([type]), img[src=\"x\"])').length") == 0


def _entitle(site: Stack, room: str, title: str) -> None:
    """As the frame for it will, once rooms can be renamed."""
    with psycopg.connect(site.settings["DATABASE_URL"]) as database:
        database.execute("UPDATE chat_room SET title = %s WHERE slug = %s", (title, room))
