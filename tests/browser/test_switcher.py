"""The quick switcher and the list of keys: opened, used and closed by keyboard alone."""

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.browser.driver import PHONE, show_as
from tests.browser.person import Person, path_of
from tests.services import ServerProcess

_TITLES = "return [...document.querySelectorAll('[role=option] [data-choice-title]')].map((node) => node.textContent)"
_CHOSEN = """
  const input = document.activeElement;
  const option = document.getElementById(input.getAttribute("aria-activedescendant"));
  const isSelected = option?.getAttribute("aria-selected") === "true";
  return isSelected ? option.querySelector("[data-choice-title]").textContent : null;
"""


def test_a_few_letters_and_enter_lead_to_a_room(server: ServerProcess, room: str, ana: Person) -> None:
    ana.sign_up(server, f"Ana {room}")
    for slug in (f"{room}-alpha", f"{room}-beta", f"{room}-gamma"):
        ana.enter_room(server, slug)
    ana.say("still here")
    ana.see_message("still here")
    ana.ask("window.isStillThisPage = true")

    open_switcher(ana)
    assert _titles(ana) == [f"{room}-beta", f"{room}-alpha"], "where one was last comes first"
    ana.press(Keys.ARROW_DOWN)
    assert ana.ask(_CHOSEN) == f"{room}-alpha"
    ana.write("bet")
    ana.until(lambda: _titles(ana)[:1] == [f"{room}-beta"], "it is found")
    assert ana.ask(_CHOSEN) == f"{room}-beta"
    ana.press(Keys.ENTER)

    ana.until(lambda: ana.address == path_of(f"{room}-beta"), "one is there")
    ana.connected()
    assert not ana.is_shown("[data-switcher]")
    assert ana.focus == "chat-message-input"
    assert ana.ask("return window.isStillThisPage === true")
    open_switcher(ana)
    ana.press(Keys.ENTER)
    ana.until(lambda: ana.address == path_of(f"{room}-gamma"), "the first is where one was before")
    assert ana.texts == ["still here"]


def test_a_room_that_one_was_never_in_is_found_by_chinese_words(
    server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    slug = f"产品设计讨论组-{room}"
    bo.enter_room(server, slug)
    bo.say("你好")
    bo.see_message("你好")
    ana.enter_room(server, room)
    ana.ask("window.isStillThisPage = true")

    open_switcher(ana)
    ana.write(f"讨论组-{room}")
    ana.until(lambda: _titles(ana) == [slug], "it is found")
    ana.press(Keys.ENTER)

    ana.until(lambda: ana.address == path_of(slug), "one is there")
    ana.connected()
    ana.see_messages(["你好"])
    assert ana.ask("return window.isStillThisPage === true")
    assert ana.ask("return document.querySelector('[data-entry][aria-current=page]').dataset.entry") == slug


def test_a_persons_name_leads_to_a_direct_conversation(
    server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    bo.sign_up(server, f"Bo {room}")
    ana.sign_up(server, f"Ana {room}")
    ana.visit(f"{server.url}/account/")  # No room: it works beside every page.
    open_switcher(ana)
    ana.write(f"bo {room}")
    ana.until(lambda: _titles(ana) == [f"Bo {room}"], "he is found")
    ana.press(Keys.ENTER)
    ana.until(lambda: ana.address.startswith("/chat/~"), "the conversation is there")
    ana.connected()
    ana.see("[data-room-title]", f"Bo {room}")


def test_it_closes_without_a_trace_and_says_when_nothing_is_found(
    server: ServerProcess, room: str, ana: Person
) -> None:
    ana.enter_room(server, room)
    ana.click("#chat-message-input")
    open_switcher(ana)
    ana.write("nobody is called like this")
    ana.see("[data-switcher-none]", "Nothing is called like that")
    ana.press(Keys.ENTER)
    ana.press(Keys.ESCAPE)
    ana.until(lambda: not ana.is_shown("[data-switcher]"), "it is closed")
    assert ana.focus == "chat-message-input"
    open_switcher(ana)
    assert ana.ask("return document.activeElement.value") == ""
    _command(ana, "k")
    ana.until(lambda: not ana.is_shown("[data-switcher]"), "the same key closes it")
    assert ana.address == path_of(room)


def test_on_a_phone_it_is_a_sheet_of_the_whole_width(server: ServerProcess, room: str, ana: Person) -> None:
    show_as(ana.driver, PHONE)
    ana.enter_room(server, room)
    ana.click(".sidebar-button")
    ana.see_at_rest("[data-sidebar]")
    ana.click("[data-open-switcher]")
    box = ana.see("[data-switcher]").rect
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, 390, 844)
    assert not ana.is_shown("[data-sidebar]")
    assert ana.ask("return document.activeElement.matches('[data-switcher-input]')")


def test_the_list_of_keys_opens_by_key_and_never_while_one_writes(
    server: ServerProcess, room: str, ana: Person
) -> None:
    ana.enter_room(server, room)
    ana.click("#chat-message-input")
    ana.press("?")
    assert ana.written == "?"
    assert not ana.is_shown("[data-keys]")
    _command(ana, "/")
    ana.see("[data-keys]", "Go to a room or a person")
    _command(ana, "k")
    assert not ana.is_shown("[data-switcher]"), "one dialog at a time"
    ana.press(Keys.ESCAPE)
    ana.until(lambda: not ana.is_shown("[data-keys]"), "it is closed")
    ana.ask("document.getElementById('chat-log').focus()")
    ana.press("?")
    ana.see("[data-keys]")


def open_switcher(person: Person) -> None:
    _command(person, "k")
    person.see("[data-switcher-input]")
    person.until(lambda: person.ask("return document.activeElement.matches('[data-switcher-input]')"), "one can type")


def _command(person: Person, key: str) -> None:
    ActionChains(person.driver, duration=0).key_down(Keys.CONTROL).send_keys(key).key_up(Keys.CONTROL).perform()


def _titles(person: Person) -> list[str]:
    titles: list[str] = person.ask(_TITLES)
    return titles
