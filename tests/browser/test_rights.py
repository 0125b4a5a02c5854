"""Rights as one sees them change: open pages follow what is done to people and rooms elsewhere, at once."""

from functools import partial

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from tests.browser.driver import PHONE, show_as
from tests.browser.person import PASSWORD, Person, path_of
from tests.browser.test_rooms import make_link, open_private_room
from tests.services import ServerProcess, Stack

_ALL_TEXT = "return document.body.textContent"
_ENTRIES = "return [...document.querySelectorAll('[data-entry]')].map((entry) => entry.dataset.entry)"

_SHOWN = "return [...document.querySelectorAll(arguments[0])].filter((part) => !part.hidden)"


@pytest.fixture
def den(server: ServerProcess, room: str, ana: Person) -> str:
    """The path of Ana's private room, in which she is."""
    ana.sign_up(server, f"Ana {room}")
    return open_private_room(ana, server, f"Den of {room}")


def come_in(person: Person, server: ServerProcess, link: str) -> None:
    """By a link of another server of the site, which is one and the same."""
    person.visit(f"{server.url}/{link.split('/', 3)[3]}")
    person.click("[data-do='accept'] [type=submit]")
    person.connected()


def decide(person: Person, server: ServerProcess, path: str, form: str, **choices: str) -> None:
    """Send a form of a page about the room, in a tab of its own that is closed again."""
    person.open_tab()
    person.visit(server.url + path)
    for field, value in choices.items():
        Select(person.find(f"#{form}-{field}")).select_by_value(value)
    old = person.find("main")
    person.click(f"[data-do='{form}'] [type=submit]")
    person.left(old)
    person.close_tab()


def id_of(person: Person, name: str) -> int:
    """The key of somebody who is here."""
    script = """
      return [...document.querySelectorAll("[data-here=yes]")]
        .find((node) => node.querySelector(".person__name").textContent === arguments[0])?.dataset.person ?? null;
    """
    return int(person.until(lambda: person.ask(script, name), f"{name} is here"))


# Going


def test_who_is_removed_sees_it_at_once_and_gets_nothing_more(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person, den: str
) -> None:
    link = make_link(ana, server, den)
    bo.sign_up(other_server, f"Bo {room}")
    come_in(bo, other_server, link)
    ana.visit(f"{server.url}{den}")
    ana.say("Only for us")
    bo.see_message("Only for us")
    bo.write("a draft")

    decide(ana, server, f"{den}people/{id_of(ana, f'Bo {room}')}/", "remove")

    bo.see("[data-farewell='4403'] h2", "no longer in this room")
    ana.see_people(f"Ana {room}")
    ana.say("Now that he is gone")
    ana.see_message("Now that he is gone")
    assert bo.connection == "closed"
    shown = bo.ask(_ALL_TEXT)
    assert "Only for us" not in shown
    assert "Now that he is gone" not in shown
    assert bo.ask(_ENTRIES) == []
    assert bo.ask("return document.activeElement.closest('[data-farewell]') !== null"), "one reads on from there"

    bo.may_be_refused()
    bo.reload()
    bo.see(".notice__title", "nothing here")


def test_what_one_had_begun_to_write_waits_for_the_same_person(
    server: ServerProcess, room: str, ana: Person, bo: Person, den: str
) -> None:
    link = make_link(ana, server, den)
    bo.sign_up(server, f"Bo {room}")
    come_in(bo, server, link)
    ana.visit(f"{server.url}{den}")
    bo.write("a draft of Bo's")
    decide(ana, server, f"{den}people/{id_of(ana, f'Bo {room}')}/", "remove")
    bo.see("[data-farewell='4403']")

    come_in(bo, server, link)

    bo.until(lambda: bo.written == "a draft of Bo's", "the draft is there again")


