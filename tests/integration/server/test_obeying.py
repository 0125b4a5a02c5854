"""Sockets on one process obey what is done on the other: within a second by Redis, within two without it.

Olga owns the room, Bo is who things are done about, Mia is there to see what everybody else hears.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, NamedTuple

import pytest
from websockets.exceptions import ConnectionClosed

from chat.wire import events
from tests.client import Client, PlainClient, Refused, RichClient
from tests.integration.server.browser import Browser, Page
from tests.services import Postgres, Redis, ServerProcess, StackMaker, complaints

PASSWORD, NEW_PASSWORD = "correct horse battery", "another horse battery"
NEVER = "3600"  # seconds between two looks at the database
IN_FLIGHT = 50  # words without an ack: of thousands some would be refused for having waited too long


class Site(NamedTuple):
    one: ServerProcess  # where things are done
    other: ServerProcess  # where the sockets are
    seconds: float  # within which they obey


@pytest.fixture(scope="module", params=["announced", "without Redis"])
def site(request: pytest.FixtureRequest, stack_maker: StackMaker, postgres_cluster: Postgres) -> Iterator[Site]:
    """Either the announcements alone help, or the database alone does."""
    announced = request.param == "announced"
    settings = {"CHAT_RATE_LIMITS": "off"} | ({"CHAT_POLL_SECONDS": NEVER} if announced else {})
    with Redis() as redis, stack_maker.distributed(postgres_cluster, redis) as stack:
        one, other = stack.serve(**settings), stack.serve(**settings)
        if not announced:
            redis.kill()
        yield Site(one, other, 1 if announced else 2)
        print(stack.logs())  # noqa: T201 - pytest shows it for a test that failed
        assert complaints(stack.logs()) == []


class Person:
    """Somebody with an account, in a browser."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name = site, name
        self.browser = Browser(site.one)
        self.post("/account/sign-up/", name=name, password=PASSWORD)

    def post(self, path: str, **fields: str) -> Page:
        """Open a page and send its form."""
        return send(self.browser, path, **fields)

    def leave(self, path: str) -> None:
        """By one of the forms of the profile's page."""
        assert f'action="{path}"' in self.browser.get("/account/").text
        assert self.browser.post(path, {}).status == 200

    def log_in_elsewhere(self) -> Browser:
        browser = Browser(self.site.one)
        send(browser, "/account/log-in/", name=self.name, password=PASSWORD)
        return browser


def send(browser: Browser, path: str, **fields: str) -> Page:
    assert browser.get(path).status == 200, path
    answer = browser.post(path, fields)
    assert answer.status in (200, 302), answer.text
    return answer


class Scene:
    """A room of Olga's in which Bo and Mia are, each in both dialects, on the other process."""

    def __init__(self, site: Site, slug: str, olga: Person, bo: Person, mia: Person) -> None:
        self.site, self.slug = site, slug
        self.olga, self.bo, self.mia = olga, bo, mia
        self._opened = AsyncExitStack()
        self._said = 0

    async def __aenter__(self) -> "Scene":
        self.owner = await self.rich(self.olga.browser, self.site.one)
        self.tab, self.plain = await self.rich(self.bo.browser), await self.listen(self.bo.browser)
        self.witness, self.listener = await self.rich(self.mia.browser), await self.listen(self.mia.browser)
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._opened.__aexit__(*error)

    async def rich(self, browser: Browser, server: ServerProcess | None = None) -> RichClient:
        client = await self._open(RichClient, browser, server or self.site.other)
        await client.enter()
        return client

    async def listen(self, browser: Browser) -> PlainClient:
        client = await self._open(PlainClient, browser, self.site.other)
        await client.enter()
        return client

    async def _open(self, kind: type[Any], browser: Browser, server: ServerProcess) -> Any:
        client = kind(server.ws_url(self.slug), cookie=browser.cookie, origin=server.url)
        return await self._opened.enter_async_context(client)

    def about_bo(self, **fields: str) -> None:
        self.olga.post(f"/chat/{self.slug}/people/{self.tab.me.id}/", **fields)

    def settings(self, **fields: str) -> None:
        self.olga.post(f"/chat/{self.slug}/settings/", **fields)

    async def say(self) -> str:
        """Something that Bo must not hear, said the moment before by whoever acted."""
        self._said += 1
        await self.owner.say(f"secret {self._said}")
        return f"secret {self._said}"

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        before = time.monotonic()
        yield
        took = time.monotonic() - before
        assert took < self.site.seconds + SLACK_SECONDS, f"took {took:.1f} s"


