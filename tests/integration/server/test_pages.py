"""The pages: what is there at first paint, what is not, and what no page lets in."""

import html
import json
import re
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from chat.wire import events
from tests.client import PlainClient, RichClient
from tests.integration.server.browser import Browser, Page
from tests.services import ServerProcess, Stack

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def browser(server: ServerProcess) -> Browser:
    return Browser(server)


def data(page: Page) -> dict[str, Any]:
    """What the page tells its script."""
    found = re.search(r'<script id="page" type="application/json">(.*?)</script>', page.text, re.DOTALL)
    assert found, page.text
    told: dict[str, Any] = json.loads(found[1])
    return told


def shown(page: Page) -> list[int]:
    """The ids of the messages in the page's own HTML."""
    log = page.text[page.text.index('id="chat-log"') : page.text.index("</ol>")]
    return [int(number) for number in re.findall(r'data-id="(\d+)"', log)]


async def talk(server: ServerProcess, room: str, *texts: str) -> events.Hello:
    async with RichClient(server.ws_url(room)) as ana:
        hello = await ana.enter()
        for text in texts:
            await ana.say(text)
    return hello


# A room


async def test_the_first_paint_has_the_last_50_messages(server: ServerProcess, room: str, browser: Browser) -> None:
    hello = await talk(server, room, *(f"said {number}" for number in range(1, 61)))
    page = browser.room(room)

    assert page.status == 200
    assert shown(page) == list(range(11, 61))
    assert "said 60" in page.text
    assert "said 10<" not in page.text
    told = data(page)
    assert (told["seq"], told["epoch"], told["more"]) == (60, hello.epoch, {"before": True, "after": False})
    assert [message["id"] for message in told["messages"]] == list(range(11, 61))
    assert told["limits"]["message"] == 8000


async def test_the_page_and_the_socket_tell_the_same(server: ServerProcess, room: str, browser: Browser) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        await ana.enter()
        await ana.say("one *two*")
        await ana.say("three")
        await ana.edit(1, "one **two**")
        await ana.delete(2)
        page = browser.room(room)
        async with RichClient(server.ws_url(room)) as bo:
            await bo.enter()

            told = data(page)["messages"]
            assert told == [plain(bo.messages[number]) for number in (1, 2)]
            assert data(page)["seq"] == bo.number


def plain(message: events.Message) -> Any:
    return msgspec.to_builtins(message)


async def test_a_page_that_joins_from_its_number_misses_nothing(
    server: ServerProcess, room: str, browser: Browser
) -> None:
    await talk(server, room, "before the page")
    told = data(browser.room(room))
    await talk(server, room, "between page and socket")
    async with RichClient(server.ws_url(room), cookie=browser.cookie, origin=browser.origin) as ana:
        await ana.enter(since=told["seq"], epoch=told["epoch"])

        assert ana.texts == ["between page and socket"]


async def test_a_permalink_opens_the_log_around_its_message(server: ServerProcess, room: str, browser: Browser) -> None:
    await talk(server, room, *(f"said {number}" for number in range(1, 101)))
    page = browser.get(f"/chat/{room}/30")

    assert shown(page) == list(range(5, 55))
    assert data(page)["focus"] == 30
    assert data(page)["more"] == {"before": True, "after": True}


@pytest.mark.parametrize("number", ["0", "99", "9223372036854775807", "9223372036854775808", "9" * 40, "9" * 5000])
async def test_a_permalink_to_no_message_is_no_fault(
    server: ServerProcess, room: str, browser: Browser, number: str
) -> None:
    await talk(server, room, "hi")

    assert browser.get(f"/chat/{room}/{number}").status in (200, 404)


@pytest.mark.parametrize("spelling", ["{0}", "{0}X", "Ｒoom-{0}"])
def test_another_spelling_leads_to_the_one(browser: Browser, room: str, spelling: str) -> None:
    page = browser.room(spelling.format(room.upper()))

    assert page.status == 302
    assert page.headers["location"] == f"/chat/{quote(spelling.format(room.upper()).lower().replace('ｒ', 'r'))}/"


