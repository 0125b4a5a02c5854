"""A server dies, the network goes: the page says so, comes back by itself, and misses and doubles nothing."""

from tests.browser import crowd
from tests.browser.person import Person
from tests.services import ServerProcess, Stack


def test_after_a_kill_the_page_comes_back_by_itself_and_misses_nothing(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(mortal, room)
    bo.enter_room(server, room)
    ana.say("before")
    bo.see_message("before")

    mortal.kill()
    ana.disconnected()
    for text in ("are you there?", "hello?"):
        ana.say(text)
    ana.see_waiting("are you there?", "hello?")
    ana.see("[data-waiting-count]", "2 messages wait to be sent")
    for text in ("yes", "but you are not"):
        bo.say(text)
        bo.see_message(text)
    mortal.start()
    ana.connected()

    log = ["before", "yes", "but you are not", "are you there?", "hello?"]
    for person in (ana, bo):
        person.see_messages(log)
        person.see_waiting()
    assert ana.messages == bo.messages
    ana.reload()
    ana.connected()
    assert ana.texts == log


def test_what_was_on_its_way_when_the_server_died_is_said_once(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(mortal, room)
    bo.enter_room(server, room)
    mortal.pause()
    ana.say("on its way")
    ana.see_waiting("on its way")

    mortal.kill()
    ana.disconnected()
    mortal.start()
    ana.connected()

    ana.say("and the next")
    for person in (ana, bo):
        person.see_messages(["on its way", "and the next"])
        person.see_waiting()


def test_a_server_that_restarts_politely_is_hardly_noticed(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(mortal, room)
    bo.enter_room(server, room)

    mortal.terminate()
    ana.disconnected()
    bo.say("while you were away")
    mortal.wait()
    mortal.start()
    ana.connected()

    ana.see_messages(["while you were away"])
    ana.say("back again")
    bo.see_messages(["while you were away", "back again"])


def test_what_was_missed_comes_in_place_and_what_one_reads_does_not_move(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person
) -> None:
    said = [f"message {number}" for number in range(150)]
    crowd.say_all(server, room, said[:100])
    ana.enter_room(mortal, room)
    ana.scroll_to_the_top()
    ana.until(lambda: len(ana.texts) == 100, "older messages come")
    ana.scroll_to_the_top()
    first = ana.node("message 0")
    before = first.rect["y"]

    mortal.kill()
    ana.disconnected()
    crowd.say_all(server, room, said[100:])
    mortal.start()
    ana.connected()

    ana.see_messages(said)
    assert abs(first.rect["y"] - before) < 2
    ana.see("[data-new-below]", "50 new messages")


def test_without_a_network_one_is_told_and_may_write_on(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(mortal, room)
    bo.enter_room(server, room)
    mortal.kill()
    ana.disconnected()
    ana.lose_the_network()
    ana.until(lambda: ana.connection == "offline", "one is told to be offline")
    ana.see("[data-connection-text]", "offline")
    ana.say("from the tunnel")

    mortal.start()
    ana.find_the_network()
    ana.connected()

    bo.see_messages(["from the tunnel"])
    ana.see_waiting()


def test_the_embedded_chat_keeps_what_was_said_over_a_kill(
    embedded_stack: Stack, room: str, ana: Person, bo: Person
) -> None:
    server = embedded_stack.serve()
    ana.enter_room(server, room)
    bo.enter_room(server, room)
    ana.say("before")
    bo.see_messages(["before"])

    server.kill()
    ana.disconnected()
    bo.disconnected()
    bo.say("meanwhile")
    server.start()
    ana.connected()
    bo.connected()

    for person in (ana, bo):
        person.see_messages(["before", "meanwhile"])
        person.see_people(ana.name, bo.name)
