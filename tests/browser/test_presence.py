"""Who is away, and who is writing: what the others see of it, and what oneself does not."""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from functools import partial

import pytest
from selenium.webdriver.common.keys import Keys

from chat import limits
from tests.browser.conftest import SETTINGS
from tests.browser.driver import DESKTOP, PHONE, show_as
from tests.browser.person import Person
from tests.browser.test_outbox import kept
from tests.client import RichClient
from tests.services import ServerProcess, Stack

IDLE_SECONDS = 3
KEYS_PER_SECOND = 10
SMALL_PHONE = (320, 568)

_AWAY = """
  return [...document.querySelectorAll("[data-here=yes]")]
    .filter((node) => node.querySelector(".person__idle").checkVisibility())
    .map((node) => node.querySelector(".person__name").textContent).sort();
"""
# Whether all were back at some moment: that it soon is over again must not depend on when one looks.
_WATCH = """
  const marks = () => [...document.querySelectorAll("[data-here=yes] .person__idle")];
  const watch = new MutationObserver(() => {
    if (!marks().some((mark) => mark.checkVisibility())) {
      document.body.dataset.wereBack = "yes";
    }
  });
  delete document.body.dataset.wereBack;
  watch.observe(document.querySelector("[data-people]"), {attributes: true, childList: true, subtree: true});
"""
_WERE_BACK = "return document.body.dataset.wereBack === 'yes'"
_PRESS_KEYS = """
  window.pressed = 0;
  window.press = setInterval(() => {
    dispatchEvent(new KeyboardEvent("keydown"));
    window.pressed += 1;
  }, 1000 / arguments[0]);
"""
_LEAVE_KEYS = "clearInterval(window.press)"
_PRESSED = "return window.pressed"
_TYPING = "return document.querySelector('[data-typing]').textContent.replace(/[\\u2068\\u2069]/g, '')"
_CUT_OFF = "const line = document.querySelector('[data-typing]'); return line.scrollWidth > line.clientWidth"
_SPOKEN = "return document.querySelector('[data-typing-spoken]').textContent"


@pytest.fixture(scope="module")
def impatient(site: Stack) -> Iterator[ServerProcess]:
    """One more server of the site, whose pages think soon that nobody is there."""
    server = site.serve(**SETTINGS, CHAT_IDLE_SECONDS=str(IDLE_SECONDS))
    yield server
    server.terminate()


@pytest.fixture(scope="module")
def hasty(site: Stack) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    """Two more servers of the site, which soon forget one that is dead."""
    hurry = {"CHAT_PRESENCE_WHOLE_SECONDS": "1", "CHAT_PRESENCE_FORGET_SECONDS": "4"}
    pair = site.serve(**SETTINGS | hurry), site.serve(**SETTINGS | hurry)
    yield pair
    for server in pair:
        server.terminate()


def see_away(person: Person, *names: str) -> None:
    """Wait until exactly these are shown as away."""
    person.until(lambda: person.ask(_AWAY) == sorted(names), f"{names} are away")


def see_back(person: Person) -> None:
    """Wait until nobody is shown as away, or was at some moment since `_WATCH`."""
    person.until(lambda: person.ask(_WERE_BACK), "nobody is away")


def see_typing(person: Person, words: str) -> None:
    person.until(lambda: person.ask(_TYPING) == words, f"{words!r} is shown")


# Here


def test_who_was_on_a_server_that_died_is_gone_or_back(
    hasty: tuple[ServerProcess, ServerProcess], room: str, ana: Person, bo: Person, cy: Person
) -> None:
    one, other = hasty
    ana.enter_room(one, room)
    bo.enter_room(other, room)
    cy.enter_room(other, room)
    names = ana.name, bo.name, cy.name
    for person in (ana, bo, cy):
        person.see_people(*names)

    other.kill()
    cy.disconnected()
    cy.visit_home(one)
    bo.disconnected()
    ana.see_people(ana.name)
    other.start()
    bo.connected()

    for person in (ana, bo):
        person.see_people(*names[:2])


# Away


