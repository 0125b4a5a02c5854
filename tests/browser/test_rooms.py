"""Rooms of one's own: opened, shared by a link, looked after; as people do it."""

from collections.abc import Iterator

from selenium.webdriver.support.select import Select

from tests.browser.driver import PHONE, show_as
from tests.browser.person import PASSWORD, Person
from tests.services import ServerProcess


def open_private_room(person: Person, server: ServerProcess, title: str) -> str:
    """Its path, after the page of the room is there."""
    person.visit(f"{server.url}/rooms/new/")
    person.find("#new-title").send_keys(title)
    Select(person.find("#new-kind")).select_by_value("private")
    person.click("[data-do='new'] [type=submit]")
    person.connected()
    return person.address


def make_link(person: Person, server: ServerProcess, room: str) -> str:
    person.visit(f"{server.url}{room}invitations/")
    person.click("[data-do='make'] [type=submit]")
    return str(person.see("[data-link]").get_property("value"))


def test_an_invitation_link_leads_from_a_private_window_to_talking(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    path = open_private_room(ana, server, f"Den of {room}")
    link = make_link(ana, server, path)
    cy.may_be_refused()  # has no link
    cy.visit(f"{other_server.url}{path}")
    cy.see(".notice__title", "nothing here")

    bo.visit(link)
    bo.see(".sheet__title", f"You are invited to Den of {room}")
    bo.see(".sheet__text", f"Ana {room}")
    bo.click("[data-do='accept'] [type=submit]")

    bo.connected()
    assert bo.address == path
    ana.visit(f"{server.url}{path}")
    ana.connected()
    bo.say("Thank you for the link")
    ana.see_message("Thank you for the link", by=bo.name)
    ana.say("Welcome")
    bo.see_message("Welcome", by=f"Ana {room}")
    ana.see_people(f"Ana {room}", bo.name)


def test_who_has_an_account_logs_in_on_the_way_and_is_let_in(
    server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    path = open_private_room(ana, server, f"Den of {room}")
    link = make_link(ana, server, path)
    bo.sign_up(server, f"Bo {room}")

    cy.visit(link)  # Bo, in another browser
    cy.click("a[href^='/account/log-in/']")
    cy.fill_in(name=f"Bo {room}", password=PASSWORD)
    cy.see("[data-do='accept'] [type=submit]", f"Come in as Bo {room}").click()

    cy.connected()
    bo.visit(f"{server.url}{path}")
    bo.connected()
    assert bo.name == cy.name == f"Bo {room}"


def test_a_message_is_reported_and_its_author_removed(
    server: ServerProcess, other_server: ServerProcess, room: str, ana: Person, bo: Person, cy: Person
) -> None:
    ana.sign_up(server, f"Ana {room}")
    path = open_private_room(ana, server, f"Den of {room}")
    link = make_link(ana, server, path)
    for guest in (bo, cy):
        guest.visit(link)
        guest.click("[data-do='accept'] [type=submit]")
        guest.connected()
    banned = bo.name
    bo.say("rude words")
    number = cy.see_message("rude words").id

    cy.visit(f"{other_server.url}{path}{number}/report/")
    cy.see(".quote__text", "rude words")
    cy.find("#report-reason").send_keys("This is rude.")
    cy.click("[data-do='report'] [type=submit]")
    cy.see(".sheet__title", "Thank you")

    ana.visit(f"{server.url}{path}reports/")
    ana.see(".row__note", "This is rude.")
    ana.click(".row__main a")
    Select(ana.find("#answer-outcome")).select_by_value("banned")
    ana.click("[data-do='answer'] [type=submit]")
    ana.see(".sheet__empty", "No report waits")

    bo.may_be_refused()
    bo.visit(f"{other_server.url}{path}")
    bo.see(".notice__title", "nothing here")
    ana.visit(f"{server.url}{path}audit/")
    ana.see(".row__main", f"Ana {room} banned {banned}")


def test_no_page_about_a_room_is_wider_than_a_phone(server: ServerProcess, room: str, ana: Person) -> None:
    show_as(ana.driver, PHONE)
    ana.sign_up(server, f"Ana with a name as long as it {room}"[:40])
    path = open_private_room(ana, server, f"{'x' * 60} as long as titles get {room}"[:100])
    ana.say("word")
    ana.see_message("word")
    for page in pages(path):
        ana.visit(f"{server.url}{page}")
        ana.see(".sheet__title")
        width, shown = ana.ask("return [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert width <= shown, page


def pages(room: str) -> Iterator[str]:
    yield from ("/rooms/new/", "/direct/")
    for page in ("settings/", "people/", "invitations/", "reports/", "audit/", "leave/", "1/report/", "1/versions/"):
        yield f"{room}{page}"
