"""The start page: a room's name, and the rooms there are."""

from selenium.webdriver.common.keys import Keys

from tests.browser.person import Person, path_of
from tests.services import ServerProcess, Stack


def test_enter_opens_the_room_whose_name_was_typed(server: ServerProcess, room: str, ana: Person) -> None:
    ana.visit_home(server)
    ana.see_focus("room-name-input")

    ana.write(f"Café {room}")
    ana.press(Keys.ENTER)

    ana.connected()
    assert ana.address == path_of(f"café-{room}")
    ana.see_focus("chat-message-input")


def test_a_room_is_listed_once_somebody_is_in_it_with_how_many_people_are_there(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person
) -> None:
    cy.visit_home(server)
    assert not cy.is_shown(f"[data-room='{room}']")

    ana.enter_room(server, room)
    bo.enter_room(other_server, room)
    ana.see_people(ana.name, bo.name)
    ana.say("Hello")  # of all rooms those come first in which something was said the last
    ana.see_message("Hello")
    cy.until(lambda: _counted_anew(cy, room, "2 people here"), "both are counted")

    cy.click(f"[data-room='{room}']")
    cy.connected()
    ana.see_people(ana.name, bo.name, cy.name)


def test_the_room_in_which_something_was_said_last_comes_first(server: ServerProcess, room: str, ana: Person) -> None:
    for name, text in ((f"{room}-a", "one"), (f"{room}-b", "two"), (f"{room}-a", "three")):
        ana.enter_room(server, name)
        ana.say(text)
        ana.see_message(text)
    ana.visit_home(server)
    assert _listed(ana)[:2] == [f"{room}-a", f"{room}-b"]


def test_public_rooms_are_found_by_words_and_turned_page_by_page(
    site: Stack, server: ServerProcess, room: str, ana: Person
) -> None:
    _make_rooms(site, [f"{room}-{number:02}" for number in range(52)], topic="All about pears")
    ana.visit_home(server)
    ana.click("#room-search")
    ana.write(f"{room} PEARS")
    ana.press(Keys.ENTER)
    ana.until(lambda: _listed(ana)[:1] == [f"{room}-51"], "the rooms that were looked for, newest first")
    assert len(_listed(ana)) == 50
    assert ana.find("#room-search").get_property("value") == f"{room} PEARS"

    ana.click("[rel=next]")
    ana.until(lambda: _listed(ana) == [f"{room}-01", f"{room}-00"], "the next page")
    ana.click("[rel=prev]")
    ana.until(lambda: len(_listed(ana)) == 50, "the page before")


def test_a_search_without_result_leads_on(server: ServerProcess, room: str, ana: Person) -> None:
    ana.visit(f"{server.url}/?q={room}-absent")
    ana.see(".home__empty", f"“{room}-absent”")
    ana.click(".home__empty .button--primary")
    ana.connected()
    assert ana.address == path_of(f"{room}-absent")


def test_ones_own_rooms_come_first(server: ServerProcess, room: str, ana: Person, bo: Person) -> None:
    bo.enter_room(server, f"{room}-of-others")
    bo.say("Hello")
    bo.see_message("Hello")
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, f"{room}-own")
    ana.say("Hello")
    ana.see_message("Hello")
    ana.visit_home(server)
    assert _listed(ana, "[aria-labelledby=own-title]") == [f"{room}-own"]
    assert {f"{room}-own", f"{room}-of-others"} <= set(_listed(ana))


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
    ana.tab_to("[data-directory]")
    ana.press(Keys.ENTER)
    ana.see(f"[data-room='{room}']")


def _listed(person: Person, part: str = "[data-directory-rooms]") -> list[str]:
    """The rooms of a list, as they are listed."""
    script = "return [...document.querySelectorAll(`${arguments[0]} [data-room]`)].map((card) => card.dataset.room)"
    listed: list[str] = person.ask(script, part)
    return listed


def _counted_anew(person: Person, room: str, count: str) -> bool:
    """Whether the page says this of the room by now: it is drawn once, and servers count for it in their own time."""
    person.reload()
    return any(count in card.text for card in person.driver.find_elements("css selector", f"[data-room='{room}']"))


def _make_rooms(site: Stack, slugs: list[str], topic: str) -> None:
    site.manage(
        "shell",
        "-c",
        f"from chat.models import Room\n"
        f"for slug in {slugs!r}: Room.objects.create(slug=slug, title=slug, topic={topic!r})",
    )