SLACK_SECONDS = 1.5  # what a busy test machine may add


async def closed(*clients: Client) -> set[int]:
    return {await client.closed() for client in clients}


@pytest.fixture
def people(site: Site, room: str) -> tuple[Person, Person, Person]:
    olga, bo, mia = (Person(site, f"{name} {room[5:]}") for name in ("Olga", "Bo", "Mia"))
    return olga, bo, mia


@pytest.fixture
async def den(site: Site, people: tuple[Person, Person, Person]) -> AsyncIterator[Scene]:
    """A private room."""
    olga, bo, mia = people
    slug = make_room(olga, "private")
    for person in (bo, mia):
        olga.post(f"/chat/{slug}/people/", do="add", name=person.name)
    async with Scene(site, slug, olga, bo, mia) as scene:
        yield scene


@pytest.fixture
async def lobby(site: Site, people: tuple[Person, Person, Person]) -> AsyncIterator[Scene]:
    """A public room, that is Bo's and Mia's because they entered it."""
    async with Scene(site, make_room(people[0], "public"), *people) as scene:
        yield scene


def make_room(owner: Person, kind: str) -> str:
    made = owner.post("/rooms/new/", do="new", kind=kind, title=f"Room of {owner.name}")
    return made.headers["location"].split("/")[2]


# Who is out

OUT: dict[str, tuple[Callable[[Scene], None], int]] = {
    "removed": (lambda scene: scene.about_bo(do="remove"), 4403),
    "banned": (lambda scene: scene.about_bo(do="ban"), 4403),
    "left": (lambda scene: scene.bo.post(f"/chat/{scene.slug}/leave/", do="leave") and None, 4404),
}


@pytest.mark.parametrize("how", OUT)
async def test_who_is_out_hears_nothing_that_is_said_after_it(den: Scene, how: str) -> None:
    act, code = OUT[how]
    names = [person.name for person in (den.olga, den.bo, den.mia)]
    await den.witness.see_people(*names) if den.site.seconds == 1 else None
    await den.owner.say("before")
    for client in (den.tab, den.plain):
        await client.see("before")

    await asyncio.to_thread(act, den)
    async with den.in_time():
        texts = [await den.say() for _ in range(5)]
        for client in (den.witness, den.listener):
            await client.see(texts[-1])
        assert await closed(den.tab, den.plain) == {code}

    assert den.tab.texts == den.plain.texts == ["before"]
    assert den.witness.texts == den.listener.texts == ["before", *texts]
    await den.witness.until(lambda: den.bo.name not in den.witness.names, "Bo is gone")


@pytest.mark.parametrize("how", OUT)
async def test_who_is_out_writes_nothing_after_it(den: Scene, how: str) -> None:
    """However the two race: from the moment the deed is answered on."""
    act, _ = OUT[how]
    await den.tab.say("mine")
    acting = asyncio.create_task(asyncio.to_thread(act, den))
    sent = 0
    while not acting.done():
        if sent - len(den.tab.of(events.Ack)) < IN_FLIGHT:
            sent += 1
            await _post_anyway(den.tab, f"racing {sent}")
        await asyncio.sleep(0)
    await acting
    late = [await _post_anyway(den.tab, f"late {number}") for number in range(10)]

    await den.owner.say("last")
    await den.witness.see("last")

    assert not set(late) & set(den.witness.texts)
    said = [text for text in den.witness.texts if text.startswith("racing")]
    assert said == [f"racing {number}" for number in range(1, len(said) + 1)], "a refused one was overtaken"


@pytest.mark.parametrize("how", OUT)
async def test_who_is_out_neither_sees_nor_is_seen_to_write(den: Scene, how: str) -> None:
    act, code = OUT[how]
    await den.tab.send(type="typing")
    assert (await den.witness.next(events.Typing)).user.name == den.bo.name

    await asyncio.to_thread(act, den)
    with suppress(ConnectionClosed):
        await den.owner.send(type="typing")  # from the process where it is known already
        await den.tab.send(type="typing")
    async with den.in_time():
        assert await closed(den.tab, den.plain) == {code}
    await den.witness.until(lambda: den.bo.name not in den.witness.names, "Bo is gone", 2 + SLACK_SECONDS)

    assert not den.tab.of(events.Typing)
    assert all(event.user.name != den.bo.name for event in den.witness.of(events.Typing)[1:])
    assert den.bo.name not in [event.user.name for event in den.owner.of(events.Typing)[1:]]


