"""The sidebar: one's rooms and account beside every page, in a drawer where the screen is narrow."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.driver import PHONE, show_as
from tests.browser.person import Person
from tests.services import ServerProcess

_ENTRIES = "return [...document.querySelectorAll('[data-entry]')].map((entry) => entry.dataset.entry).sort()"
_PRESENT = "return document.querySelector('[data-entry][aria-current=page]')?.dataset.entry ?? null"
_IN_SIDEBAR = "return document.activeElement.closest('[data-sidebar]') !== null"


def test_the_rooms_that_one_enters_with_an_account_stay_in_the_list(
    server: ServerProcess, room: str, ana: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.see("[data-sidebar-name]", f"Ana {room}")
    ana.enter_room(server, f"{room}-a")
    assert _present(ana) == f"{room}-a"
    ana.enter_room(server, f"{room}-b")
    assert _present(ana) == f"{room}-b"

    ana.visit(f"{server.url}/account/")
    assert ana.ask(_ENTRIES) == [f"{room}-a", f"{room}-b"]
    assert _present(ana) is None
    ana.click(f"[data-entry='{room}-a']")
    ana.connected()
    assert _present(ana) == f"{room}-a"


def test_a_guest_sees_where_others_are_and_how_to_get_an_account(
    server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    bo.enter_room(server, room)
    bo.say("Here we are")
    bo.see_message("Here we are")
    ana.visit_home(server)
    ana.see(f"[data-entry='{room}']")
    ana.see(".sidebar__foot [href='/account/sign-up/']")
    ana.see(".sidebar__foot [href='/account/log-in/']")

    ana.enter_room(server, f"{room}-quiet")
    assert _present(ana) == f"{room}-quiet"


def test_the_account_menu_leads_out(server: ServerProcess, room: str, ana: Person) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, room)
    ana.click(".sidebar__account")
    ana.see("[data-log-out]").click()
    ana.see("h1", "logged out")
    ana.visit_home(server)
    assert not ana.is_shown("[data-sidebar-name]")


@pytest.mark.parametrize("path", ["/", "/chat/lobby/", "/account/"])
def test_on_a_narrow_screen_it_is_a_drawer_for_the_keyboard(server: ServerProcess, ana: Person, path: str) -> None:
    show_as(ana.driver, PHONE)
    ana.visit(server.url + path)
    assert not ana.is_shown("[data-sidebar]")

    ana.tab_to(".sidebar-button", most=200)
    ana.press(Keys.ENTER)
    ana.see(".sidebar__brand")
    ana.until(lambda: ana.ask(_IN_SIDEBAR), "the focus is in the drawer")
    for _ in range(30):
        ana.press(Keys.TAB)
        assert ana.ask(f"{_IN_SIDEBAR} || document.activeElement === document.body"), "the page behind is out of reach"

    ana.press(Keys.ESCAPE)
    ana.until(lambda: not ana.is_shown("[data-sidebar]"), "the drawer is closed")
    assert ana.ask("return document.activeElement.matches('.sidebar-button')"), "the focus is back"
    ana.tab_to("main a, main button, main input, main textarea")


def test_a_drawer_is_none_any_more_when_the_screen_is_turned(server: ServerProcess, ana: Person) -> None:
    show_as(ana.driver, PHONE)
    ana.visit_home(server)
    ana.click(".sidebar-button")
    ana.see(".sidebar__brand")
    show_as(ana.driver)
    ana.until(lambda: ana.ask("return !document.querySelector('[data-page]').inert"), "the page is within reach")
    ana.click("#room-name-input")
    assert ana.is_shown("[data-sidebar]")


def _present(person: Person) -> str | None:
    """The room whose page this is, as the list marks it."""
    slug: str | None = person.ask(_PRESENT)
    return slug
