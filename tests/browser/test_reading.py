"""What is new, here and in other rooms: the line above it, the numbers in the list, and how they go when it is read."""

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.driver import PHONE, show_as
from tests.browser.person import Person
from tests.services import ServerProcess

_NUMBERS = """
  return Object.fromEntries([...document.querySelectorAll("[data-entry]")].map((entry) =>
    [entry.dataset.entry, [...entry.querySelectorAll("[data-entry-count]:not([hidden]) [data-entry-number]")].map((one) => one.textContent)[0] ?? ""]));
"""  # noqa: E501
_BELOW_LINE = """
  const line = document.querySelector("[data-divider]");
  return line?.nextElementSibling?.querySelector(".message__text")?.textContent ?? null;
"""
_ICON = "return document.querySelector('[data-icon]').href.includes('unread')"
_PRESENT = "return document.querySelector('[data-entry][aria-current=page]')?.dataset.entry ?? null"


def number(person: Person, slug: str) -> str:
    return person.ask(_NUMBERS).get(slug, "absent")


def press_with_alt_and_shift(person: Person, key: str) -> None:
    keys = ActionChains(person.driver, duration=0).key_down(Keys.ALT).key_down(Keys.SHIFT).send_keys(key)
    keys.key_up(Keys.SHIFT).key_up(Keys.ALT).perform()


def sees_number(person: Person, slug: str, count: str) -> None:
    person.until(lambda: number(person, slug) == count, f"{count or 'no'} new messages in {slug}")


def sees_line_above(person: Person, text: str | None) -> None:
    person.until(lambda: person.ask(_BELOW_LINE) == text, f"the line stands above {text}")


@pytest.fixture
def rooms(server: ServerProcess, room: str, ana: Person) -> tuple[str, str]:
    """Two rooms of Ana's; she is in the second."""
    ana.sign_up(server, f"Ana {room}")
    for slug in (f"{room}-a", f"{room}-b"):
        ana.enter_room(server, slug)
    return f"{room}-a", f"{room}-b"


def test_what_is_said_elsewhere_is_counted_in_the_list_the_title_and_the_icon(
    server: ServerProcess, rooms: tuple[str, str], ana: Person, bo: Person
) -> None:
    there, here = rooms
    assert not ana.ask(_ICON)
    bo.enter_room(server, there)
    bo.say("one")
    sees_number(ana, there, "1")
    assert ana.ask(_ICON)
    bo.say("two @here")
    sees_number(ana, there, "2")
    ana.until(lambda: ana.driver.title.startswith("(1) "), "the title counts the mention")
    assert here in ana.ask("return document.title")

    press_with_alt_and_shift(ana, Keys.ARROW_DOWN)
    ana.until(lambda: ana.ask(_PRESENT) == there, "the next unread room")
    sees_number(ana, there, "")
    ana.until(lambda: not ana.ask(_ICON), "the icon without a dot")
    sees_line_above(ana, "one")


def test_what_is_read_on_one_device_is_read_on_the_other(
    server: ServerProcess, rooms: tuple[str, str], ana: Person, bo: Person, cy: Person
) -> None:
    there, _ = rooms
    cy.log_in(server, f"Ana {there[:-2]}")
    bo.enter_room(server, there)
    bo.say("hello")
    sees_number(ana, there, "1")
    cy.enter_room(server, there)
    cy.see_message("hello")

    sees_number(ana, there, "")


def test_the_line_stands_where_one_stopped_over_a_reload_until_one_leaves(
    server: ServerProcess, rooms: tuple[str, str], ana: Person, bo: Person
) -> None:
    there, here = rooms
    bo.enter_room(server, there)
    bo.say("one")
    bo.say("two")
    sees_number(ana, there, "2")
    ana.click(f"[data-entry='{there}']")
    sees_line_above(ana, "one")
    ana.see("[data-divider]", "New messages")
    bo.say("three")
    ana.see_message("three")
    sees_line_above(ana, "one")
    ana.reload()
    ana.connected()
    sees_line_above(ana, "one")

    ana.click(f"[data-entry='{here}']")
    ana.until(lambda: ana.ask(_PRESENT) == here, "the other room")
    ana.click(f"[data-entry='{there}']")
    ana.until(lambda: ana.ask(_PRESENT) == there, "the room again")
    ana.connected()  # what is said now is said while one looks
    bo.say("four")
    ana.see_message("four")  # so what was said before has been drawn
    assert ana.ask(_BELOW_LINE) is None


def test_what_was_shown_just_before_the_page_went_is_read(
    server: ServerProcess, rooms: tuple[str, str], ana: Person, bo: Person
) -> None:
    there, here = rooms
    ana.enter_room(server, there)
    bo.enter_room(server, there)
    for text in ("one", "two", "three"):
        bo.say(text)
    ana.see_message("three")
    ana.enter_room(server, here)
    bo.say("four @here")
    ana.until(lambda: ana.driver.title.startswith("(1) "), "the title counts the mention")

    sees_number(ana, there, "1")


def test_what_comes_while_one_looks_is_not_new(
    server: ServerProcess, rooms: tuple[str, str], ana: Person, bo: Person
) -> None:
    there, here = rooms
    bo.enter_room(server, here)
    for text in ("one", "two"):
        bo.say(text)
        ana.see_message(text)
    bo.enter_room(server, there)
    bo.say("elsewhere")
    sees_number(ana, there, "1")
    assert ana.ask(_BELOW_LINE) is None
    ana.reload()
    ana.connected()
    ana.see_message("two")
    sees_number(ana, there, "1")

    assert ana.ask(_BELOW_LINE) is None


def test_from_a_message_on_it_is_unread_again_by_choice(
    server: ServerProcess, rooms: tuple[str, str], ana: Person, bo: Person
) -> None:
    there, here = rooms
    bo.enter_room(server, there)
    for text in ("one", "two", "three"):
        bo.say(text)
    sees_number(ana, there, "3")
    ana.click(f"[data-entry='{there}']")
    ana.see_message("three")
    sees_line_above(ana, "one")
    ana.connected()  # the message may be there before the line is good, and without one nothing can be unread again
    ana.point_at("two")
    ana.see("[data-unread-from-here]").click()
    sees_line_above(ana, "two")
    ana.click(f"[data-entry='{here}']")

    sees_number(ana, there, "2")


def test_a_list_is_arranged_by_keyboard_and_on_a_telephone(
    server: ServerProcess, rooms: tuple[str, str], ana: Person, bo: Person
) -> None:
    there, here = rooms
    show_as(ana.driver, PHONE)
    ana.visit(f"{server.url}/rooms/mine/")
    assert not ana.ask("return document.documentElement.scrollWidth > innerWidth")
    for do, undo in (("star", "unstar"), ("mute", "unmute"), ("hide", "show")):
        ana.see(f"[data-own='{there}'] [value={do}]").send_keys(Keys.ENTER)
        ana.see(f"[data-own='{there}'] [value={undo}]")
    ana.enter_room(server, here)
    assert number(ana, there) == "absent"
    bo.enter_room(server, there)
    bo.say("something new")

    sees_number(ana, there, "")  # it is back, and muted