def test_who_gives_no_sign_of_life_is_away_until_the_next_one(
    impatient: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(impatient, room)
    ana.see_people(ana.name, bo.name)
    see_away(ana, bo.name)
    see_away(bo, bo.name)
    for person in (ana, bo):
        person.ask(_WATCH)

    bo.press(Keys.ARROW_LEFT)

    see_back(ana)
    see_back(bo)


def test_who_is_active_in_another_tab_is_not_away(
    impatient: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    """In another room even: the page in the first one has had no sign of life for long."""
    ana.enter_room(server, room)
    bo.enter_room(impatient, room)
    see_away(ana, bo.name)
    ana.ask(_WATCH)
    bo.open_tab()
    bo.enter_room(impatient, f"{room}-2")
    see_back(ana)

    bo.ask(_PRESS_KEYS, KEYS_PER_SECOND)
    see_away(ana)
    enough = bo.ask(_PRESSED) + 2 * IDLE_SECONDS * KEYS_PER_SECOND
    while bo.ask(_PRESSED) < enough:
        assert ana.ask(_AWAY) == []
    bo.ask(_LEAVE_KEYS)
    see_away(ana, bo.name)
    bo.close_tab()


# Writing


def test_who_writes_is_seen_to_until_they_have_sent_it(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(other_server, room)
    bo.open_tab()
    bo.enter_room(server, room)

    bo.write("a few words")
    see_typing(ana, f"{bo.name} is typing…")
    assert ana.ask(_SPOKEN) != ""
    bo.press(Keys.ENTER)
    ana.see_message("a few words")
    see_typing(ana, "")
    assert ana.ask(_SPOKEN) == ""

    bo.see_message("a few words")
    assert bo.ask(_TYPING) == ""
    bo.look_at_tab(0)
    bo.see_message("a few words")
    assert bo.ask(_TYPING) == ""


def test_who_stops_writing_is_not_shown_for_long(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(other_server, room)
    bo.write("never mind")
    see_typing(ana, f"{bo.name} is typing…")
    see_typing(ana, "")
    assert bo.written == "never mind"


def test_a_draft_that_is_found_again_is_nobody_writing(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    bo.enter_room(server, room)
    bo.write("some day")
    bo.until(lambda: kept(bo, "drafts") == ["some day"], "the browser has kept it")
    bo.reload()
    bo.connected()
    bo.until(lambda: bo.written == "some day", "the draft is back")
    ana.enter_room(other_server, room)
    ana.say("Are you writing?")
    bo.see_message("Are you writing?")
    bo.ask("document.activeElement.blur()")
    bo.press(*"not into the field")

    asyncio.run(_say_and_hear(server, room, ana))  # whatever Bo's page had told before would have come before it
    assert ana.ask(_TYPING) == ""
    assert bo.written == "some day"


async def _say_and_hear(server: ServerProcess, room: str, ana: Person) -> None:
    async with RichClient(server.ws_url(room)) as cy:
        await cy.enter()
        await cy.say("Bo is not")
        await asyncio.to_thread(ana.see_message, "Bo is not")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
def test_three_are_named_and_nothing_moves(
    server: ServerProcess, room: str, ana: Person, size: tuple[int, int]
) -> None:
    show_as(ana.driver, size)
    ana.enter_room(server, room)
    before = ana.find("[data-composer-form]").rect, ana.find("#chat-log").rect
    asyncio.run(_all_write(server, room, ana, narrow=size == PHONE))

    assert (ana.find("[data-composer-form]").rect, ana.find("#chat-log").rect) == before
    see_typing(ana, "")


async def _all_write(server: ServerProcess, room: str, ana: Person, *, narrow: bool) -> None:
    async with AsyncExitStack() as opened:
        names: list[str] = []
        said = ""
        for _ in range(4):
            client = await _enter_and_write(opened, server, room)
            names.append(client.me.name)
            await asyncio.to_thread(ana.until, partial(_is_said_of, ana, names, narrow), f"{names} are typing")
            assert ana.ask(_CUT_OFF) is False
            said = said or ana.ask(_SPOKEN)
            assert names[0] in said
            assert ana.ask(_SPOKEN) == said, "what changes all the time is not read out each time"


def test_names_that_have_no_room_any_more_are_left_out(server: ServerProcess, room: str, ana: Person) -> None:
    ana.enter_room(server, room)
    asyncio.run(_three_write(server, room, ana))


async def _three_write(server: ServerProcess, room: str, ana: Person) -> None:
    async with AsyncExitStack() as opened:
        first, second, third = [(await _enter_and_write(opened, server, room)).me.name for _ in range(3)]
        await asyncio.to_thread(_look_at_three, ana, f"{first}, {second} and {third} are typing…")


def _look_at_three(ana: Person, named: str) -> None:
    see_typing(ana, named)
    show_as(ana.driver, SMALL_PHONE)
    see_typing(ana, "Several people are typing…")
    show_as(ana.driver, DESKTOP)
    see_typing(ana, named)


async def _enter_and_write(opened: AsyncExitStack, server: ServerProcess, room: str) -> RichClient:
    """Somebody who goes on writing until all is closed: words that are looked at must not run out meanwhile."""
    client = await opened.enter_async_context(RichClient(server.ws_url(room)))
    await client.enter()
    opened.callback(asyncio.create_task(_write(client)).cancel)
    return client


async def _write(client: RichClient) -> None:
    while True:
        await client.send(type="typing")
        await asyncio.sleep(limits.TYPING_SECONDS / 4)  # the server tells of each of them in its own time


def _is_said_of(ana: Person, names: list[str], narrow: bool) -> bool:
    """Where names have no room, only that there are some."""
    *first, last = names
    sentences = {
        1: f"{last} is typing…",
        2: f"{', '.join(first)} and {last} are typing…",
        3: f"{', '.join(first)} and {last} are typing…",
        4: "Several people are typing…",
    }
    allowed = {sentences[len(names)]} | ({sentences[4]} if narrow and len(names) > 1 else set())
    return ana.ask(_TYPING) in allowed
