"""One person's window, and what can be done and seen in it; waits for what is visible, with a deadline."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from selenium.common.exceptions import StaleElementReferenceException, TimeoutException, WebDriverException
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser import driver as windows
from tests.services import ServerProcess

DEADLINE_SECONDS = 15.0
LOOK_SECONDS = 0.03  # between two looks at the page
PASSWORD = "correct horse battery"

_MESSAGES = """
  return [...document.querySelectorAll("#chat-log .message")].map((node) => [
    node.dataset.seq ? Number(node.dataset.id) : null,
    node.querySelector(".message__author").textContent,
    node.querySelector(".message__text").textContent,
    node.dataset.state,
    !node.querySelector(".message__edited").hidden,
    node.classList.contains("message--deleted"),
  ]);
"""
_NODE = """
  return [...document.querySelectorAll(".message")]
    .find((node) => node.querySelector(".message__text").textContent === arguments[0]) ?? null;
"""
_PEOPLE = """
  return [...document.querySelectorAll("[data-here=yes] .person__name")].map((node) => node.textContent).sort();
"""
_TAKES_TEXT = "return document.activeElement?.matches('input, textarea') ?? false"
_RESTS = "return arguments[0].getAnimations({subtree: true}).length === 0"
_CONNECTION = "return document.body?.dataset.connection ?? null"

Found = TypeVar("Found")


@dataclass(frozen=True)
class Shown:
    """A message as the page shows it; without an id while it is not in the log, though the room may have taken it."""

    id: int | None
    author: str
    text: str
    state: str
    edited: bool
    deleted: bool


class Person:
    def __init__(self, driver: WebDriver) -> None:
        self.driver = driver
        self.origins: set[str] = set()
        self._may_lose_the_line = False
        self._may_be_refused = False

    # Going places

    def visit(self, url: str) -> None:
        parts = urlsplit(url)
        self.origins.add(f"{parts.scheme}://{parts.netloc}")
        self.driver.get(url)

    def visit_home(self, server: ServerProcess) -> None:
        self.visit(f"{server.url}/")

    def enter_room(self, server: ServerProcess, room: str) -> None:
        """Open the room's page and wait until its line is good."""
        self.visit(server.page(room))
        self.connected()

    def sign_up(self, server: ServerProcess, name: str, **asked: str) -> None:
        """Make an account of that name, or of this guest; with `next`, go on to that page."""
        self.visit(f"{server.url}/account/sign-up/{f'?{urlencode(asked)}' if asked else ''}")
        self.fill_in(name=name, password=PASSWORD)

    def log_in(self, server: ServerProcess, name: str, **asked: str) -> None:
        self.visit(f"{server.url}/account/log-in/{f'?{urlencode(asked)}' if asked else ''}")
        self.fill_in(name=name, password=PASSWORD)

    def fill_in(self, **fields: str) -> None:
        """Put these into the fields of the page's form, send it, and wait for the page that comes."""
        self.see(f"main [name={next(iter(fields))}]")
        old = self.find("main")
        for name, value in fields.items():
            self.click(f"main [name={name}]")
            self.write_instead(value)
        self.press(Keys.ENTER)
        self.left(old)

    def left(self, old: WebElement) -> None:
        """Wait until the page is another one than that on which this element stood."""
        self.until(lambda: _is_gone(old), "the next page")

    def reload(self) -> None:
        self.driver.refresh()

    def go_back(self) -> None:
        self.driver.back()

    def open_tab(self) -> None:
        """One more tab of the same person; it is the one that is looked at from here on."""
        self.driver.switch_to.new_window("tab")
        windows.show_as(self.driver)

    def look_at_tab(self, number: int) -> None:
        self.driver.switch_to.window(self.driver.window_handles[number])

    def close_tab(self) -> None:
        """Close the tab that is looked at, and look at the first of the others."""
        self.driver.close()
        self.look_at_tab(0)

    def crash_tab(self) -> None:
        """Kill the tab as a lack of memory would, with no word to its page, and look at a fresh one."""
        crashing = self.driver.current_window_handle
        self.open_tab()
        fresh = self.driver.current_window_handle
        self.driver.switch_to.window(crashing)
        with suppress(WebDriverException):
            self.driver.get("chrome://crash")
        self.driver.switch_to.window(fresh)

    @property
    def address(self) -> str:
        """The path of the page that is shown, percent-encoded."""
        return urlsplit(self.driver.current_url).path

    # The connection

    def connected(self) -> None:
        self.until(lambda: self.connection == "open", "the connection is open")

    def disconnected(self) -> None:
        """Wait until the page says that there is no line; that it tries and fails is no complaint from here on."""
        self._may_lose_the_line = True
        self.until(lambda: self.connection in ("waiting", "offline", "connecting"), "the connection is lost")

    def may_lose_the_line(self) -> None:
        """From here on it is no complaint that the page tries to come back and fails."""
        self._may_lose_the_line = True

    @property
    def connection(self) -> str | None:
        connection: str | None = self.ask(_CONNECTION)
        return connection

    def lose_the_network(self) -> None:
        self._may_lose_the_line = True
        self._network(offline=True)

    def find_the_network(self) -> None:
        self._network(offline=False)

    # Writing

    @property
    def field(self) -> WebElement:
        return self.find("#chat-message-input")

    @property
    def written(self) -> str:
        """What stands in the writing field."""
        return str(self.field.get_property("value"))

    def write(self, text: str) -> None:
        """Type into whatever has the focus, once something has, without pressing Enter."""
        self.until(lambda: self.ask(_TAKES_TEXT), "one can write")
        self.driver.execute_cdp_cmd("Input.insertText", {"text": text})

    def press(self, *keys: str, shift: bool = False) -> None:
        action = ActionChains(self.driver, duration=0)
        if shift:
            action.key_down(Keys.SHIFT)
        action.send_keys(*keys)
        if shift:
            action.key_up(Keys.SHIFT)
        action.perform()

    def tab_to(self, selector: str, most: int = 40) -> None:
        """Press Tab until the focus is there."""
        for _ in range(most):
            self.press(Keys.TAB)
            if self.ask("return document.activeElement.matches(arguments[0])", selector):
                return
        raise AssertionError(f"{selector} is not reached with the Tab key")

    def say(self, text: str) -> None:
        """Type it into the writing field and press Enter."""
        self.ask("document.getElementById('chat-message-input').focus()")
        self.write(text)
        self.press(Keys.ENTER)

    def edit(self, text: str, new: str) -> None:
        """Change one's own message where it stands."""
        self.point_at(text)
        self.see("[data-edit]").click()
        self.until(lambda: self.focus == "edit-input", "the message can be edited")
        self.write_instead(new)
        self.press(Keys.ENTER)

    def delete(self, text: str) -> None:
        """Take one's own message back."""
        self.point_at(text)
        self.see("[data-delete]").click()
        self.see("[data-confirm]").click()

    def point_at(self, text: str) -> None:
        """Move the mouse over a message of the log: before it is there, nothing is offered."""
        self.see_message(text)
        ActionChains(self.driver, duration=0).move_to_element(self.node(text)).perform()

    def point_out(self, selector: str) -> None:
        """Move the mouse over an element."""
        ActionChains(self.driver, duration=0).move_to_element(self.find(selector)).perform()

    def write_instead(self, text: str) -> None:
        """Replace all that stands in the field with the focus."""
        ActionChains(self.driver, duration=0).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).perform()
        self.write(text)

    def be_called(self, name: str) -> None:
        """Give oneself another name and wait until the page shows it."""
        self.ask_for_name(name)
        self.until(lambda: self.name == name, f"one's own name is {name!r}")

    def ask_for_name(self, name: str) -> None:
        self.click("[data-own-name]")
        self.click("[data-name-input]")
        self.write_instead(name)
        self.press(Keys.ENTER)

    @property
    def name(self) -> str:
        return str(self.find("[data-own-name]").get_property("textContent"))

    # The log

    @property
    def messages(self) -> list[Shown]:
        """Everything in the log, what waits to be sent too."""
        return [Shown(*row) for row in self.ask(_MESSAGES)]

    @property
    def texts(self) -> list[str]:
        """The words of the log's confirmed messages, in order."""
        return [message.text for message in self.messages if message.id is not None]

    @property
    def waiting(self) -> list[str]:
        """The words of what is not confirmed."""
        return [message.text for message in self.messages if message.id is None]

    def see_message(self, text: str, *, by: str | None = None) -> Shown:
        def find() -> Shown | None:
            return next(
                (one for one in self.messages if one.text == text and one.id and by in (None, one.author)), None
            )

        return self.until(find, f"the message {text[:60]!r} by {by or 'anyone'}")

    def see_edited(self, text: str) -> Shown:
        """Wait until a confirmed message says this and is marked as edited."""

        def find() -> Shown | None:
            return next((one for one in self.messages if one.text == text and one.id and one.edited), None)

        return self.until(find, f"{text!r}, edited")

    def see_tombstone(self, number: int) -> Shown:
        """Wait until the message with this id is deleted: its place kept, its words gone."""

        def find() -> Shown | None:
            return next((one for one in self.messages if one.id == number and one.deleted), None)

        return self.until(find, f"message {number} is deleted")

    def see_messages(self, texts: list[str]) -> None:
        """Wait until the log is exactly this."""
        self.until(lambda: self.texts == texts, f"the log is {_short(texts)}")

    def see_waiting(self, *texts: str) -> None:
        """Wait until exactly this is shown as not sent yet."""
        self.until(lambda: self.waiting == list(texts), f"{texts} wait to be sent")

    def see_people(self, *names: str) -> None:
        """Wait until exactly these are said to be here."""
        self.until(lambda: self.ask(_PEOPLE) == sorted(names), f"{sorted(names)} are here")

    def scroll_to_the_top(self) -> None:
        self.ask("const log = document.getElementById('chat-log'); log.scrollTop = -log.scrollHeight")

    def node(self, text: str) -> WebElement:
        """The message with these words, as an element."""

        def find() -> WebElement | None:
            node: WebElement | None = self.ask(_NODE, text)
            return node

        return self.until(find, f"a message {text[:60]!r}")

    # The page

    def find(self, selector: str) -> WebElement:
        return self.driver.find_element("css selector", selector)

    def click(self, selector: str) -> None:
        self.find(selector).click()

    def is_shown(self, selector: str) -> bool:
        found = self.driver.find_elements("css selector", selector)
        return any(element.is_displayed() for element in found)

    def see(self, selector: str, text: str = "") -> WebElement:
        """Wait until something shown matches, with these words in it."""

        def find() -> WebElement | None:
            found = self.driver.find_elements("css selector", selector)
            return next((one for one in found if one.is_displayed() and text in one.text), None)

        return self.until(find, f"{selector} with {text!r}")

    def see_at_rest(self, selector: str) -> WebElement:
        """Wait until something is shown and does not move any longer, so that a click meets it."""
        found = self.see(selector)
        self.until(lambda: self.ask(_RESTS, found), f"{selector} is at rest")
        return found

    @property
    def focus(self) -> str:
        """The id of the element that has the focus."""
        return str(self.ask("return document.activeElement?.id ?? ''"))

    def see_focus(self, focus: str) -> None:
        """Wait until the element of this id has the focus; a page's first field gets it in its own time."""
        self.until(lambda: self.focus == focus, f"the focus is on {focus}")

    def ask(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def until(self, condition: Callable[[], Found | None], what: str, deadline: float = DEADLINE_SECONDS) -> Found:
        """Look until the condition gives something true; what it gave."""
        wait = WebDriverWait(self.driver, deadline, poll_frequency=LOOK_SECONDS)
        try:
            return wait.until(lambda _: _looked_at(condition))  # type: ignore[return-value]
        except TimeoutException:
            raise AssertionError(f"not within {deadline:g} s: {what}; {self._told()}") from None

    @contextmanager
    def without_scripts(self) -> Iterator[None]:
        """As a reader whose browser runs no JavaScript."""
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        yield
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    def complaints(self) -> list[str]:
        """What the browser has logged since it was asked last: script errors, what the policy refused, lost files."""
        entries = self.driver.get_log("browser")  # type: ignore[no-untyped-call]
        return [f"{entry['level']} {entry['message']}" for entry in entries if not self._is_expected(entry)]

    def may_be_refused(self) -> None:
        """From here on an answer with an error status is no complaint."""
        self._may_be_refused = True

    def _is_expected(self, entry: dict[str, Any]) -> bool:
        """Of the ways in which a browser complains, only those of the network can be meant."""
        message = entry["message"]
        if self._may_be_refused and "the server responded with a status of 4" in message:
            return True
        if "icon from the Manifest" in message:
            return True  # it was being loaded when its page was left; that it is there, tests/unit/site tells
        lost = entry["source"] == "network" or "WebSocket connection to" in message
        return entry["level"] in ("DEBUG", "INFO") or (self._may_lose_the_line and lost)

    def _network(self, *, offline: bool) -> None:
        conditions = {"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
        self.driver.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)

    def _told(self) -> str:
        """What the page shows, for the report of a failure."""
        shown = f"{self.driver.current_url}, connection {self.connection}; the browser says {self.complaints()}; "
        if not self.driver.find_elements("id", "chat-log"):
            return shown + self.find("body").text[:500]
        return f"{shown} log {_short(self.texts)}, waiting {self.waiting}, here {self.ask(_PEOPLE)}"


def _looked_at(condition: Callable[[], Found | None]) -> Found | None:
    """What the condition gives; nothing, where the page goes while it is looked at."""
    try:
        return condition()
    except WebDriverException as error:
        if _tells_of_a_page_gone(error):
            return None
        raise


def _is_gone(element: WebElement) -> bool:
    """Whether the page that an element stood on has been left."""
    try:
        return not element.is_enabled()
    except WebDriverException as error:
        if _tells_of_a_page_gone(error):
            return True
        raise


def _tells_of_a_page_gone(error: WebDriverException) -> bool:
    return isinstance(error, StaleElementReferenceException) or "does not belong to the document" in str(error.msg)


def _short(texts: list[str]) -> str:
    shown = [text[:40] for text in texts]
    return json.dumps(
        shown if len(shown) < 13 else [*shown[:6], f"… {len(shown) - 12} more …", *shown[-6:]], ensure_ascii=False
    )


def path_of(room: str) -> str:
    """The path of a room's page, percent-encoded."""
    return f"/chat/{quote(room)}/"