def test_another_spelling_of_a_permalink_leads_to_its_message(browser: Browser, room: str) -> None:
    page = browser.get(f"/chat/{room.upper()}/7")

    assert (page.status, page.headers["location"]) == (302, f"/chat/{room}/7")


@pytest.mark.parametrize(
    "name", ["a b", "<script>", "...", "😀", "x" * 65, "%00", "~hidden", "~nothing", "%ff", "a.b", "a%2Fb", "\u202e"]
)
def test_names_that_are_none_and_rooms_that_are_hidden_are_answered_alike(
    browser: Browser, shared_stack: Stack, name: str
) -> None:
    hide(shared_stack, "~hidden")
    path = f"/chat/{name if '%' in name else quote(name, safe='')}/"
    absent, page = browser.get("/chat/not%20there/"), browser.get(path)

    assert page.status == absent.status == 404
    assert page.text == absent.text
    assert cleaned(page.headers) == cleaned(absent.headers)
    assert browser.get(path + "1").status == 404


def hide(stack: Stack, slug: str) -> None:
    hidden = f"slug='{slug}', defaults=dict(title='Hidden', kind='private')"
    make = f"from chat.models import Room; Room.objects.get_or_create({hidden})"
    if slug not in hidden_in.setdefault(stack.settings["VAR_DIR"], set()):
        stack.manage("shell", "-v", "0", "-c", make)
        hidden_in[stack.settings["VAR_DIR"]].add(slug)


hidden_in: dict[str, set[str]] = {}  # by the folder of each stack: a later one may stand where the first one did


def cleaned(headers: dict[str, str]) -> dict[str, str]:
    """Without what differs from answer to answer."""
    differs = ("date", "content-length", "x-request-id")
    return {name: value for name, value in headers.items() if name not in differs}


async def test_a_get_never_makes_a_room_and_the_first_socket_does(
    server: ServerProcess, room: str, browser: Browser
) -> None:
    page = browser.room(room)
    assert page.status == 200
    assert data(page)["epoch"] is None
    assert data(page)["messages"] == []
    assert room not in browser.get("/").text
    assert browser.get(f"/chat/{room}/1").status == 404

    async with PlainClient(server.ws_url(room)) as ana:
        await ana.say("hi")

    assert room in browser.get("/").text
    assert data(browser.room(room))["epoch"]


def test_a_room_may_have_a_name_of_any_letters(browser: Browser, room: str) -> None:
    page = browser.room(f"聊天室-{room}")

    assert page.status == 200
    assert f"聊天室-{room}" in page.text
    assert data(page)["urls"]["socket"] == f"/ws/chat/{quote('聊天室')}-{room}/"


# Home


async def test_home_lists_rooms_newest_first_with_who_is_there(
    server: ServerProcess, room: str, browser: Browser
) -> None:
    await talk(server, f"{room}-a", "hi")
    await talk(server, f"{room}-b", "hi")
    async with RichClient(server.ws_url(f"{room}-a")) as ana, RichClient(server.ws_url(f"{room}-a")) as bo:
        await ana.enter()
        await bo.enter()
        await ana.see_people(ana.me.name, bo.me.name)
        page = browser.get("/")
        assert listed(page, room) == [f"{room}-b", f"{room}-a"]
        assert 'data-people-count="2"' in card(page, f"{room}-a")
        assert "data-people-count" not in card(page, f"{room}-b")

        await ana.say("again")
        assert listed(browser.get("/"), room) == [f"{room}-a", f"{room}-b"]


def listed(page: Page, room: str) -> list[str]:
    return [slug for slug in re.findall(r'data-room="([^"]+)"', page.text) if slug.startswith(room)]


def card(page: Page, slug: str) -> str:
    start = page.text.index(f'data-room="{slug}"')
    return page.text[start : page.text.index("</a>", start)]


