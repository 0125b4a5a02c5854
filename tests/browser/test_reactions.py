"""Reactions: put there by a press or out of the box, seen by everybody, counted once a person."""

from selenium.webdriver.common.keys import Keys

from tests.browser.driver import PHONE, show_as
from tests.browser.person import Person
from tests.services import ServerProcess

_CHIPS = """
  return [...arguments[0].querySelectorAll("[data-reaction]")].map((chip) =>
    [chip.dataset.emoji, chip.querySelector("[data-reaction-count]").textContent,
     chip.classList.contains("reaction--own")]);
"""


def chips(person: Person, text: str) -> list[list[object]]:
    found: list[list[object]] = person.ask(_CHIPS, person.node(text))
    return found


def see_chips(person: Person, text: str, *wanted: tuple[str, int, bool]) -> None:
    """Wait until exactly these reactions are shown: emoji, count, and whether one's own is among them."""
    expected = [[emoji, str(count), own] for emoji, count, own in wanted]
    person.until(lambda: chips(person, text) == expected, f"{expected} under {text!r}, not {chips(person, text)}")


def open_picker(person: Person, text: str) -> None:
    person.point_at(text)
    person.see("[data-message-actions] [data-react]").click()
    person.until(lambda: person.focus == "picker-input", "the box of emoji")


def press_chip(person: Person, text: str) -> None:
    person.node(text).find_element("css selector", "[data-reaction] button").click()


def test_two_people_react_and_see_it_at_once_and_after_a_reload(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(other_server, room)
    ana.say("hello")
    bo.see_message("hello")

    open_picker(bo, "hello")
    bo.write("tada")
    bo.press(Keys.ENTER)

    see_chips(bo, "hello", ("🎉", 1, True))
    see_chips(ana, "hello", ("🎉", 1, False))
    press_chip(ana, "hello")
    see_chips(ana, "hello", ("🎉", 2, True))
    see_chips(bo, "hello", ("🎉", 2, True))
    assert bo.focus == "chat-message-input"

    for person in (ana, bo):
        person.reload()
        person.connected()
        see_chips(person, "hello", ("🎉", 2, True))
    press_chip(bo, "hello")
    see_chips(bo, "hello", ("🎉", 1, False))
    see_chips(ana, "hello", ("🎉", 1, True))
    names = ana.node("hello").find_element("css selector", "[data-reaction] button").get_attribute("aria-label")
    assert names is not None
    assert names.startswith("🎉 1: ")


def test_the_box_is_used_with_the_keyboard_alone(server: ServerProcess, room: str, ana: Person) -> None:
    ana.enter_room(server, room)
    ana.say("hello")
    ana.see_message("hello")
    open_picker(ana, "hello")

    ana.press(Keys.ARROW_DOWN)
    assert ana.ask("return document.activeElement.dataset.emoji") == "👍"
    ana.press(Keys.ARROW_RIGHT)
    second = ana.ask("return document.activeElement.dataset.emoji")
    ana.press(Keys.ARROW_DOWN)
    assert ana.ask("return document.activeElement.dataset.emoji") not in ("👍", second)
    ana.press(Keys.ARROW_UP)
    assert ana.ask("return document.activeElement.dataset.emoji") == second
    ana.press(Keys.ARROW_UP)
    assert ana.focus == "picker-input"
    ana.press(Keys.ARROW_DOWN)
    ana.press(Keys.ENTER)
    see_chips(ana, "hello", ("👍", 1, True))

    open_picker(ana, "hello")
    ana.press(Keys.ESCAPE)
    ana.until(lambda: not ana.is_shown("[data-picker]"), "the box is closed")
    see_chips(ana, "hello", ("👍", 1, True))


def test_without_a_line_it_shows_at_once_and_goes_out_when_the_line_is_back(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(mortal, room)
    bo.enter_room(server, room)
    ana.say("hello")
    bo.see_message("hello")
    open_picker(ana, "hello")
    ana.write("thumbs up")
    ana.press(Keys.ENTER)
    see_chips(bo, "hello", ("👍", 1, False))
    see_chips(ana, "hello", ("👍", 1, True))

    mortal.kill()
    ana.disconnected()
    press_chip(ana, "hello")
    see_chips(ana, "hello")
    see_chips(bo, "hello", ("👍", 1, False))
    mortal.start()
    ana.connected()

    see_chips(bo, "hello")
    see_chips(ana, "hello")


def test_the_box_fits_a_phone(server: ServerProcess, room: str, ana: Person) -> None:
    show_as(ana.driver, PHONE, dark=True)
    ana.enter_room(server, room)
    ana.say("hello")
    ana.see_message("hello")
    ana.ask("arguments[0].querySelector('.message__link').focus()", ana.node("hello"))
    ana.see("[data-message-actions] [data-react]").click()
    box = ana.see("[data-picker]").rect

    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE[0]
    assert box["y"] + box["height"] <= PHONE[1]