def test_what_was_not_sent_before_a_removal_never_goes_out_as_somebody_else(
    server: ServerProcess, mortal: ServerProcess, room: str, ana: Person, bo: Person, cy: Person, den: str
) -> None:
    link = make_link(ana, server, den)
    cy.sign_up(server, f"Cy {room}")
    bo.sign_up(mortal, f"Bo {room}")
    come_in(bo, mortal, link)
    ana.visit(f"{server.url}{den}")
    number = id_of(ana, f"Bo {room}")
    mortal.kill()
    bo.disconnected()
    bo.say("words of Bo's")
    bo.see_waiting("words of Bo's")
    decide(ana, server, f"{den}people/{number}/", "remove")
    mortal.start()
    bo.see("[data-farewell]")

    bo.log_in(mortal, f"Cy {room}")  # at Bo's machine, without a log-out
    come_in(bo, mortal, link)
    bo.say("words of Cy's")
    ana.see_message("words of Cy's", by=f"Cy {room}")
    bo.see_waiting()

    bo.log_in(mortal, f"Bo {room}")
    come_in(bo, mortal, link)
    ana.see_message("words of Bo's", by=f"Bo {room}")
    ana.see_messages(["words of Cy's", "words of Bo's"])


def test_logging_out_in_one_tab_ends_the_other(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person, den: str
) -> None:
    ana.say("Only for us")
    ana.see_message("Only for us")
    bo.log_in(other_server, f"Ana {room}")  # another browser, another session
    bo.visit(f"{other_server.url}{den}")
    bo.connected()

    ana.open_tab()
    ana.visit(f"{other_server.url}/")
    ana.click(".sidebar__account")
    ana.see("[data-log-out]").click()
    ana.see("h1", "logged out")

    ana.look_at_tab(0)
    ana.see("[data-farewell='4401'] h2", "You have been logged out")
    shown = ana.ask(_ALL_TEXT)
    assert "Only for us" not in shown
    assert f"Den of {room}" not in shown, "nor what it is called"
    assert f"Den of {room}" not in ana.driver.title
    assert bo.connection == "open"

    ana.click("[data-back]")
    ana.fill_in(name=f"Ana {room}", password=PASSWORD)
    ana.connected()
    assert ana.address == den
    ana.say("I am back")
    bo.see_message("I am back", by=f"Ana {room}")


def test_who_is_banned_from_a_public_room_is_told_so(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, room)
    bo.enter_room(other_server, room)
    bo.say("rude words")
    ana.see_message("rude words")

    decide(ana, server, f"{path_of(room)}people/{id_of(ana, bo.name)}/", "ban", seconds="3600")

    bo.see("[data-farewell='4403']", "no longer in this room")
    bo.may_be_refused()
    bo.reload()
    bo.see(".notice__text", "You are banned from this room.")


def test_a_room_that_becomes_private_is_gone_for_strangers_and_moves_for_its_people(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person
) -> None:
    for person, name in ((ana, "Ana"), (bo, "Bo")):
        person.sign_up(server, f"{name} {room}")
        person.enter_room(server, room)  # and it is among their rooms
    cy.enter_room(other_server, room)
    ana.say("Everybody hears this")
    cy.see_message("Everybody hears this")

    decide(ana, server, f"{path_of(room)}settings/", "private")

    cy.see("[data-farewell='4404'] h2", "not open to you")
    assert "Everybody hears this" not in cy.ask(_ALL_TEXT)
    for person in (ana, bo):
        person.until(partial(_is_elsewhere, person, path_of(room)), "the address has followed")
    assert bo.address == ana.address
    assert bo.address.startswith("/chat/~")
    ana.say("We go on")
    bo.see_message("We go on")
    bo.reload()
    bo.connected()
    bo.see_messages(["Everybody hears this", "We go on"])
    cy.may_be_refused()
    for path in (path_of(room), ana.address):
        cy.visit(other_server.url + path)
        cy.see(".notice__title", "nothing here")


# What the room is


