"""People talk: who hears what, from which server, and in which order."""

from concurrent.futures import ThreadPoolExecutor

from selenium.webdriver.common.keys import Keys

from tests.browser.person import Person, path_of
from tests.services import ServerProcess


def test_everyone_in_the_room_sees_what_one_says(
    server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person
) -> None:
    for person in (ana, bo, cy):
        person.enter_room(server, room)

    ana.say("Good morning!")

    for person in (ana, bo, cy):
        person.see_message("Good morning!", by=ana.name)
        assert person.texts == ["Good morning!"]


def test_nobody_in_another_room_sees_it(server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person) -> None:
    ana.enter_room(server, room)
    bo.enter_room(server, room)
    cy.enter_room(server, f"{room}-next-door")
    assert cy.connection == "open"

    ana.say("Only for this room")
    bo.see_message("Only for this room", by=ana.name)
    bo.visit(server.page(f"{room}-next-door"))
    bo.connected()
    bo.say("Hello next door")

    cy.see_message("Hello next door", by=bo.name)  # so it hears its own room, and would have heard by now
    assert cy.texts == ["Hello next door"]
    assert cy.connection == "open"
    ana.see_messages(["Only for this room"])


def test_two_servers_are_one_room(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(other_server, room)

    ana.say("Can you hear me over there?")
    bo.see_message("Can you hear me over there?", by=ana.name)
    bo.say("Loud and clear")
    ana.see_message("Loud and clear", by=bo.name)

    for person in (ana, bo):
        person.see_messages(["Can you hear me over there?", "Loud and clear"])
        person.see_people(ana.name, bo.name)


def test_a_room_may_be_called_anything_that_has_letters(
    server: ServerProcess, other_server: ServerProcess, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, "聊天室")
    bo.enter_room(other_server, "聊天室")
    assert ana.address == path_of("聊天室")
    ana.see("h1", "聊天室")

    ana.say("大家好 👋🏽 καλημέρα")

    bo.see_message("大家好 👋🏽 καλημέρα", by=ana.name)


def test_another_spelling_leads_to_the_same_room(server: ServerProcess, room: str, ana: Person, bo: Person) -> None:
    ana.enter_room(server, f"{room}-straße")
    bo.enter_room(server, f"{room.upper()}-STRASSE")
    assert bo.address == path_of(f"{room}-strasse") == ana.address

    ana.say("We are in one room")

    bo.see_message("We are in one room")


def test_many_messages_of_two_people_stand_in_one_order_in_both_windows(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(other_server, room)
    of_ana = [f"Ana says {number}" for number in range(30)]
    of_bo = [f"Bo says {number}" for number in range(30)]

    def say_all(person: Person, texts: list[str]) -> None:
        for text in texts:
            person.say(text)

    with ThreadPoolExecutor() as at_once:
        list(at_once.map(say_all, (ana, bo), (of_ana, of_bo)))
    for person in (ana, bo):
        person.until(lambda person=person: len(person.texts) == 60, "all sixty messages are there")

    assert ana.texts == bo.texts
    assert [text for text in ana.texts if text in of_ana] == of_ana
    assert [text for text in ana.texts if text in of_bo] == of_bo
    assert ana.waiting == bo.waiting == []


def test_ones_own_words_appear_at_once_and_are_then_confirmed(server: ServerProcess, room: str, ana: Person) -> None:
    ana.enter_room(server, room)
    server.pause()
    try:
        ana.say("Is this thing on?")
        ana.see_waiting("Is this thing on?")
        assert ana.written == ""
    finally:
        server.resume()
    assert ana.see_message("Is this thing on?").state == "sent"
    ana.see_waiting()


def test_enter_sends_and_shift_enter_breaks_the_line(server: ServerProcess, room: str, ana: Person) -> None:
    ana.enter_room(server, room)
    ana.see_focus("chat-message-input")

    ana.write("first line")
    ana.press(Keys.ENTER, shift=True)
    ana.write("second line")
    assert ana.written == "first line\nsecond line"
    assert ana.messages == []

    ana.press(Keys.ENTER)
    ana.until(lambda: ana.texts == ["first linesecond line"], "the message is there")
    assert ana.find(".message__text").text == "first line\nsecond line"
    assert ana.written == ""


def test_enter_that_ends_the_composition_of_a_character_does_not_send(
    server: ServerProcess, room: str, ana: Person
) -> None:
    ana.enter_room(server, room)
    ana.see_focus("chat-message-input")

    composing = {"text": "你", "selectionStart": 1, "selectionEnd": 1}
    ana.driver.execute_cdp_cmd("Input.imeSetComposition", composing)
    enter = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    ana.driver.execute_cdp_cmd("Input.dispatchKeyEvent", enter)
    ana.write("你好")  # what the input method makes of it
    assert ana.written == "你好"
    assert ana.messages == []

    ana.press(Keys.ENTER)
    ana.see_messages(["你好"])


def test_blank_words_are_not_sent(server: ServerProcess, room: str, ana: Person) -> None:
    ana.enter_room(server, room)
    ana.say("  ")
    ana.press(Keys.ENTER)
    ana.say("words")
    ana.see_messages(["words"])


def test_a_button_sends_too(server: ServerProcess, room: str, ana: Person) -> None:
    ana.enter_room(server, room)
    ana.write("by hand")
    ana.click("#chat-message-submit")
    ana.see_messages(["by hand"])
    assert ana.focus == "chat-message-input"


def test_those_who_come_and_go_are_seen(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    ana.see_people(ana.name)
    bo.enter_room(other_server, room)
    ana.see_people(ana.name, bo.name)
    bo.visit_home(other_server)
    ana.see_people(ana.name)
