"""What one has written is kept until the room has it: over crashes, reloads and closed tabs, and sent once."""

import psycopg

from tests.browser import crowd
from tests.browser.person import Person
from tests.services import ServerProcess, Stack

_READ = """
  const [table, done] = arguments;
  const opening = indexedDB.open("chat");
  opening.onsuccess = () => {
    const asking = opening.result.transaction(table).objectStore(table).getAll();
    asking.onsuccess = () => {
      opening.result.close();
      done(asking.result.map((found) => found.message ?? found.text));
    };
  };
"""


def kept(person: Person, table: str = "entries") -> list[str]:
    """What this browser has on its disk: of what waits to be sent, or of drafts."""
    kept: list[str] = person.driver.execute_async_script(_READ, table)
    return kept


def test_what_waits_survives_a_crash_of_the_tab(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(mortal, room)
    bo.enter_room(server, room)
    mortal.kill()
    ana.disconnected()
    for text in ("one", "two", "three"):
        ana.say(text)
    ana.see_waiting("one", "two", "three")
    ana.until(lambda: kept(ana) == ["one", "two", "three"], "the browser has kept them")

    ana.crash_tab()
    mortal.start()
    ana.enter_room(mortal, room)

    for person in (ana, bo):
        person.see_messages(["one", "two", "three"])
        person.see_waiting()
    ana.until(lambda: kept(ana) == [], "nothing is kept any longer")


def test_what_waits_survives_a_reload(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(mortal, room)
    bo.enter_room(server, room)
    mortal.pause()
    ana.say("on its way")
    ana.see_waiting("on its way")
    ana.until(lambda: kept(ana) == ["on its way"], "the browser has kept it")
    mortal.kill()
    ana.disconnected()
    mortal.start()

    ana.reload()
    ana.connected()

    for person in (ana, bo):
        person.see_messages(["on its way"])
        person.see_waiting()


def test_two_tabs_of_one_person_show_one_log_and_send_each_word_once(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    bo.enter_room(server, room)
    ana.enter_room(mortal, room)
    ana.open_tab()
    ana.enter_room(mortal, room)
    bo.see_people(ana.name, bo.name)
    ana.say("from the second tab")
    ana.look_at_tab(0)
    ana.see_messages(["from the second tab"])

    mortal.kill()
    ana.disconnected()
    ana.say("first")
    ana.look_at_tab(1)
    ana.disconnected()
    ana.see_waiting("first")
    ana.say("second")
    ana.see_waiting("first", "second")
    mortal.start()

    log = ["from the second tab", "first", "second"]
    for tab in (0, 1):
        ana.look_at_tab(tab)
        ana.connected()
        ana.see_messages(log)
        ana.see_waiting()
    bo.see_messages(log)


def test_what_a_closed_tab_had_written_is_sent_by_another(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    bo.enter_room(server, room)
    ana.enter_room(mortal, room)
    ana.open_tab()
    ana.enter_room(mortal, room)
    mortal.kill()
    ana.disconnected()
    ana.say("before I go")
    ana.look_at_tab(0)
    ana.see_waiting("before I go")
    ana.look_at_tab(1)
    ana.close_tab()
    mortal.start()

    bo.see_messages(["before I go"])
    ana.see_messages(["before I go"])
    ana.see_waiting()


def test_a_draft_is_there_after_a_reload_until_it_is_sent(server: ServerProcess, room: str, ana: Person) -> None:
    ana.enter_room(server, room)
    ana.write("what I was about to s")
    ana.until(lambda: kept(ana, "drafts") == ["what I was about to s"], "the browser has kept it")
    ana.reload()
    ana.until(lambda: ana.written == "what I was about to s", "the draft is back")
    ana.connected()
    ana.enter_room(server, f"{room}-next-door")
    assert ana.written == ""

    ana.enter_room(server, room)
    ana.until(lambda: ana.written == "what I was about to s", "the draft is back")
    ana.say("ay")
    ana.see_messages(["what I was about to say"])
    ana.reload()
    ana.connected()
    assert ana.written == ""


def test_what_is_refused_says_why_and_can_be_sent_again_or_given_up(
    site: Stack, server: ServerProcess, room: str, ana: Person
) -> None:
    ana.enter_room(server, room)
    ana.say("before")
    ana.see_message("before")
    _archive(site, room, archived=True)
    for text in ("keep me", "drop me"):
        ana.say(text)
        ana.until(lambda text=text: _failed(ana)[-1:] == [text], f"{text!r} has failed")
    ana.see(".message__failure", "read-only")
    ana.reload()
    ana.connected()
    ana.until(lambda: _failed(ana) == ["keep me", "drop me"], "what has failed is still there")

    _archive(site, room, archived=False)
    ana.node("drop me").find_element("css selector", "[data-discard]").click()
    ana.until(lambda: _failed(ana) == ["keep me"], "it is gone, and what stood above has moved")
    ana.node("keep me").find_element("css selector", "[data-retry]").click()

    ana.see_messages(["before", "keep me"])
    ana.see_waiting()


def test_who_missed_more_than_can_be_put_in_place_is_told_and_can_read_it_all(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person
) -> None:
    said = [f"message {number}" for number in range(560)]
    crowd.say_all(server, room, said[:20])
    ana.enter_room(mortal, room)
    ana.see_messages(said[:20])

    mortal.kill()
    ana.disconnected()
    crowd.say_all(server, room, said[20:])
    mortal.start()
    ana.connected()

    ana.see_message(said[-1])
    ana.see("[data-cut]", "You missed a lot")
    assert ana.texts == said[-len(ana.texts) :]
    while ana.texts[0] != said[0]:
        shown = len(ana.texts)
        ana.scroll_to_the_top()
        ana.until(lambda shown=shown: len(ana.texts) > shown, "older messages come")
    assert ana.texts == said
    ana.until(lambda: not ana.is_shown("[data-cut]"), "the mark is gone")


def _failed(person: Person) -> list[str]:
    return [message.text for message in person.messages if message.state == "failed"]


def _archive(site: Stack, room: str, *, archived: bool) -> None:
    """As the frame for it will, once rooms can be archived."""
    change = "UPDATE chat_room SET archived_at = CASE WHEN %s THEN now() END WHERE slug = %s"
    with psycopg.connect(site.settings["DATABASE_URL"]) as database:
        database.execute(change, (archived, room))
