"""What was said before: after a reload, further up, and on a page that runs no script."""

from tests.browser import crowd
from tests.browser.person import Person
from tests.services import ServerProcess

# To the top; and which message is first there, where it stands and how many there are, before anything can come.
_GO_UP = """
  const log = document.getElementById("chat-log");
  log.scrollTop = -log.scrollHeight;
  const messages = log.querySelectorAll(".message");
  return [messages[0], messages[0].getBoundingClientRect().top, messages.length];
"""


def test_what_was_said_is_there_after_a_reload(server: ServerProcess, room: str, ana: Person, bo: Person) -> None:
    ana.enter_room(server, room)
    bo.enter_room(server, room)
    ana.say("one")
    bo.see_message("one")
    bo.say("two")
    ana.see_message("two")
    before = ana.messages

    ana.reload()
    ana.connected()

    assert ana.messages == before
    assert ana.texts == ["one", "two"]


def test_five_hundred_messages_can_be_scrolled_through_without_a_hole(
    server: ServerProcess, room: str, ana: Person
) -> None:
    said = [f"message {number}" for number in range(500)]
    crowd.say_all(server, room, said)
    ana.enter_room(server, room)
    assert ana.texts[-50:] == said[-50:]
    assert len(ana.texts) < 500

    while len(ana.texts) < 500:
        shown = len(ana.texts)
        ana.scroll_to_the_top()
        ana.until(lambda shown=shown: len(ana.texts) > shown, "older messages come")

    assert ana.texts == said
    ana.scroll_to_the_top()
    ana.see("[data-beginning]", "beginning")


def test_what_one_reads_stays_where_it_is_when_older_messages_come(
    server: ServerProcess, room: str, ana: Person
) -> None:
    crowd.say_all(server, room, [f"message {number}" for number in range(200)])
    ana.enter_room(server, room)

    first, before, shown = ana.ask(_GO_UP)
    ana.until(lambda: len(ana.texts) > shown, "older messages come")

    assert abs(ana.ask("return arguments[0].getBoundingClientRect().top", first) - before) < 2


def test_new_words_do_not_move_one_who_reads_further_up(
    server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    crowd.say_all(server, room, [f"message {number}" for number in range(60)])
    ana.enter_room(server, room)
    bo.enter_room(server, room)
    ana.scroll_to_the_top()
    ana.until(lambda: len(ana.texts) == 60, "older messages come")
    ana.scroll_to_the_top()

    bo.say("down here")
    ana.see("[data-new-below]", "1 new message")
    assert ana.node("message 0").is_displayed()

    ana.click("[data-new-below]")
    ana.until(lambda: not ana.is_shown("[data-new-below]"), "one has seen it")
    ana.until(lambda: ana.ask("return document.getElementById('chat-log').scrollTop") == 0, "the newest is in sight")


def test_the_first_paint_has_the_last_fifty_messages(server: ServerProcess, room: str, ana: Person) -> None:
    said = [f"message {number}" for number in range(60)]
    crowd.say_all(server, room, said)
    with ana.without_scripts():
        ana.visit(server.page(room))
        ana.see(".message", "message 59")
        assert ana.connection == "connecting"  # no script has been at it
        painted = ana.messages
        assert ana.texts == said[-50:]
        ana.see("noscript, .composer__noscript", "allow JavaScript")

    ana.reload()
    ana.connected()
    assert ana.messages[-50:] == painted


def test_a_permalink_shows_the_message_among_its_neighbours(server: ServerProcess, room: str, ana: Person) -> None:
    crowd.say_all(server, room, [f"message {number}" for number in range(200)])
    ana.visit(f"{server.page(room)}50")
    ana.connected()
    ana.see(".message--focused", "message 49")
    assert "message 40" in ana.texts
    assert "message 199" not in ana.texts

    ana.click("[data-to-newest]")
    ana.see_message("message 199")
