"""Notifications: asked for by a click, shown once for all tabs, and of nothing that somebody looks at."""

from selenium.webdriver.support.select import Select

from tests.browser.driver import PHONE, show_as
from tests.browser.person import Person, path_of
from tests.browser.test_moving import move
from tests.services import ServerProcess

# In place of the system's: what the page wants to show is kept, and the permission is given when it is asked for.
_STUB = """
  window.shown = [];
  window.asked = 0;
  window.Notification = class {
    static permission = "default";
    static async requestPermission() {
      window.asked += 1;
      return (Notification.permission = "granted");
    }
    constructor(title, {body}) {
      window.shown.push(`${title} | ${body}`);
      window.last = this;
    }
    close() {}
  };
"""
_GRANTED = "Notification.permission = 'granted'"
_LOOK = """
  Object.defineProperty(document, "hidden", {configurable: true, value: !arguments[0]});
  document.dispatchEvent(new Event("visibilitychange"));
"""
# Until the page has decided about what it has heard before: by the same clock, with the patience of state/notices.js.
_BE_PATIENT = "setTimeout(arguments[0], 1500)"
_HELD = "const done = arguments[0]; navigator.locks.query().then(({held}) => done(held.map(({name}) => name)));"


def test_two_tabs_tell_once_of_what_nobody_looks_at(server: ServerProcess, room: str, ana: Person, bo: Person) -> None:
    bo.enter_room(server, room)
    ana.enter_room(server, room)
    ana.ask(_STUB)
    _want_all(ana)
    assert ana.ask("return window.asked") == 1
    ana.open_tab()
    ana.enter_room(server, room)
    ana.ask(_STUB + _GRANTED)
    for tab in (0, 1):
        _look(ana, tab, away=True)

    for text in ("one", "two"):
        bo.say(text)
        ana.until(lambda text=text: _shown(ana)[-1:] == [f"{room} | {bo.name}: {text}"], f"{text!r} is told of")
    assert len(_shown(ana)) == 2, "each by one tab alone"

    _look(ana, 0, away=False)
    bo.say("seen at once")
    ana.see_message("seen at once")
    bo.see_message("seen at once")
    ana.driver.execute_async_script(_BE_PATIENT)
    _look(ana, 0, away=True)
    ana.say("my own words")
    bo.see_message("my own words")
    bo.say("four")
    ana.until(lambda: _shown(ana)[-1:] == [f"{room} | {bo.name}: four"], "it is told of")
    assert len(_shown(ana)) == 3, "and not of what was seen"


def test_of_another_room_one_tab_tells_how_much_is_new_and_leads_there(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, f"{room}-a")
    bo.enter_room(other_server, f"{room}-a")
    ana.enter_room(server, f"{room}-b")
    ana.ask(_STUB)
    _want_all(ana)
    ana.open_tab()
    ana.enter_room(server, f"{room}-b")
    ana.ask(_STUB + _GRANTED)

    for count, text in ((1, "1 new message"), (2, "2 new messages")):
        bo.say(text)
        bo.see_message(text)
        ana.until(lambda text=text: _shown(ana)[-1:] == [f"{room}-a | {text}"], f"{text!r} is told of")
        assert len(_shown(ana)) == count, "by one tab alone"
    if not ana.ask("return window.shown"):
        ana.look_at_tab(0)
    ana.ask("window.isStillThisPage = true; window.last.onclick()")
    ana.until(lambda: ana.address == path_of(f"{room}-a"), "one is there")
    ana.see_messages(["1 new message", "2 new messages"])
    assert ana.ask("return window.isStillThisPage === true")


def test_one_chooses_for_all_rooms_and_for_one_and_the_browser_remembers(
    server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, f"{room}-b")
    ana.enter_room(server, room)
    bo.enter_room(server, room)
    ana.ask(_STUB)
    _want_all(ana)
    _open(ana)
    Select(ana.find("[data-notices-room]")).select_by_value("none")
    ana.click("[data-notices] button")
    _look(ana, 0, away=True)
    bo.say("not told")
    ana.see_message("not told")
    _look(ana, 0, away=False)

    move(ana, f"{room}-b")
    _open(ana)
    assert ana.find("[data-notices-room-title]").text == f"{room}-b"
    assert Select(ana.find("[data-notices-room]")).first_selected_option.get_attribute("value") == ""
    ana.click("[data-notices] button")
    bo.enter_room(server, f"{room}-b")
    _look(ana, 0, away=True)
    bo.say("told")
    ana.until(lambda: _shown(ana) == [f"{room}-b | {bo.name}: told"], "only that is told of")

    ana.enter_room(server, room)
    _open(ana)
    assert Select(ana.find("[data-notices-level]")).first_selected_option.get_attribute("value") == "all"
    assert Select(ana.find("[data-notices-room]")).first_selected_option.get_attribute("value") == "none"


def test_who_is_refused_by_the_browser_is_told_why(server: ServerProcess, room: str, ana: Person) -> None:
    show_as(ana.driver, PHONE)
    ana.enter_room(server, room)
    ana.ask(_STUB + "Notification.permission = 'denied'")
    _open(ana)
    ana.see("[data-notices-denied]", "Your browser does not let")
    assert not ana.find("[data-notices-shown]").is_enabled()


def _want_all(person: Person) -> None:
    """Switch notifications on, for everything."""
    _open(person)
    person.click("[data-notices-shown]")
    person.until(lambda: person.find("[data-notices-shown]").is_selected(), "they are on")
    Select(person.find("[data-notices-level]")).select_by_value("all")
    person.click("[data-notices] button")
    person.until(lambda: not person.is_shown("[data-notices]"), "the panel is closed")


def _open(person: Person) -> None:
    person.click("[data-open-notices]")
    person.see("[data-notices]")


def _look(person: Person, tab: int, *, away: bool) -> None:
    """Have a tab believe that one looks at it, or does not; wait until the other tabs can know."""
    person.look_at_tab(tab)
    person.ask(_LOOK, not away)
    others = len(person.driver.window_handles) - 1

    def is_known() -> bool:
        looks = [name for name in person.driver.execute_async_script(_HELD) if name.startswith("look ")]
        return bool(looks) is not away or (away and 0 < len(looks) <= others)

    person.until(is_known, "it is known who looks")


def _shown(person: Person) -> list[str]:
    """What was told of, in all tabs, in order of the tabs."""
    shown: list[str] = []
    for tab in range(len(person.driver.window_handles)):
        person.look_at_tab(tab)
        shown += person.ask("return window.shown ?? []")
    return shown
