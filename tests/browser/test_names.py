"""Nobody logs in: one is a guest with a name that lasts and that one can change where it stands."""

from selenium.webdriver.common.keys import Keys

from tests.browser.person import Person
from tests.services import ServerProcess


def test_a_guest_has_the_same_name_after_a_reload_in_another_room_and_on_another_server(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person
) -> None:
    ana.enter_room(server, room)
    made_up = ana.name
    assert len(made_up.split()) == 2

    ana.reload()
    ana.connected()
    assert ana.name == made_up
    ana.enter_room(other_server, f"{room}-next-door")
    assert ana.name == made_up


def test_two_windows_are_two_people(server: ServerProcess, room: str, ana: Person, bo: Person) -> None:
    ana.enter_room(server, room)
    bo.enter_room(server, room)
    assert ana.name != bo.name
    ana.see_people(ana.name, bo.name)


def test_a_new_name_shows_at_once_in_every_window_and_lasts(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(other_server, room)
    ana.say("Who am I?")
    bo.see_message("Who am I?", by=ana.name)

    ana.be_called(f"Ána {room}")

    bo.see_message("Who am I?", by=f"Ána {room}")
    bo.see_people(f"Ána {room}", bo.name)
    ana.reload()
    ana.connected()
    assert ana.name == f"Ána {room}"
    ana.see_message("Who am I?", by=f"Ána {room}")


def test_a_name_that_somebody_has_is_refused_in_words(
    server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(server, room)
    ana.be_called(f"Ana {room}")
    before = bo.name

    bo.may_be_refused()
    bo.ask_for_name(f"ANA {room}")

    bo.see("[data-name-error]", "has this name")
    bo.press(Keys.ESCAPE)
    assert bo.name == before
