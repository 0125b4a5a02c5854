"""What was read on one device is read on all, and what is new elsewhere told: by one process, two, and without Redis.

Bo has rooms, Ana speaks in them and owns the private ones.
"""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from typing import Any, NamedTuple

import pytest

from chat.wire import events
from tests.client import RichClient
from tests.integration.server.browser import Browser, Page
from tests.services import Postgres, Redis, ServerProcess, StackMaker, complaints

PASSWORD = "correct horse battery"
SLACK_SECONDS = 2  # what a busy test machine may add


class Site(NamedTuple):
    one: ServerProcess
    other: ServerProcess  # the same one, where there is no other
    seconds: float  # within which one device hears of another


@pytest.fixture(scope="module", params=["one process", "two processes", "without Redis"])
def site(request: pytest.FixtureRequest, stack_maker: StackMaker, postgres_cluster: Postgres) -> Iterator[Site]:
    with ExitStack() as opened:
        if request.param == "one process":
            stack = opened.enter_context(stack_maker.embedded())
            one = other = stack.serve(CHAT_RATE_LIMITS="off")
        else:
            redis = opened.enter_context(Redis())
            stack = opened.enter_context(stack_maker.distributed(postgres_cluster, redis))
            settings = {"CHAT_RATE_LIMITS": "off", "CHAT_LIST_SECONDS": "1"}
            one, other = stack.serve(**settings), stack.serve(**settings)
            if request.param == "without Redis":
                redis.kill()
        yield Site(one, other, 3 if request.param == "without Redis" else 1)
        print(stack.logs())  # noqa: T201 - pytest shows it for a test that failed
        assert complaints(stack.logs()) == []


class Person:
    """Somebody with an account, and the tabs that they have open."""

    def __init__(self, site: Site, name: str, tabs: AsyncExitStack) -> None:
        self.name = name
        self._site, self._tabs = site, tabs
        self.browser = Browser(site.one)
        self.post("/account/sign-up/", name=name, password=PASSWORD)

    async def open(self, slug: str, server: ServerProcess | None = None) -> RichClient:
        server = server or self._site.one
        tab = RichClient(server.ws_url(slug), cookie=self.browser.cookie, origin=server.url)
        await self._tabs.enter_async_context(tab)
        await tab.enter()
        return tab

    def post(self, path: str, **fields: str) -> Page:
        """Open a page and send its form."""
        assert self.browser.get(path).status == 200, path
        answer = self.browser.post(path, fields)
        assert answer.status in (200, 302), answer.text
        return answer

    def make_private(self, *members: "Person") -> str:
        address = self.post("/rooms/new/", do="new", title="Den", kind="private").headers["location"]
        slug = address.strip("/").split("/")[1]
        for member in members:
            self.post(f"/chat/{slug}/people/", do="add", name=member.name)
        return slug


@pytest.fixture
async def people(site: Site, room: str) -> AsyncIterator[tuple[Person, Person]]:
    async with AsyncExitStack() as tabs:
        yield Person(site, f"Ana {room[5:]}", tabs), Person(site, f"Bo {room[5:]}", tabs)


async def told(tab: RichClient, slug: str, unread: int) -> events.Unread:
    """Wait until the tab knows that so much is unread there."""

    def newest() -> events.Unread | None:
        found = [event for event in tab.of(events.Unread) if event.slug == slug]
        return found[-1] if found and found[-1].unread == unread else None

    return await tab.until(newest, f"{unread} unread in {slug}")


async def read(tab: RichClient, number: int, **fields: Any) -> None:
    await tab.send(type="read", id=number, **fields)


async def place(person: Person, slug: str, server: ServerProcess) -> int:
    """Up to where the room is read, as a device learns that opens it now."""
    tab = await person.open(slug, server)
    assert tab.hello is not None
    await tab.leave()
    return tab.hello.read


async def test_what_is_read_on_one_device_is_read_on_the_others_within_a_second(
    site: Site, people: tuple[Person, Person], room: str
) -> None:
    ana, bo = people
    phone, laptop = await bo.open(room), await bo.open(room, site.other)
    elsewhere = await bo.open(f"{room}-2", site.other)
    speaker = await ana.open(room)
    for text in ("one", "two", "three"):
        await speaker.say(text)
    await told(elsewhere, room, 3)

    before = time.monotonic()
    await read(phone, 2)
    assert (await laptop.next(events.Read)).id == 2
    await told(elsewhere, room, 1)
    assert time.monotonic() - before < site.seconds + SLACK_SECONDS
    await read(laptop, 3)
    assert (await phone.next(events.Read)).id == 3
    await told(elsewhere, room, 0)