@pytest.mark.parametrize(
    ("typed", "path"),
    [("Lobby", "/chat/lobby/"), ("  Book club ", "/chat/book-club/"), ("聊天室", f"/chat/{quote('聊天室')}/")],
)
def test_a_typed_name_leads_to_its_room(browser: Browser, typed: str, path: str) -> None:
    page = browser.get(f"/open/?room={quote(typed)}")

    assert (page.status, page.headers["location"]) == (302, path)


@pytest.mark.parametrize("typed", ["", " ", "a/b", SCRIPT, "//evil.example", "x" * 65, "\x00"])
def test_a_typed_name_that_is_none_says_what_one_looks_like(browser: Browser, typed: str) -> None:
    page = browser.get(f"/open/?room={quote(typed)}")

    assert page.status == 400
    assert "64 letters" in page.text
    assert SCRIPT not in page.text


def test_the_elements_of_the_tutorial_are_there(browser: Browser, room: str) -> None:
    home, page = browser.get("/").text, browser.room(room).text

    assert all(f'id="{name}"' in home for name in ("room-name-input", "room-name-submit"))
    assert all(f'id="{name}"' in page for name in ("chat-log", "chat-message-input", "chat-message-submit"))


# Safety


async def test_a_script_shows_as_text_everywhere(
    server: ServerProcess, room: str, browser: Browser, shared_stack: Stack
) -> None:
    name = f"{SCRIPT} {room[-6:]}"[:40]
    async with PlainClient(server.ws_url(room, name=name)) as ana:
        said = await ana.say(SCRIPT)
        assert said.user == name
    title = (
        f"from chat.models import Room; Room.objects.filter(slug='{room}').update(title='{SCRIPT}', topic='{SCRIPT}')"
    )
    shared_stack.manage("shell", "-v", "0", "-c", title)

    for page in (browser.room(room), browser.get("/"), browser.get(f"/chat/{room}/1")):
        assert page.status == 200
        assert html.escape(SCRIPT) in page.text
        assert "<script>alert" not in page.text
        assert "</script>alert" not in page.text
    assert html.escape(name) in browser.room(room).text
    assert data(browser.room(room))["messages"][0]["message"] == SCRIPT


def test_every_answer_says_what_a_browser_may_not_do(browser: Browser, room: str) -> None:
    for page in (
        browser.get("/"),
        browser.room(room),
        browser.get("/chat/not%20there/"),
        browser.get("/words.js"),
        browser.get("/nothing"),
    ):
        policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert "unsafe" not in page.headers["content-security-policy"]
        assert page.headers["x-frame-options"] == "DENY"
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["referrer-policy"] == "same-origin"
        assert page.headers["cross-origin-opener-policy"] == "same-origin"
        assert page.headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in page.headers["permissions-policy"]
        assert "server" not in page.headers


def test_no_page_has_a_script_or_style_of_its_own(browser: Browser, room: str) -> None:
    for page in (browser.get("/"), browser.room(room), browser.get("/open/?room=%20")):
        for attributes in re.findall(r"<script([^>]*)>", page.text):
            assert "src=" in attributes or 'type="application/json"' in attributes
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page.text)


def test_pages_with_somebody_in_them_are_not_kept(browser: Browser, room: str) -> None:
    for page in (browser.get("/"), browser.room(room)):
        assert "no-store" in page.headers["cache-control"]
        assert "private" in page.headers["cache-control"]


def test_a_visitors_cookies_are_kept_from_scripts(browser: Browser, room: str) -> None:
    set_cookies = browser.room(room).set_cookies

    assert {header.split("=")[0] for header in set_cookies} == {"session", "csrf"}
    for header in set_cookies:
        assert "HttpOnly" in header
        assert "SameSite=Lax" in header
        assert "Path=/" in header
        assert "Secure" not in header
        assert "Domain" not in header


def test_who_only_looks_at_the_start_page_gets_no_cookie(browser: Browser) -> None:
    assert browser.get("/").set_cookies == []


@pytest.mark.parametrize("path", ["/chat/x/", "/", "/open/", "/me/name/"])
def test_a_form_of_another_page_is_refused(browser: Browser, path: str) -> None:
    browser.room("x")
    page = browser.post("/me/name/", {"name": "Eve"}, Origin="http://evil.example")
    assert page.status == 403

    assert browser.post(path, {"csrfmiddlewaretoken": "x"}, Origin="null").status in (403, 405)