def test_title_topic_and_name_change_before_ones_eyes(
    server: ServerProcess, mortal: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, room)
    ana.say("first")
    bo.enter_room(mortal, room)
    bo.see_message("first")
    ana.open_tab()
    ana.visit(f"{server.url}{path_of(room)}settings/")

    ana.click("#title-title")
    ana.write_instead(f"Hall {room}")
    ana.click("#title-topic")
    ana.write_instead("Wide and high")
    ana.press(Keys.ENTER)
    bo.see("h1", f"Hall {room}")
    bo.see(".room__topic", "Wide and high")
    assert bo.driver.title == f"Hall {room} · Chat"
    bo.see(f"[data-entry='{room}']", f"Hall {room}")

    ana.click("#rename-slug")
    ana.write_instead(f"hall-{room}")
    ana.press(Keys.ENTER)
    bo.until(lambda: bo.address == path_of(f"hall-{room}"), "the address has followed")
    assert bo.find(".message__link").get_attribute("href").endswith(f"/chat/hall-{room}/1")
    mortal.kill()
    bo.disconnected()
    mortal.start()
    bo.connected()
    bo.say("still here")
    bo.see_message("still here")
    bo.reload()
    bo.connected()
    bo.see_messages(["first", "still here"])


def test_a_new_name_shows_where_its_person_is_seen(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, room)
    ana.say("Who am I?")
    bo.enter_room(other_server, room)
    bo.see_message("Who am I?", by=f"Ana {room}")

    ana.open_tab()
    ana.visit(f"{server.url}/account/")
    ana.fill_in(name=f"Anna {room}")

    bo.see_message("Who am I?", by=f"Anna {room}")
    bo.see_people(f"Anna {room}", bo.name)
    ana.look_at_tab(0)
    ana.see("[data-sidebar-name]", f"Anna {room}")


def test_nobody_writes_in_an_archived_room_until_it_is_opened_again(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, room)
    bo.enter_room(other_server, room)
    bo.write("half a sen")

    decide(ana, server, f"{path_of(room)}settings/", "archive")
    for person in (ana, bo):
        person.see("[data-silence]", "This room is archived")
        person.see(".room__mark", "archived")
        assert not person.is_shown("#chat-message-input")

    decide(ana, server, f"{path_of(room)}settings/", "revive")
    bo.until(lambda: bo.is_shown("#chat-message-input"), "one can write again")
    assert bo.written == "half a sen"
    bo.say("tence")
    ana.see_message("half a sentence", by=bo.name)


def test_where_members_write_others_are_told_how_to_become_one(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, room)
    decide(ana, server, f"{path_of(room)}settings/", "members_only", members_only="on")
    bo.sign_up(server, f"Bo {room}")
    bo.enter_room(server, room)
    cy.enter_room(other_server, room)

    bo.see("[data-silence]", "members of the room write")
    old = bo.find("main")
    bo.click(".composer__join button")
    bo.left(old)
    bo.connected()
    bo.say("A member now")
    cy.see_message("A member now", by=f"Bo {room}")
    ana.see("[data-here=yes]", f"Bo {room}")

    cy.see("[data-silence] a", "Log in to join")
    assert not cy.is_shown("#chat-message-input")
    cy.click("[data-silence] a")
    cy.fill_in(name=f"Bo {room}", password=PASSWORD)
    cy.connected()
    assert cy.address == path_of(room)


def test_who_is_muted_reads_until_when_and_can_write_after_that(
    site: Stack, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, room)
    bo.enter_room(server, room)
    bo.say("blah blah")
    ana.see_message("blah blah")

    _as_ana(site, room, f"moderation.mute(ana, room.pk, {id_of(ana, bo.name)}, 10)")

    bo.see("[data-silence]", "You have been muted. You can read here, and write again after")
    ana.say("Quiet at last")
    bo.see_message("Quiet at last")
    bo.until(lambda: bo.is_shown("#chat-message-input"), "the mute is over", deadline=30.0)
    bo.say("sorry")
    ana.see_message("sorry", by=bo.name)


