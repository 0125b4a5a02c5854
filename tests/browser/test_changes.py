"""One's own messages, edited and deleted, as everybody sees it, those too who were away."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.person import Person
from tests.services import ServerProcess


def test_an_edited_message_changes_in_place_for_everyone_and_says_so(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(other_server, room)
    for text in ("one", "too", "three"):
        ana.say(text)
        bo.see_message(text)

    ana.edit("too", "two")

    for person in (ana, bo):
        person.see_edited("two")
        person.see_messages(["one", "two", "three"])
    bo.reload()
    bo.connected()
    bo.see_edited("two")
    assert [message.edited for message in bo.messages] == [False, True, False]


def test_a_deleted_message_leaves_its_place_and_no_word(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(other_server, room)
    for text in ("one", "a secret", "three"):
        ana.say(text)
        bo.see_message(text)
    number = bo.see_message("a secret").id
    assert number is not None

    ana.delete("a secret")

    for person in (ana, bo):
        person.see_tombstone(number)
        assert "a secret" not in person.driver.page_source
    bo.reload()
    bo.connected()
    bo.see_tombstone(number)
    assert [message.deleted for message in bo.messages] == [False, True, False]
    assert "a secret" not in bo.driver.page_source


def test_who_was_away_finds_what_was_changed_meanwhile(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(mortal, room)
    for text in ("stays", "too", "a secret"):
        ana.say(text)
        bo.see_message(text)
    number = bo.see_message("a secret").id
    assert number is not None

    mortal.kill()
    bo.disconnected()
    ana.edit("too", "two")
    ana.see_edited("two")
    ana.delete("a secret")
    ana.see_tombstone(number)
    mortal.start()
    bo.connected()

    bo.see_edited("two")
    bo.see_tombstone(number)
    assert bo.messages == ana.messages


def test_what_one_changes_without_a_line_is_changed_when_it_is_back(
    mortal: ServerProcess, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.enter_room(mortal, room)
    bo.enter_room(server, room)
    ana.say("too")
    for person in (ana, bo):
        person.see_message("too")

    mortal.kill()
    ana.disconnected()
    ana.edit("too", "two")
    ana.node("two")
    bo.see_messages(["too"])
    mortal.start()

    for person in (ana, bo):
        person.see_edited("two")
        person.see_messages(["two"])


def test_the_arrow_up_edits_ones_last_message_and_escape_leaves_it_as_it_was(
    server: ServerProcess, room: str, ana: Person
) -> None:
    ana.enter_room(server, room)
    ana.say("first")
    ana.say("lost")
    ana.see_message("lost")

    ana.press(Keys.ARROW_UP)
    ana.until(lambda: ana.focus == "edit-input", "the last message can be edited")
    ana.write_instead("never mind")
    ana.press(Keys.ESCAPE)
    ana.until(lambda: ana.focus == "chat-message-input", "the focus is back in the writing field")
    ana.see_messages(["first", "lost"])

    ana.press(Keys.ARROW_UP)
    ana.until(lambda: ana.focus == "edit-input", "the last message can be edited")
    ana.write_instead("last")
    ana.press(Keys.ENTER)
    ana.see_edited("last")
    assert ana.focus == "chat-message-input"


def test_one_may_change_ones_mind_about_a_deletion(server: ServerProcess, room: str, ana: Person) -> None:
    ana.enter_room(server, room)
    ana.say("better not")
    ana.see_message("better not")

    ana.point_at("better not")
    ana.see("[data-delete]").click()
    ana.see("[data-keep]").click()
    ana.until(lambda: not ana.is_shown("[data-confirm]"), "the question is gone")
    ana.see_messages(["better not"])


def test_the_messages_of_others_cannot_be_changed(server: ServerProcess, room: str, ana: Person, bo: Person) -> None:
    ana.enter_room(server, room)
    bo.enter_room(server, room)
    ana.say("mine")
    bo.see_message("mine")
    bo.say("mine too")
    ana.see_message("mine too")

    ana.point_at("mine")
    ana.see("[data-edit]")
    ana.point_at("mine too")
    ana.until(lambda: not ana.is_shown("[data-edit]"), "nothing is offered")
    bo.point_at("mine")
    assert not bo.is_shown("[data-edit]")
    bo.point_at("mine too")
    bo.see("[data-edit]")


@pytest.mark.parametrize("evil", ["<script>document.title = 'run'</script>", "<img src=x onerror=alert(1)>"])
def test_an_edited_message_shows_as_it_was_typed(
    server: ServerProcess, room: str, ana: Person, bo: Person, evil: str
) -> None:
    ana.enter_room(server, room)
    bo.enter_room(server, room)
    ana.say("harmless")
    bo.see_message("harmless")
    ana.edit("harmless", evil)
    for person in (ana, bo):
        person.see_edited(evil)
        assert person.ask("return document.querySelectorAll('.message__text :is(script, img)').length") == 0