async def test_a_stranger_learns_nothing_of_who_is_in_a_private_room(den: Scene, site: Site) -> None:
    async with RichClient(site.other.ws_url(den.slug)) as stranger, PlainClient(site.other.ws_url(den.slug)) as other:
        await stranger.send(type="hello")
        await stranger.send(type="typing")
        await den.tab.send(type="typing")
        await den.witness.next(events.Typing)
        assert await closed(stranger, other) == {4404}

        assert stranger.frames == other.frames == []
    assert [event.user.name for event in den.witness.of(events.Typing)] == [den.bo.name]


async def test_who_is_muted_is_not_seen_to_write(den: Scene) -> None:
    await asyncio.to_thread(den.about_bo, do="mute", seconds="600")
    await den.tab.next(events.RoomChanged)
    await den.tab.send(type="typing")
    await den.witness.say("Is anybody writing?")
    await den.tab.see("Is anybody writing?")  # so it was handled, without an error

    assert not den.witness.of(events.Typing)
    assert not den.tab.of(events.Error)


async def _post_anyway(client: RichClient, text: str) -> str:
    """Through whatever is left of the socket."""
    with suppress(ConnectionClosed):
        await client.post(text)
    return text


async def test_who_is_banned_from_a_public_room_is_out_too(lobby: Scene) -> None:
    await asyncio.to_thread(lobby.about_bo, do="ban")
    async with lobby.in_time():
        await lobby.witness.see(await lobby.say())
        assert await closed(lobby.tab, lobby.plain) == {4403}

    assert lobby.tab.texts == lobby.plain.texts == []


async def test_a_public_room_made_private_keeps_its_members_and_nobody_else(lobby: Scene, site: Site) -> None:
    guests = [await lobby.rich(Browser(site.other)), await lobby.listen(Browser(site.other))]

    await asyncio.to_thread(lobby.settings, do="private")
    async with lobby.in_time():
        await lobby.witness.see(await lobby.say())
        assert await closed(*guests) == {4404}
        told = (await lobby.tab.next(events.RoomChanged)).room

    assert guests[0].texts == guests[1].texts == []
    assert (told.kind, told.slug[0], told.title) == ("private", "~", f"Room of {lobby.olga.name}")
    await lobby.tab.enter()  # under the slug with which it came
    lobby.slug = told.slug
    assert (await lobby.rich(lobby.bo.browser)).texts == ["secret 1"]


async def test_of_a_deleted_room_nothing_is_left_open(den: Scene) -> None:
    await asyncio.to_thread(den.settings, do="delete", title=f"Room of {den.olga.name}")
    async with den.in_time():
        assert await closed(den.tab, den.plain, den.witness, den.listener, den.owner) == {4404}


# Who stays

STAYS: dict[str, tuple[Callable[[Scene], None], Callable[[events.Room], bool], str]] = {
    "archived": (
        lambda scene: scene.settings(do="archive"),
        lambda room: room.archived and "send" not in room.may,
        "read_only",
    ),
    "muted": (lambda scene: scene.about_bo(do="mute", seconds="600"), lambda room: "send" not in room.may, "forbidden"),
    "made a moderator": (
        lambda scene: scene.about_bo(do="role", role="moderator"),
        lambda room: "moderate" in room.may,
        "",
    ),
    "entitled": (
        lambda scene: scene.settings(do="title", title="Another", topic="Tea"),
        lambda room: (room.title, room.topic) == ("Another", "Tea"),
        "",
    ),
    "slowed": (lambda scene: scene.settings(do="slow", seconds="60"), lambda room: room.slow == 60, ""),
}


@pytest.mark.parametrize("how", STAYS)
async def test_who_stays_is_told_and_obeys(den: Scene, how: str) -> None:
    act, is_told, code = STAYS[how]

    await asyncio.to_thread(act, den)
    async with den.in_time():
        assert is_told((await den.tab.next(events.RoomChanged)).room)
    if code:
        with pytest.raises(Refused) as caught:
            await den.tab.say("hi")
        assert caught.value.error.code == code
    else:
        await den.tab.say("hi")
        await den.listener.see("hi")

    assert den.tab.close_code is den.plain.close_code is None
    assert len(den.tab.of(events.RoomChanged)) == 1


