"""From room to room: without another page, with what was seen kept, and with nothing lost that was written."""

import json

from selenium.webdriver.common.keys import Keys

from tests.browser import crowd
from tests.browser.driver import PHONE, show_as
from tests.browser.person import Person, path_of
from tests.services import ServerProcess

_LOG = "document.getElementById('chat-log')"
_OLD_FILE = """
  const script = document.createElement("script");
  Object.assign(script, {type: "text/plain", src: "/static/js/main/chat.0123456789ab.js"});
  document.head.append(script);
"""
_PRESENT = "return document.querySelector('[data-entry][aria-current=page]')?.dataset.entry ?? null"


def test_rooms_are_changed_without_another_page(server: ServerProcess, room: str, ana: Person) -> None:
    one, two = _enter_two(server, room, ana)
    ana.say("in the second")
    ana.see_message("in the second")
    _mark(ana)

    move(ana, one)
    assert ana.texts == []
    assert ana.driver.title == f"{one} · Chat"
    assert ana.ask("return document.querySelector('[data-entered]').textContent") == f"You are in {one}."
    assert _present(ana) == one
    assert ana.focus == "chat-message-input"
    ana.say("in the first")
    ana.see_messages(["in the first"])

    move(ana, two)
    assert ana.texts == ["in the second"]
    ana.say("again in the second")
    ana.see_messages(["in the second", "again in the second"])

    ana.go_back()
    _arrived(ana, one)
    assert ana.texts == ["in the first"]
    ana.driver.forward()
    _arrived(ana, two)
    assert ana.texts == ["in the second", "again in the second"]
    assert _is_marked(ana)

    ana.reload()
    ana.connected()
    assert ana.address == path_of(two)
    assert ana.texts == ["in the second", "again in the second"]


def test_scroll_place_and_draft_are_as_one_left_them_and_what_was_missed_is_there(
    server: ServerProcess, room: str, ana: Person
) -> None:
    one, two = _enter_two(server, room, ana)
    crowd.say_all(server, two, [f"message {number}" for number in range(60)])
    ana.see_message("message 59")
    ana.ask(f"{_LOG}.scrollTop = -300")
    ana.until(lambda: ana.ask(f"return {_LOG}.scrollTop") == -300, "the log is scrolled")
    ana.click("#chat-message-input")
    ana.write("half a thou")
    _mark(ana)

    move(ana, one)
    assert (ana.written, ana.texts) == ("", [])
    crowd.say_all(server, two, ["meanwhile"])

    move(ana, two)
    assert ana.written == "half a thou"
    ana.see_message("meanwhile")
    ana.see("[data-new-below]", "1 new message")
    assert ana.ask(f"return {_LOG}.scrollTop") < -300
    ana.write("ght")
    ana.press(Keys.ENTER)
    ana.see_message("half a thought", by=ana.name)
    assert _is_marked(ana)


