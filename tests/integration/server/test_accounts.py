"""Page and socket agree on who somebody is, whether they may be here, and through a change of the site's key."""

from typing import Any

import pytest

from tests.client import PlainClient, RichClient
from tests.integration.server.browser import Browser, Page
from tests.services import ServerProcess, Stack

PASSWORD = "correct horse battery"
PRIVATE = {"CHAT_GUESTS": "off", "CHAT_SIGN_UP": "closed", "CHAT_RATE_LIMITS": "off"}


@pytest.fixture
def browser(server: ServerProcess) -> Browser:
    return Browser(server)


@pytest.fixture(scope="module")
def private_server(shared_stack: Stack) -> ServerProcess:
    """The same people, on a site for members only."""
    return shared_stack.serve(**PRIVATE)


def sign_up(browser: Browser, name: str) -> Page:
    browser.get("/account/sign-up/")
    answer = browser.post("/account/sign-up/", {"name": name, "password": PASSWORD})
    assert answer.status == 302, answer.text
    return answer


def log_in(browser: Browser, name: str) -> Page:
    browser.get("/account/log-in/")
    return browser.post("/account/log-in/", {"name": name, "password": PASSWORD})


def socket(browser: Browser, server: ServerProcess, room: str, kind: type[Any] = RichClient) -> Any:
    """A socket of this browser."""
    return kind(server.ws_url(room), cookie=browser.cookie, origin=server.url)


def deactivate(stack: Stack, person: int) -> None:
    act = f"from chat.models import User; from chat.actions import accounts; accounts.deactivate(User(pk={person}))"
    stack.manage("shell", "-v", "0", "-c", act)


async def test_a_guest_who_signs_up_is_the_same_on_the_socket(
    server: ServerProcess, room: str, browser: Browser
) -> None:
    browser.room(room)
    async with socket(browser, server, room) as guest:
        before = (await guest.enter()).user
        assert before.guest
        await guest.say("as a guest")

    sign_up(browser, f"Ana {room}")
    async with socket(browser, server, room) as member:
        after = (await member.enter()).user
        assert (after.id, after.name, after.guest) == (before.id, f"Ana {room}", False)
        await member.edit(1, "as a member")


async def test_who_logs_in_elsewhere_is_the_same_person(server: ServerProcess, room: str, browser: Browser) -> None:
    sign_up(browser, f"Ana {room}")
    other = Browser(server)
    other.room(room)

    assert log_in(other, f"ANA-{room}").status == 302
    async with socket(browser, server, room) as here, socket(other, server, room) as there:
        assert (await here.enter()).user == (await there.enter()).user


async def test_after_a_log_out_the_cookie_is_a_strangers(server: ServerProcess, room: str, browser: Browser) -> None:
    sign_up(browser, f"Ana {room}")
    stolen = Browser(server)
    stolen.cookies = dict(browser.cookies)

    browser.get("/account/")
    page = browser.post("/account/log-out/", {})
    assert page.headers["clear-site-data"] == '"storage"'

    async with socket(stolen, server, room) as stranger:
        assert (await stranger.enter()).user.guest


@pytest.mark.parametrize("kind", [RichClient, PlainClient])
async def test_a_deactivated_guest_is_told_so_by_page_and_socket(
    server: ServerProcess, room: str, browser: Browser, shared_stack: Stack, kind: type[Any]
) -> None:
    browser.room(room)
    async with socket(browser, server, room) as guest:
        person = (await guest.enter()).user.id
    deactivate(shared_stack, person)

    page = browser.room(room)
    assert (page.status, "This account is deactivated" in page.text) == (403, True)
    async with socket(browser, server, room, kind) as sent_away:
        if kind is RichClient:
            await sent_away.send(type="hello")
        assert await sent_away.closed() == 4403


async def test_a_deactivated_guests_key_makes_nobody_new(server: ServerProcess, room: str, shared_stack: Stack) -> None:
    async with RichClient(server.ws_url(room)) as bot:
        hello = await bot.enter()
    deactivate(shared_stack, hello.user.id)

    async with RichClient(server.ws_url(room)) as again:
        await again.send(type="hello", key=hello.key)
        assert await again.closed() == 4403


# A site for members


@pytest.mark.parametrize("kind", [RichClient, PlainClient])
async def test_a_private_site_closes_a_strangers_socket_as_one_who_has_to_log_in(
    private_server: ServerProcess, room: str, kind: type[Any]
) -> None:
    page = Browser(private_server).room(room)
    assert (page.status, page.headers["location"]) == (302, f"/account/log-in/?next=%2Fchat%2F{room}%2F")
    assert page.set_cookies == []

    for headers in (
        {},
        {"origin": private_server.url},
        {"origin": private_server.url, "cookie": "session=" + "a" * 32},
    ):
        for name in (room, "nothing-here"):
            async with kind(private_server.ws_url(name, name="Eve", history=10), **headers) as stranger:
                if kind is RichClient:
                    await stranger.send(type="hello", key="x" * 32)
                assert await stranger.closed() == 4401
                assert stranger.frames == []


async def test_a_guest_of_before_is_a_stranger_and_a_member_is_not(
    server: ServerProcess, private_server: ServerProcess, room: str, browser: Browser
) -> None:
    browser.room(room)
    async with socket(browser, server, room) as guest:
        await guest.enter()
        await guest.say("when all could enter")
    async with socket(browser, private_server, room) as guest:
        await guest.send(type="hello")
        assert await guest.closed() == 4401

    sign_up(browser, f"Ana {room}")
    async with socket(browser, private_server, room) as member:
        await member.enter()
        await member.see("when all could enter")
        await member.say("among ourselves")


# Another key for the site


async def test_a_new_key_logs_nobody_out_of_page_or_socket(stack: Stack, room: str) -> None:
    old, new = "o" * 40, "n" * 40
    before = stack.serve(SECRET_KEY=old)
    member, guest = Browser(before), Browser(before)
    sign_up(member, "Ana")
    guest.room(room)
    names = []
    for browser in (member, guest):
        async with socket(browser, before, room) as client:
            names.append((await client.enter()).user)

    after = stack.serve(SECRET_KEY=new, SECRET_KEY_FALLBACKS=old)
    for browser, known in ((member, names[0]), (guest, names[1])):
        browser.server = after
        async with socket(browser, after, room) as client:
            assert (await client.enter()).user == known
        assert known.name in browser.get("/").text
        async with socket(browser, after, room) as client:
            assert (await client.enter()).user == known

    last = stack.serve(SECRET_KEY=new)
    member.server = last
    assert "Ana" in member.get("/").text  # signed anew meanwhile
    async with socket(member, last, room) as client:
        assert (await client.enter()).user == names[0]
