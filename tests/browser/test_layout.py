"""How the pages stand on a wide and on a narrow screen, in light and in dark."""

import pytest

from tests.browser import crowd
from tests.browser.driver import DESKTOP, PHONE, show_as
from tests.browser.person import Person
from tests.services import ServerProcess

SCREENS = [
    pytest.param(DESKTOP, False, id="wide"),
    pytest.param(DESKTOP, True, id="wide-dark"),
    pytest.param(PHONE, False, id="narrow"),
    pytest.param(PHONE, True, id="narrow-dark"),
]
LONG = ("word " * 200, "x" * 500, f"https://example.org/{'path/' * 60}", "漢字" * 300, "`" + "code " * 80 + "`")
_WIDER_THAN_THE_SCREEN = "const {scrollWidth, clientWidth} = document.documentElement; return scrollWidth - clientWidth"
_SCROLLED_SIDEWAYS = """
  const scrolls = (one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX);
  return [...document.querySelectorAll("body :not(pre)")]
    .filter((one) => one.scrollWidth > one.clientWidth + 1 && scrolls(one))
    .map((one) => one.className);
"""
_CUT_OFF = """
  const right = document.getElementById("chat-log").getBoundingClientRect().right;
  return [...document.querySelectorAll(".message__text")].filter((text) => {
    const words = document.createRange();
    words.selectNodeContents(text);
    return words.getBoundingClientRect().right > right;
  }).map((text) => text.textContent.slice(0, 40));
"""
_LUMINANCE = "return getComputedStyle(document.body).backgroundColor.match(/[0-9.]+/g).slice(0, 3).map(Number)"


@pytest.mark.parametrize(("size", "dark"), SCREENS)
def test_a_room_fits_the_screen_and_is_ready_to_write_in(
    server: ServerProcess, room: str, ana: Person, size: tuple[int, int], dark: bool
) -> None:
    crowd.say_all(server, room, LONG)
    show_as(ana.driver, size, dark=dark)
    ana.enter_room(server, room)

    ana.see_focus("chat-message-input")
    _fits(ana, size)
    assert ana.ask(_CUT_OFF) == []
    _is_within(ana, "#chat-message-input", size)
    _is_within(ana, "#chat-message-submit", size)
    _is_within(ana, "h1", size)
    assert (sum(ana.ask(_LUMINANCE)) < 3 * 128) is dark


@pytest.mark.parametrize(("size", "dark"), SCREENS)
def test_the_start_page_fits_the_screen(
    server: ServerProcess, room: str, ana: Person, size: tuple[int, int], dark: bool
) -> None:
    crowd.say_all(server, f"{room}-{'x' * 50}", ["hi"])
    show_as(ana.driver, size, dark=dark)
    ana.visit_home(server)

    ana.see_focus("room-name-input")
    _fits(ana, size)
    _is_within(ana, "#room-name-submit", size)
    assert (sum(ana.ask(_LUMINANCE)) < 3 * 128) is dark


def test_who_is_here_is_a_click_away_on_a_narrow_screen(server: ServerProcess, room: str, ana: Person) -> None:
    show_as(ana.driver, PHONE)
    ana.enter_room(server, room)
    assert not ana.is_shown("[data-people-panel]")
    ana.click(".room__people")
    ana.see("[data-person]", ana.name)
    ana.click(".people__close")
    ana.until(lambda: not ana.is_shown("[data-people-panel]"), "the panel is closed")


def _fits(person: Person, size: tuple[int, int]) -> None:
    assert person.ask("return innerWidth") == size[0]
    assert person.ask(_WIDER_THAN_THE_SCREEN) <= 0
    assert person.ask(_SCROLLED_SIDEWAYS) == []


def _is_within(person: Person, selector: str, size: tuple[int, int]) -> None:
    box = person.find(selector).rect
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= size[0]
    assert box["y"] + box["height"] <= size[1]
    assert box["width"] > 0