def test_what_waits_in_a_room_that_one_has_left_still_goes_out_there(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    one, two = _enter_two(mortal, room, ana)
    move(ana, one)
    bo.enter_room(server, one)
    _mark(ana)
    mortal.kill()
    ana.disconnected()
    for text in ("first", "second"):
        ana.say(text)
    ana.see_waiting("first", "second")

    ana.click(_entry(two))
    ana.until(lambda: ana.address == path_of(two), "the other room is shown")
    ana.say("elsewhere")
    mortal.start()
    ana.connected()

    bo.see_messages(["first", "second"])
    ana.see_messages(["elsewhere"])
    ana.see_waiting()
    move(ana, one)
    ana.see_messages(["first", "second"])
    assert _is_marked(ana)


def test_one_is_in_a_room_until_one_has_left_it_and_all_is_sent(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    one, two = _enter_two(mortal, room, ana)
    bo.enter_room(server, one)
    bo.see_people(bo.name)
    move(ana, one)
    bo.see_people(ana.name, bo.name)

    mortal.pause()
    ana.say("on my way out")
    ana.see_waiting("on my way out")
    ana.click(_entry(two))
    ana.until(lambda: ana.address == path_of(two), "the other room is shown")
    mortal.resume()
    bo.see_messages(["on my way out"])
    bo.see_people(bo.name)

    move(ana, one)
    ana.see_messages(["on my way out"])
    bo.see_people(ana.name, bo.name)


def test_a_room_that_is_not_there_shows_the_ordinary_page(
    server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    one, two = _enter_two(server, room, ana)
    ana.ask(f"document.querySelector(arguments[0]).href = {json.dumps(path_of('~nowhere'))}", _entry(one))
    ana.may_be_refused()
    ana.click(_entry(one))
    ana.see(".notice__title", "nothing here")
    ana.go_back()
    ana.connected()
    assert ana.address == path_of(two)


def test_after_a_log_in_as_somebody_else_the_way_leads_over_an_ordinary_page(
    server: ServerProcess, room: str, ana: Person
) -> None:
    one, two = _enter_two(server, room, ana)
    _mark(ana)
    ana.open_tab()
    ana.visit(f"{server.url}/account/")
    ana.click(".sidebar__account")
    ana.see("[data-log-out]").click()
    ana.see("h1", "logged out")
    ana.sign_up(server, f"Bea {room}")
    ana.look_at_tab(0)
    ana.see("[data-farewell='4401']")
    assert not ana.is_shown(_entry(one)), "nothing of her rooms is left"

    ana.visit(server.page(two))
    ana.connected()
    ana.say("It is me")
    ana.see_message("It is me", by=f"Bea {room}")


def test_after_an_update_of_the_server_the_way_leads_over_an_ordinary_page(
    server: ServerProcess, room: str, ana: Person
) -> None:
    one, two = _enter_two(server, room, ana)
    ana.reload()  # Now only the second one is known.
    ana.connected()
    _mark(ana)
    ana.ask(_OLD_FILE)
    move(ana, one)
    assert not _is_marked(ana)
    _mark(ana)
    move(ana, two)
    assert _is_marked(ana)


def test_a_room_that_is_not_in_the_list_comes_into_it(
    server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    _, two = _enter_two(server, room, ana)
    bo.enter_room(server, f"{room}-new")
    _mark(ana)
    ana.ask(f"document.querySelector('[data-directory]').href = {json.dumps(path_of(f'{room}-new'))}")
    ana.click("[data-directory]")
    _arrived(ana, f"{room}-new")
    move(ana, two)
    move(ana, f"{room}-new")
    assert _is_marked(ana)


def test_on_a_narrow_screen_the_drawer_closes_and_the_room_behind_it_is_another(
    server: ServerProcess, room: str, ana: Person
) -> None:
    one, two = _enter_two(server, room, ana)
    show_as(ana.driver, PHONE)
    _mark(ana)
    for slug in (one, two):
        ana.click(".sidebar-button")
        ana.see_at_rest("[data-sidebar]")
        ana.click(_entry(slug))
        _arrived(ana, slug)
        assert not ana.is_shown("[data-sidebar]")
        assert not ana.ask("return document.querySelector('[data-page]').inert")
    assert _is_marked(ana)


def move(person: Person, slug: str) -> None:
    """Click on a room in the list and wait until one is there."""
    person.click(_entry(slug))
    _arrived(person, slug)


def _arrived(person: Person, slug: str) -> None:
    def is_there() -> bool:
        return person.address == path_of(slug) and _present(person) == slug

    person.until(is_there, f"{slug} is shown")
    person.connected()


def _enter_two(server: ServerProcess, room: str, person: Person) -> tuple[str, str]:
    """With an account, so that both rooms are in the list; the second one is shown."""
    person.sign_up(server, f"Ana {room}")
    one, two = f"{room}-a", f"{room}-b"
    person.enter_room(server, one)
    person.enter_room(server, two)
    move(person, one)
    move(person, two)
    return one, two


def _entry(slug: str) -> str:
    return f"[data-entry='{slug}']"


def _present(person: Person) -> str | None:
    slug: str | None = person.ask(_PRESENT)
    return slug


def _mark(person: Person) -> None:
    """Leave something on the page that does not outlive it."""
    person.ask("window.isStillThisPage = true")


def _is_marked(person: Person) -> bool:
    return bool(person.ask("return window.isStillThisPage === true"))
