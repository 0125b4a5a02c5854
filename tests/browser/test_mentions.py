"""Names behind an @: offered over the writing field, taken by keys or a touch, and never in the way of sending."""

from selenium.webdriver.common.keys import Keys

from tests.browser.driver import PHONE, show_as
from tests.browser.person import Person
from tests.services import ServerProcess

_OFFERED = """
  const list = document.querySelector("[data-mention-list]");
  return list.hidden ? [] : [...list.querySelectorAll("[data-mention-name]")].map((node) => node.textContent);
"""
_CHOSEN = """
  const field = document.activeElement;
  const option = document.getElementById(field.getAttribute("aria-activedescendant"));
  const isSaid = field.role === "combobox" && field.ariaExpanded === "true"
    && document.getElementById(field.getAttribute("aria-controls")).contains(option) && option.ariaSelected === "true";
  return isSaid ? option.querySelector("[data-mention-name]").textContent : null;
"""
_IS_PLAIN = """
  const field = document.activeElement;
  return field.matches("textarea") && !["role", "aria-expanded", "aria-activedescendant"].some((name) => field.hasAttribute(name));
"""  # noqa: E501
_BOX = """
  const {left, top, right, bottom} = document.querySelector("[data-mention-list]").getBoundingClientRect();
  return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
"""
_COMPOSE = """
  const field = document.activeElement;
  const event = new KeyboardEvent("keydown", {key: "Enter", isComposing: true, bubbles: true, cancelable: true});
  return field.dispatchEvent(event);
"""


def sees_offered(person: Person, *names: str) -> None:
    person.until(lambda: person.ask(_OFFERED) == list(names), f"{names} are offered, not {person.ask(_OFFERED)}")


def test_a_name_is_taken_by_keys_and_by_a_touch_and_reaches_its_person(
    server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    bo.sign_up(server, "Robin Hood")
    bo.enter_room(server, room)
    ana.enter_room(server, room)
    ana.see_people(ana.name, "Robin Hood")
    ana.ask("document.activeElement.blur(); document.getElementById('chat-message-input').focus()")
    ana.write("hi @")
    sees_offered(ana, "Robin Hood", "@here")
    assert ana.ask(_CHOSEN) == "Robin Hood"
    ana.press(Keys.ARROW_DOWN)
    assert ana.ask(_CHOSEN) == "@here"
    ana.press(Keys.ARROW_DOWN)
    ana.write("hood")
    sees_offered(ana, "Robin Hood")
    assert ana.ask(_COMPOSE), "an input method's Enter is its own"
    sees_offered(ana, "Robin Hood")
    ana.press(Keys.ENTER)
    assert ana.written == "hi @Robin-Hood "
    assert ana.ask(_IS_PLAIN)
    ana.press(Keys.ENTER)
    bo.see(".message--for-me .mention", "@Robin-Hood")
    ana.see_messages(["hi @Robin-Hood"])

    ana.write("@rob")
    sees_offered(ana, "Robin Hood")
    ana.press(Keys.ESCAPE)
    sees_offered(ana)
    ana.write("i")
    sees_offered(ana)
    assert ana.ask(_IS_PLAIN)
    ana.press(Keys.ENTER)
    ana.see_message("@robi")

    ana.write("@here")
    ana.press(Keys.ENTER)
    ana.see_message("@here")

    show_as(ana.driver, PHONE)
    ana.write("@r")
    sees_offered(ana, "Robin Hood", "@here")
    assert ana.ask(_BOX)
    ana.click("[data-mention-list] [role=option]")
    ana.until(lambda: ana.written == "@Robin-Hood ", "it is taken")
    assert ana.focus == "chat-message-input"
    sees_offered(ana)