@pytest.mark.parametrize("path", ["/", "/open/?room=x", "/chat/x/"])
def test_a_head_is_answered_like_a_get(browser: Browser, path: str) -> None:
    head, get = browser.head(path), browser.get(path)

    assert head.status == get.status
    assert head.text == ""


@pytest.mark.parametrize("cookie", ['session="\\000"', "session=" + "x" * 3000, "session=é", "csrf=\x01", "a=b=c;;;=;"])
def test_a_strange_cookie_is_no_fault(browser: Browser, room: str, cookie: str) -> None:
    assert browser.get(f"/chat/{room}/", Cookie=cookie.encode().decode("latin-1")).status == 200
    assert browser.get("/", Cookie=cookie.encode().decode("latin-1")).status == 200


def test_a_host_that_is_not_ours_is_refused(browser: Browser, may_log_errors: None) -> None:
    assert browser.get("/", Host="evil.example").status == 400


def test_every_file_that_a_page_names_is_there_and_kept_for_ever(browser: Browser, room: str) -> None:
    page = browser.room(room).text
    named = set(re.findall(r'(?:src|href)="(/static/[^"#]+)', page))
    assert len(named) > 10
    for path in named:
        file = browser.get(path)
        assert file.status == 200, path
        assert "immutable" in file.headers["cache-control"], path
        assert re.search(r"\.[0-9a-f]{12}\.", path), path


# Names


async def test_a_new_name_is_seen_by_everybody_in_the_room(server: ServerProcess, room: str, browser: Browser) -> None:
    browser.room(room)
    async with (
        RichClient(server.ws_url(room), cookie=browser.cookie, origin=browser.origin) as ana,
        RichClient(server.ws_url(room)) as bo,
    ):
        await ana.enter()
        await bo.enter()
        await bo.see_people(ana.me.name, bo.me.name)
        name = f"Ana {room[-8:]}"
        answer = browser.post("/me/name/", {"name": name}, Accept="application/json")
        assert answer.status == 200
        assert json.loads(answer.text) == {"user": {"id": ana.me.id, "name": name, "guest": True}}

        await bo.see_people(name, bo.me.name)
        await ana.say("with a new name")
        assert (await bo.see("with a new name")).user.name == name
        assert bo.of(events.User) == [events.User(ana.me.id, name)]
    assert data(browser.room(room))["me"]["name"] == name


async def test_a_name_that_looks_like_anothers_is_refused_with_a_sentence(
    server: ServerProcess, room: str, browser: Browser
) -> None:
    taken = f"Queen {room[-8:]}"
    async with PlainClient(server.ws_url(room, name=taken)) as queen:
        assert (await queen.say("hi")).user == taken
    browser.room(room)

    for typed in (taken, taken.upper(), taken.replace("e", "е"), "", "x" * 41, "\u202e", "\ufdfa" * 40):
        answer = browser.post("/me/name/", {"name": typed}, Accept="application/json")
        assert answer.status == 400
        refusal = json.loads(answer.text)
        assert refusal["code"] == "bad_request"
        assert refusal["message"]


def test_a_form_without_a_script_leads_back(browser: Browser, room: str) -> None:
    browser.room(room)
    page = browser.post("/me/name/", {"name": f"Form {room[-8:]}"}, Accept="text/html")

    assert page.status == 302
    assert data(browser.room(room))["me"]["name"] == f"Form {room[-8:]}"


async def test_one_stays_oneself_over_pages_and_sockets(server: ServerProcess, room: str, browser: Browser) -> None:
    browser.room(room)
    found = set()
    for name in (room, f"{room}-2"):
        browser.room(name)
        async with RichClient(server.ws_url(name), cookie=browser.cookie, origin=browser.origin) as ana:
            found.add((await ana.enter()).user)
    found.add(events.Person(**data(browser.room(room))["me"]))

    assert len(found) == 1
