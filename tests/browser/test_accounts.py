"""Signing up, logging in and out, and one's own page, as people do it."""

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from tests.browser.driver import PHONE, show_as
from tests.browser.person import PASSWORD, Person
from tests.services import ServerProcess

_KEPT = """
  const done = arguments[arguments.length - 1];
  indexedDB.databases().then((all) => done(all.map(({name}) => name)));
"""


def kept(person: Person) -> list[str]:
    """The databases that the page's browser keeps for it."""
    names: list[str] = person.driver.execute_async_script(_KEPT)
    return names


def test_a_guest_who_signs_up_goes_on_as_the_same_person(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(other_server, room)
    ana.say("as a guest")
    bo.see_message("as a guest", by=ana.name)

    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(other_server, room)

    assert ana.name == f"Ana {room}"
    ana.see_message("as a guest", by=f"Ana {room}")
    ana.edit("as a guest", "as a member")
    bo.reload()
    bo.see_message("as a member", by=f"Ana {room}")


def test_who_logs_in_in_another_window_is_the_same_there(
    server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, room)
    ana.say("from here")

    bo.enter_room(server, room)
    bo.visit(f"{server.url}/account/log-in/?next=/chat/{room}/")
    bo.fill_in(name=f"ana-{room}", password=PASSWORD)

    bo.connected()
    assert bo.name == f"Ana {room}"
    bo.edit("from here", "from there")
    ana.see_edited("from there")


def test_a_wrong_password_is_said_in_words_and_the_name_stays(server: ServerProcess, room: str, ana: Person) -> None:
    ana.visit(f"{server.url}/account/log-in/")
    ana.may_be_refused()
    ana.fill_in(name=f"Nobody {room}", password="wrong")

    ana.see("[role=alert]", "do not go together")
    assert ana.find("[name=name]").get_property("value") == f"Nobody {room}"
    assert ana.find("[name=password]").get_property("value") == ""


def test_logging_out_forgets_what_the_browser_kept_in_the_other_tabs_too(
    server: ServerProcess, room: str, ana: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, room)
    ana.write("a draft of Ana's")
    ana.until(lambda: "chat" in kept(ana), "the draft is kept")
    ana.open_tab()
    ana.visit(f"{server.url}/account/")

    ana.click("main [data-log-out]")

    ana.see("h1", "You are logged out")
    ana.see("body[data-kept=no]")
    assert kept(ana) == []
    ana.look_at_tab(0)
    ana.press(*" and more of it")  # into what is left of the page
    ana.visit(f"{server.url}/account/log-in/")
    ana.until(lambda: kept(ana) == [], "nothing is kept")


def test_without_scripts_everything_about_the_account_works(server: ServerProcess, room: str, ana: Person) -> None:
    with ana.without_scripts():
        ana.sign_up(server, f"Ana {room}")
        ana.visit(f"{server.url}/account/")
        ana.click("main [data-log-out]")
        ana.see("h1", "You are logged out")
        ana.click("main a")
        ana.fill_in(name=f"Ana {room}", password=PASSWORD)
        ana.see(".sidebar__foot", f"Ana {room}")


def test_the_chosen_language_is_the_pages_even_where_nobody_has_translated_it(
    server: ServerProcess, room: str, ana: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.visit(f"{server.url}/account/")
    assert ana.ask("return document.documentElement.lang") == "en"

    Select(ana.find("[name=language]")).select_by_value("zh-hans")
    ana.click(".form__submit")

    ana.until(lambda: ana.ask("return document.documentElement.lang") == "zh-hans", "the page is in Chinese")
    ana.enter_room(server, room)
    assert ana.ask("return document.documentElement.lang") == "zh-hans"


def test_a_password_can_be_looked_at(server: ServerProcess, ana: Person) -> None:
    ana.visit(f"{server.url}/account/log-in/")
    ana.find("[name=password]").send_keys("secret")
    assert ana.find("[name=password]").get_property("type") == "password"

    ana.click("[data-secret]")

    assert ana.find("[name=password]").get_property("type") == "text"
    assert ana.find("[data-secret]").get_attribute("aria-pressed") == "true"


def test_signing_up_needs_no_mouse(server: ServerProcess, room: str, ana: Person) -> None:
    ana.visit_home(server)
    ana.tab_to("[href='/account/sign-up/']", most=200)
    ana.press(Keys.ENTER)
    ana.until(lambda: ana.address == "/account/sign-up/", "the form is there")
    ana.tab_to("[name=name]")
    ana.write(f"Key {room}")
    ana.tab_to("[name=password]")
    ana.write(PASSWORD)
    ana.tab_to(".form__submit")
    ana.press(Keys.ENTER)

    ana.see(".sidebar__foot", f"Key {room}")


def test_no_page_about_the_account_is_wider_than_a_phone(server: ServerProcess, room: str, ana: Person) -> None:
    show_as(ana.driver, PHONE)
    for path in ("log-in/", "sign-up/", ""):
        ana.visit(f"{server.url}/account/{path}")
        _fits(ana)
    ana.sign_up(server, f"Ana with a name as long as it {room}"[:40])
    for path in ("", "password/", "email/", "deactivate/", "delete/"):
        ana.visit(f"{server.url}/account/{path}")
        _fits(ana)
    ana.visit_home(server)
    _fits(ana)


def _fits(person: Person) -> None:
    width, shown = person.ask("return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width <= shown, person.address