def test_slow_mode_counts_down(site: Stack, server: ServerProcess, room: str, ana: Person, bo: Person) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, room)
    bo.enter_room(server, room)
    _as_ana(site, room, "rooms.set_slow(ana, room.pk, 10)")
    bo.see("[data-pace]", "one message each 10 s")

    bo.say("one")
    bo.see_message("one")
    bo.see("[data-pace]", "you can send again in")
    assert bo.find("#chat-message-submit").get_property("disabled") is True
    bo.write("two")
    bo.press(Keys.ENTER)
    assert bo.written == "two"
    bo.until(lambda: not bo.find("#chat-message-submit").get_property("disabled"), "the time has passed", deadline=30.0)
    bo.press(Keys.ENTER)
    ana.see_message("two", by=bo.name)
    ana.say("those who moderate")
    ana.say("do not wait")
    bo.see_messages(["one", "two", "those who moderate", "do not wait"])


def test_a_mute_that_comes_while_slow_mode_counts_down_ends_by_itself_too(
    site: Stack, server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, room)
    bo.enter_room(server, room)
    _as_ana(site, room, "rooms.set_slow(ana, room.pk, 20)")
    bo.see("[data-pace]", "one message each 20 s")
    bo.say("one")
    bo.see("[data-pace]", "you can send again in")

    _as_ana(site, room, f"moderation.mute(ana, room.pk, {id_of(ana, bo.name)}, 5)")
    bo.see("[data-silence]", "You have been muted")
    bo.until(lambda: bo.is_shown("#chat-message-input"), "the mute is over", deadline=30.0)
    bo.see("[data-pace]", "one message each 20 s")


# What there is to do


def test_each_is_offered_what_they_may_do_with_a_message(
    server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person
) -> None:
    for person, name in ((ana, "Ana"), (bo, "Bo"), (cy, "Cy")):
        person.sign_up(server, f"{name} {room}")
        person.enter_room(server, room)
    bo.say("first")
    number = cy.see_message("first").id
    bo.edit("first", "second")
    for person in (ana, bo, cy):
        person.see_edited("second")

    assert _offers(ana, "second") == ["react", "reply", "delete", "unread", "versions", "report", "person"]
    assert _offers(bo, "second") == ["react", "reply", "edit", "delete", "unread", "versions"]
    assert _offers(cy, "second") == ["react", "reply", "unread", "report"]

    cy.click("[data-offer='report']")
    cy.see(".quote__text", "second")
    assert cy.address == f"{path_of(room)}{number}/report/"
    ana.click("[data-offer='versions']")
    ana.see("main", "first")
    ana.go_back()
    ana.connected()
    ana.delete("second")
    bo.see_tombstone(number or 0)


def test_the_menu_of_the_room_grows_with_ones_rights(
    server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person, den: str
) -> None:
    link = make_link(ana, server, den)
    bo.sign_up(server, f"Bo {room}")
    come_in(bo, server, link)
    ana.visit(f"{server.url}{den}")
    assert _menu(bo) == ["People and roles", "Leave the room"]
    ana.see("[data-here=yes]", f"Bo {room}")

    decide(ana, server, f"{den}people/{id_of(ana, f'Bo {room}')}/", "role", role="moderator")

    bo.until(lambda: "Settings of the room" in _menu(bo), "Bo may do more")
    bo.see(f"[data-person='{id_of(bo, f'Bo {room}')}'] [data-role=moderator]")
    cy.enter_room(server, room)
    assert not cy.is_shown("[data-menu-button]"), "a guest has nothing to do in a public room but talk"


def test_on_a_phone_one_leaves_a_room_by_its_menu(server: ServerProcess, room: str, ana: Person, den: str) -> None:
    show_as(ana.driver, PHONE)
    ana.visit(f"{server.url}{den}")
    ana.connected()
    ana.click("[data-menu-button]")
    ana.see(".room__menu a", "Leave the room").click()
    ana.see("[data-do='leave'] [type=submit]").click()
    ana.see(".home__title")
    assert f"Den of {room}" not in ana.ask(_ALL_TEXT)