async def test_a_renamed_room_goes_on_under_its_new_name(lobby: Scene, room: str) -> None:
    await asyncio.to_thread(lobby.settings, do="rename", slug=f"new-{room}")
    async with lobby.in_time():
        assert (await lobby.tab.next(events.RoomChanged)).room.slug == f"new-{room}"

    await lobby.tab.say("hi")
    await lobby.listener.see("hi")
    lobby.slug = f"new-{room}"
    assert (await lobby.rich(lobby.bo.browser)).texts == ["hi"]


# Accounts


async def test_a_log_out_ends_all_tabs_of_that_session_and_no_other(den: Scene) -> None:
    second, phone = await den.rich(den.bo.browser), await den.rich(den.bo.log_in_elsewhere())

    await asyncio.to_thread(den.bo.leave, "/account/log-out/")
    async with den.in_time():
        assert await closed(den.tab, den.plain, second) == {4401}

    await phone.say("still here")
    await den.witness.see("still here")


async def test_a_log_out_everywhere_ends_all_sessions(den: Scene) -> None:
    phone = await den.rich(den.bo.log_in_elsewhere())

    await asyncio.to_thread(den.bo.leave, "/account/log-out-everywhere/")
    async with den.in_time():
        assert await closed(den.tab, den.plain, phone) == {4401}

    assert den.witness.close_code is None


async def test_a_new_password_ends_all_other_sessions(den: Scene) -> None:
    phone = await den.rich(den.bo.log_in_elsewhere())

    await asyncio.to_thread(den.bo.post, "/account/password/", password=PASSWORD, new_password=NEW_PASSWORD)
    async with den.in_time():
        assert await closed(phone) == {4401}

    assert (await den.tab.enter()).user == den.tab.me, "its session has another key now"
    await den.tab.say("still here")
    await den.witness.see("still here")
    await den.plain.see("still here")


@pytest.mark.parametrize("how", ["deactivate", "delete"])
async def test_who_ends_the_account_is_out_and_writes_nothing_more(den: Scene, how: str) -> None:
    phone = await den.rich(den.bo.log_in_elsewhere())
    await den.tab.say("before")
    await asyncio.to_thread(den.bo.post, f"/account/{how}/", password=PASSWORD)
    late = [await _post_anyway(den.tab, f"late {number}") for number in range(10)]
    async with den.in_time():
        assert await closed(den.tab, den.plain) <= {4401, 4403}, "the session in which it is done ends as well"
        assert await closed(phone) == {4403}

    await den.owner.say("last")
    await den.witness.see("last")
    assert not set(late) & set(den.witness.texts)
    await den.witness.until(lambda: den.bo.name not in den.witness.names, "Bo is gone")


async def test_a_new_name_is_told_where_somebody_is_seen(den: Scene) -> None:
    name = f"Robert {den.slug[1:9]}"
    await asyncio.to_thread(den.bo.post, "/account/", name=name)
    async with den.in_time():
        assert await den.witness.next(events.User) == events.User(den.tab.me.id, name)
        assert await den.tab.next(events.User) == events.User(den.tab.me.id, name)

    assert name in den.witness.names
    assert den.listener.frames == []


async def test_a_guest_who_signs_up_comes_back_as_the_member(lobby: Scene, site: Site, room: str) -> None:
    browser = Browser(site.one)
    browser.room(lobby.slug)
    tab, plain = await lobby.rich(browser), await lobby.listen(browser)
    guest = tab.me

    await asyncio.to_thread(send, browser, "/account/sign-up/", name=f"Gus {room[5:]}", password=PASSWORD)
    async with lobby.in_time():
        assert await closed(tab, plain) == {4401}

    member = (await lobby.rich(browser)).me
    assert (member.id, member.name, member.guest) == (guest.id, f"Gus {room[5:]}", False)


async def test_a_log_in_in_one_tab_ends_the_guest_in_the_others(lobby: Scene, site: Site) -> None:
    browser = Browser(site.one)
    browser.room(lobby.slug)
    tab, plain = await lobby.rich(browser), await lobby.listen(browser)
    guest = tab.me.name

    await asyncio.to_thread(send, browser, "/account/log-in/", name=lobby.bo.name, password=PASSWORD)
    async with lobby.in_time():
        assert await closed(tab, plain) == {4401}

    assert (await lobby.rich(browser)).me == lobby.tab.me
    await lobby.witness.until(lambda: guest not in lobby.witness.names, "the guest is gone")
    assert lobby.tab.close_code is None
