"""The start page: a room's name, and the rooms there are."""

from selenium.webdriver.common.keys import Keys

from tests.browser.person import Person, path_of
from tests.services import ServerProcess


def test_enter_opens_the_room_whose_name_was_typed(server: ServerProcess, room: str, ana: Person) -> None:
    ana.visit_home(server)
    assert ana.focus == "room-name-input"

    ana.write(f"Café {room}")
    ana.press(Keys.ENTER)

    ana.connected()
    assert ana.address == path_of(f"café-{room}")
    assert ana.focus == "chat-message-input"


def test_a_room_is_listed_once_somebody_is_in_it_with_how_many_people_are_there(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person
) -> None:
    cy.visit_home(server)
    assert not cy.is_shown(f"[data-room='{room}']")

    ana.enter_room(server, room)
    bo.enter_room(other_server, room)
    ana.see_people(ana.name, bo.name)
    cy.reload()
    cy.see(f"[data-room='{room}']", "2 people here")

    cy.click(f"[data-room='{room}']")
    cy.connected()
    ana.see_people(ana.name, bo.name, cy.name)


def test_the_room_in_which_something_was_said_last_comes_first(server: ServerProcess, room: str, ana: Person) -> None:
    for name, text in ((f"{room}-a", "one"), (f"{room}-b", "two"), (f"{room}-a", "three")):
        ana.enter_room(server, name)
        ana.say(text)
        ana.see_message(text)
    ana.visit_home(server)
    listed = ana.ask("return [...document.querySelectorAll('[data-room]')].map((card) => card.dataset.room)")
    assert listed[:2] == [f"{room}-a", f"{room}-b"]


def test_what_cannot_be_a_name_is_explained(server: ServerProcess, ana: Person) -> None:
    ana.visit_home(server)
    ana.may_be_refused()
    ana.write("what/is?this")
    ana.press(Keys.ENTER)
    ana.see("#room-name-error", "letters, digits")
    assert ana.find("#room-name-input").get_property("value") == "what/is?this"


def test_everything_can_be_done_with_the_keyboard_alone(
    server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    bo.enter_room(server, room)
    ana.visit_home(server)
    ana.write(room)
    ana.press(Keys.ENTER)
    ana.connected()
    ana.write("by keys alone")
    ana.press(Keys.ENTER)
    bo.see_message("by keys alone")

    ana.tab_to("[data-name-open]")
    ana.press(Keys.ENTER)
    ana.until(lambda: ana.focus == "own-name-input", "the name can be typed")
    ana.write(f"Key {room}")
    ana.press(Keys.ENTER)
    bo.see_people(f"Key {room}", bo.name)
    ana.until(lambda: ana.ask("return document.activeElement.matches('[data-name-open]')"), "the focus is back")
    ana.tab_to("#chat-log")
    ana.tab_to(".room__back")
    ana.press(Keys.ENTER)
    ana.see(f"[data-room='{room}']")
