"""Replies: what is answered stands above the answer, and leads to itself and back."""

from selenium.webdriver.common.keys import Keys

from tests.browser import crowd
from tests.browser.person import Person
from tests.browser.test_outbox import kept
from tests.services import ServerProcess

_QUOTE = """
  const line = arguments[0].querySelector("[data-quote]");
  return line.hidden ? null : ["author", "text"].map((part) => line.querySelector(`[data-quote-${part}]`).textContent);
"""


def see_quote(person: Person, text: str, author: str, quoted: str) -> None:
    person.until(lambda: person.ask(_QUOTE, person.node(text)) == [author, quoted], f"{text!r} answers {quoted!r}")


def start_reply(person: Person, text: str) -> None:
    person.point_at(text)
    person.see("[data-message-actions] [data-answer]").click()
    person.see("[data-reply]", text)


def test_an_answer_shows_what_it_answers_to_everybody_and_after_a_reload(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(other_server, room)
    ana.say("shall we?")
    author = bo.see_message("shall we?").author

    start_reply(bo, "shall we?")
    assert bo.focus == "chat-message-input"
    bo.say("yes")

    for person in (ana, bo):
        see_quote(person, "yes", author, "shall we?")
    assert not bo.is_shown("[data-reply]")
    ana.edit("shall we?", "shall we go?")
    see_quote(bo, "yes", author, "shall we go?")
    bo.reload()
    bo.connected()
    see_quote(bo, "yes", author, "shall we go?")
    assert bo.ask(_QUOTE, bo.node("shall we go?")) is None


def test_what_one_is_about_to_answer_is_kept_and_can_be_let_go(server: ServerProcess, room: str, ana: Person) -> None:
    ana.enter_room(server, room)
    ana.say("one")
    ana.see_message("one")
    start_reply(ana, "one")
    ana.write("half an ans")
    ana.until(lambda: kept(ana, "drafts") == ["half an ans"], "the browser has kept it")

    ana.reload()
    ana.connected()
    ana.see("[data-reply]", "one")
    ana.press(Keys.ESCAPE)
    ana.until(lambda: not ana.is_shown("[data-reply]"), "nothing is answered")
    ana.say("wer")
    ana.see_message("half an answer")
    assert ana.ask(_QUOTE, ana.node("half an answer")) is None


def test_an_answer_sent_in_one_tab_is_no_longer_being_written_in_the_other(
    server: ServerProcess, room: str, ana: Person
) -> None:
    ana.enter_room(server, room)
    ana.say("one")
    ana.see_message("one")
    start_reply(ana, "one")
    ana.write("an answer")
    ana.until(lambda: kept(ana, "drafts") == ["an answer"], "the browser has kept it")
    ana.open_tab()
    ana.enter_room(server, room)
    ana.see("[data-reply]", "one")
    ana.until(lambda: ana.written == "an answer", "the draft")
    ana.press(Keys.ENTER)
    see_quote(ana, "an answer", ana.see_message("one").author, "one")
    assert not ana.is_shown("[data-reply]")

    ana.look_at_tab(0)
    ana.until(lambda: not ana.is_shown("[data-reply]"), "nothing is answered")
    assert ana.written == ""


def test_the_line_leads_to_the_original_and_a_button_back(server: ServerProcess, room: str, ana: Person) -> None:
    ana.enter_room(server, room)
    ana.say("the beginning")
    ana.see_message("the beginning")
    crowd.say_all(server, room, [f"word {number}" for number in range(40)])
    ana.see_message("word 39")
    ana.ask("arguments[0].querySelector('.message__link').focus()", ana.node("the beginning"))
    ana.see("[data-message-actions] [data-answer]").click()
    ana.say("the end")
    see_quote(ana, "the end", ana.see_message("the beginning").author, "the beginning")

    ana.node("the end").find_element("css selector", "[data-quote]").click()
    ana.until(lambda: _is_in_sight(ana, "the beginning"), "the original")
    ana.see("[data-back-to-reply]").click()
    ana.until(lambda: _is_in_sight(ana, "the end"), "the answer")
    assert not ana.is_shown("[data-back-to-reply]")


def test_who_is_spoken_to_sees_it(server: ServerProcess, room: str, ana: Person, bo: Person) -> None:
    bo.sign_up(server, "Robin")
    bo.enter_room(server, room)
    ana.enter_room(server, room)
    ana.say("hi @robin, and `@robin`")

    bo.see(".message--for-me .mention", "@robin")
    assert not ana.is_shown(".message--for-me")
    ana.say("@here all")
    bo.until(lambda: len(bo.driver.find_elements("css selector", ".message--for-me")) == 2, "both are for me")


def _is_in_sight(person: Person, text: str) -> bool:
    box, log = person.node(text).rect, person.find("#chat-log").rect
    return bool(log["y"] <= box["y"] and box["y"] + box["height"] <= log["y"] + log["height"] + 1)