async def test_who_says_what_was_read_is_not_told_so(site: Site, people: tuple[Person, Person], room: str) -> None:
    ana, bo = people
    phone, tablet = await bo.open(room), await bo.open(room)
    speaker = await ana.open(room)
    for text in ("one", "two"):
        await speaker.say(text)
    await phone.see("two")
    await read(phone, 1)
    assert await tablet.next(events.Read) == events.Read(1)
    await read(tablet, 2)

    assert await phone.next(events.Read) == events.Read(2)
    assert [len(tab.of(events.Read)) for tab in (phone, tablet, speaker)] == [1, 1, 0]


async def test_a_place_only_moves_forward_unless_it_is_asked_back(
    site: Site, people: tuple[Person, Person], room: str
) -> None:
    ana, bo = people
    speaker, tab, witness = await ana.open(room), await bo.open(room), await bo.open(f"{room}-2")
    for text in ("one", "two", "three"):
        await speaker.say(text)
    await told(witness, room, 3)
    await read(tab, 2)
    await read(tab, 1)
    await told(witness, room, 1)
    assert await place(bo, room, site.other) == 2
    await read(tab, 10**6)
    await told(witness, room, 0)
    assert await place(bo, room, site.other) == 3

    await read(tab, 2, back=True)
    await told(witness, room, 2)
    assert await place(bo, room, site.other) == 1


async def test_what_a_guest_reads_is_not_kept_where_they_are_no_member(site: Site, room: str) -> None:
    async with RichClient(site.one.ws_url(room)) as guest, RichClient(site.one.ws_url(room)) as other:
        key = (await guest.enter()).key
        await other.enter()
        for text in ("one", "two"):
            await other.say(text)
        await read(guest, 1)
        await guest.see("two")

        assert (await guest.enter(key=str(key))).read == 2


async def test_after_a_hello_one_is_told_of_each_other_room_of_ones_own(
    site: Site, people: tuple[Person, Person], room: str
) -> None:
    ana, bo = people
    for slug in (room, f"{room}-2", f"{room}-3"):
        await (await bo.open(slug)).leave()
    await (await ana.open(f"{room}-2")).say("hi")

    for server in (site.one, site.other):
        tab = await bo.open(f"{room}-3", server)
        for _ in range(2):
            assert await told(tab, f"{room}-2", 1) == events.Unread(f"{room}-2", 1, 0)
            await told(tab, room, 0)
            assert not any(event.slug == f"{room}-3" for event in tab.of(events.Unread))
            tab.frames.clear()
            await tab.enter()


async def test_a_storm_elsewhere_is_told_once_a_second_at_most(
    site: Site, people: tuple[Person, Person], room: str
) -> None:
    ana, bo = people
    await (await bo.open(room)).leave()
    tab, speaker = await bo.open(f"{room}-2", site.other), await ana.open(room)
    await told(tab, room, 0)
    began, before = time.monotonic(), len(tab.of(events.Unread))
    for number in range(150):
        await speaker.post(f"{number}")
    await told(tab, room, 100)

    assert len(tab.of(events.Unread)) - before <= time.monotonic() - began + 1


async def test_one_who_was_let_into_a_room_is_told_of_it_and_after_the_removal_of_nothing(
    site: Site, people: tuple[Person, Person], room: str
) -> None:
    ana, bo = people
    tab, witness = await bo.open(room, site.other), await ana.open(room)
    den = ana.make_private(bo)
    await told(tab, den, 0)
    owner = await ana.open(den)
    await owner.say("come in")
    await told(tab, den, 1)
    ana.post(f"/chat/{den}/people/{tab.me.id}/", do="remove")
    before = len(tab.of(events.Unread))
    await owner.say("among ourselves")
    await (await bo.open(f"{room}-2")).leave()  # he is told of that one, and so is anything before it
    await told(tab, f"{room}-2", 0)
    await witness.say("here")
    await tab.see("here")

    assert [event.slug for event in tab.of(events.Unread)[before:]] == [f"{room}-2"]


async def test_an_id_that_is_none_is_refused(site: Site, room: str) -> None:
    async with RichClient(site.one.ws_url(room)) as guest:
        await guest.enter()
        for fields in ({}, {"id": -1}, {"id": "1"}, {"id": 2**53 + 1}, {"id": 1, "back": 1}, {"id": 1, "slug": room}):
            await guest.send(type="read", **fields)
            assert (await guest.refused()).code == "bad_request"