def test_the_panel_tells_who_belongs_to_the_room_and_is_away(
    server: ServerProcess, room: str, ana: Person, bo: Person, den: str
) -> None:
    link = make_link(ana, server, den)
    bo.sign_up(server, f"Bo {room}")
    come_in(bo, server, link)
    bo.see("[data-here=no] .person__name", f"Ana {room}")
    bo.see("[data-here=no] [data-role=owner]", "owner")
    ana.visit(f"{server.url}{den}")
    bo.see_people(f"Ana {room}", f"Bo {room}")
    assert not bo.is_shown("[data-here=no]")


def test_a_direct_conversation_is_a_click_on_a_person_away(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    ana.enter_room(server, room)
    bo.sign_up(other_server, f"Bo {room}")
    bo.enter_room(other_server, room)
    number = id_of(ana, f"Bo {room}")
    ana.point_out(f"[data-person='{number}']")
    ana.click(f"[data-person='{number}'] [data-talk] button")
    ana.see("h1", f"Bo {room}")
    ana.connected()
    ana.say("Between us")

    bo.visit(f"{other_server.url}/direct/")
    bo.click("#person-search")
    bo.write(f"ana-{room}")
    bo.press(Keys.ENTER)
    bo.see("[data-found] button", "Talk").click()
    bo.see("h1", f"Ana {room}")
    bo.connected()
    assert bo.address == ana.address
    bo.see_messages(["Between us"])
    bo.see("[aria-labelledby='sidebar-direct'] [aria-current=page]", f"Ana {room}")


# Apart


def test_what_is_said_in_private_rooms_stays_there_on_two_servers(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person, den: str
) -> None:
    link = make_link(ana, server, den)
    come_in(bo, other_server, link)
    cy.sign_up(other_server, f"Cy {room}")
    other = open_private_room(cy, other_server, f"Den of {room}")  # of the same title
    ana.visit(f"{server.url}{den}")
    ana.connected()

    ana.say("In the first den")
    bo.see_message("In the first den", by=f"Ana {room}")
    cy.say("In the second den")
    cy.see_message("In the second den")
    bo.say("Also in the first")
    ana.see_message("Also in the first")

    for person, texts in ((ana, ["In the first den", "Also in the first"]), (cy, ["In the second den"])):
        person.see_messages(texts)
    ana.see_people(f"Ana {room}", bo.name)
    cy.see_people(f"Cy {room}")
    for person, path, elsewhere in ((cy, den, server), (bo, other, other_server)):
        person.may_be_refused()
        person.visit(elsewhere.url + path)
        person.see(".notice__title", "nothing here")
        person.visit(f"{elsewhere.url}/?q=Den")
        assert not person.is_shown("[data-directory-rooms] [data-room^='~']")


def test_the_page_of_a_private_room_is_to_a_stranger_that_of_none(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person, den: str
) -> None:
    bo.may_be_refused()
    seen = []
    for path in (den, "/chat/~abcdefghijklmnopqrst/"):
        for elsewhere in (server, other_server):
            bo.visit(elsewhere.url + path)
            seen.append((bo.find("body").text, bo.driver.title))
    assert len(set(seen)) == 1
    assert "nothing here" in seen[0][0]


def _as_ana(site: Stack, room: str, deed: str) -> None:
    """What the pages offer for longer times only."""
    site.manage(
        "shell",
        "-c",
        "from chat.actions import moderation, rooms\n"
        "from chat.models import Room, User\n"
        f"room, ana = Room.objects.get(slug={room!r}), User.objects.get(display_name={f'Ana {room}'!r})\n"
        f"{deed}",
    )


def _is_elsewhere(person: Person, path: str) -> bool:
    return person.address != path


def _offers(person: Person, text: str) -> list[str]:
    """What the menu on a message offers."""
    person.point_at(text)
    person.see("[data-message-actions]")
    offered: list[str] = person.ask(f"{_SHOWN}.map((part) => part.dataset.offer)", "[data-offer]")
    return offered


def _menu(person: Person) -> list[str]:
    shown: list[str] = person.ask(f"{_SHOWN}.map((part) => part.textContent.trim())", "[data-right]")
    return shown
