"""Two server processes on one Redis and one PostgreSQL behave as one."""

import asyncio
import re
from collections.abc import Iterator

import msgspec
import pytest

from chat.realtime.layer import RedisLayer
from chat.text import ids
from chat.wire import events
from tests.client import DEADLINE_SECONDS, PlainClient, RichClient
from tests.integration.server.browser import Browser
from tests.services import Postgres, Redis, ServerProcess, Stack, StackMaker, complaints

SETTINGS = {"CHAT_RATE_LIMITS": "off", "CHAT_PRESENCE_COUNT_SECONDS": "0.3"}


@pytest.fixture(scope="module")
def both(stack_maker: StackMaker, postgres_cluster: Postgres) -> Iterator[Stack]:
    with Redis() as redis, stack_maker.distributed(postgres_cluster, redis) as stack:
        stack.serve(**SETTINGS)
        stack.serve(**SETTINGS)
        yield stack
        print(stack.logs())  # noqa: T201 - pytest shows it for a test that failed


@pytest.fixture
def one(both: Stack) -> ServerProcess:
    return both.servers[0]


@pytest.fixture
def other(both: Stack) -> ServerProcess:
    return both.servers[1]


async def test_what_is_said_on_one_is_heard_on_the_other(one: ServerProcess, other: ServerProcess, room: str) -> None:
    async with (
        RichClient(one.ws_url(room)) as ana,
        RichClient(other.ws_url(room)) as bo,
        PlainClient(other.ws_url(room)) as cy,
    ):
        await ana.enter()
        await bo.enter()
        await cy.enter()
        await ana.say("hi")
        await bo.see("hi")
        await cy.see("hi")
        await cy.say("hello")
        await ana.see("hello")
        await ana.edit(1, "hi!")
        await bo.see("hi!")

        assert ana.messages == bo.messages


async def test_all_views_are_in_one_order(one: ServerProcess, other: ServerProcess, room: str) -> None:
    async with (
        RichClient(one.ws_url(room)) as ana,
        RichClient(other.ws_url(room)) as bo,
        PlainClient(one.ws_url(room)) as cy,
    ):
        await ana.enter()
        await bo.enter()
        await cy.enter()
        for number in range(150):
            await ana.post(f"ana {number}")
            await bo.post(f"bo {number}")
        for client in (ana, bo):
            await client.until(lambda client=client: len(client.messages) == 300, "all messages")
        await cy.until(lambda: len(cy.log) == 300, "all messages")

        assert ana.messages == bo.messages
        assert [said.id for said in cy.log] == sorted(ana.messages) == list(range(1, 301))
        assert [text for text in bo.texts if text.startswith("ana")] == [f"ana {number}" for number in range(150)]


async def test_a_repeat_through_another_process_gets_the_same_ack(
    one: ServerProcess, other: ServerProcess, room: str
) -> None:
    client_id = str(ids.uuid7())
    async with RichClient(one.ws_url(room)) as ana, RichClient(other.ws_url(room)) as tab:
        key = (await ana.enter()).key
        assert isinstance(key, str)
        assert (await tab.enter(key=key)).user == ana.me
        await ana.post("once", client_id)
        await tab.post("once", client_id)

        assert await ana.outcome(client_id) == await tab.outcome(client_id) == events.Ack(client_id, 1)
        await ana.say("last")
        await tab.see("last")
        assert tab.texts == ["once", "last"]


async def test_who_was_on_one_catches_up_on_the_other(one: ServerProcess, other: ServerProcess, room: str) -> None:
    async with RichClient(one.ws_url(room)) as ana, RichClient(one.ws_url(room)) as bo:
        await ana.enter()
        hello = await bo.enter()
        await ana.say("one")
        await bo.see("one")
        await bo.leave()
        await ana.say("two")
        async with RichClient(other.ws_url(room)) as back:
            again = await back.enter(since=bo.number, epoch=hello.epoch)
            assert again.epoch == hello.epoch
            assert back.of(events.Sync)[-1].complete
            assert back.texts == ["two"]
            await ana.say("three")
            await back.see("three")


async def test_who_is_where_is_known_on_both(one: ServerProcess, other: ServerProcess, room: str) -> None:
    async with RichClient(one.ws_url(room)) as ana:
        await ana.enter()
        async with RichClient(other.ws_url(room)) as bo:
            await bo.enter()
            await bo.see_people(ana.me.name, bo.me.name)
            await ana.see_people(ana.me.name, bo.me.name)
            await bo.send(type="presence", state="idle")
            await ana.until(lambda: ana.here[bo.me.id].idle, "Bo is idle")
        await ana.see_people(ana.me.name)


async def test_who_loads_the_page_anew_is_seen_again_on_the_other(
    one: ServerProcess, other: ServerProcess, room: str
) -> None:
    """The only one of a process in a room comes, goes and comes again."""
    async with RichClient(one.ws_url(room)) as ana:
        key = None
        await ana.enter()
        for _ in range(3):
            async with RichClient(other.ws_url(room)) as bo:
                hello = await bo.enter(key=key)
                assert isinstance(hello.key, str)
                key = hello.key
                await ana.see_people(ana.me.name, bo.me.name)
                await bo.see_people(ana.me.name, bo.me.name)
            await ana.see_people(ana.me.name)


async def test_a_new_name_is_seen_on_the_other(one: ServerProcess, other: ServerProcess, room: str) -> None:
    browser = Browser(one)
    browser.room(room)
    async with (
        RichClient(one.ws_url(room), cookie=browser.cookie, origin=browser.origin) as ana,
        RichClient(other.ws_url(room)) as bo,
    ):
        await ana.enter()
        await bo.enter()
        await bo.see_people(ana.me.name, bo.me.name)
        browser.post("/me/name/", {"name": f"Ana {room[-8:]}"})

        await bo.see_people(f"Ana {room[-8:]}", bo.me.name)


async def test_a_cookie_of_one_is_good_on_the_other(one: ServerProcess, other: ServerProcess, room: str) -> None:
    browser = Browser(one)
    browser.room(room)
    async with (
        RichClient(one.ws_url(room), cookie=browser.cookie, origin=one.url) as ana,
        RichClient(other.ws_url(room), cookie=browser.cookie, origin=other.url) as tab,
    ):
        assert (await ana.enter()).user == (await tab.enter()).user


async def test_the_start_page_of_one_counts_who_is_on_the_other(
    one: ServerProcess, other: ServerProcess, room: str
) -> None:
    async with (
        RichClient(other.ws_url(room)) as ana,
        RichClient(other.ws_url(room)) as bo,
        RichClient(other.ws_url(room)) as cy,
    ):
        for client in (ana, bo, cy):
            await client.enter()
        home = Browser(one)

        def counted() -> bool:
            text = home.get("/").text
            start = text.index(f'data-room="{room}"')
            found = re.search(r'data-people-count="(\d+)"', text[start : text.index("</a>", start)])
            return bool(found) and found[1] == "3"

        async with asyncio.timeout(DEADLINE_SECONDS):
            while not counted():
                await ana.say("still here")


async def test_rooms_do_not_mix_over_redis(one: ServerProcess, other: ServerProcess, room: str) -> None:
    async with (
        RichClient(one.ws_url(room)) as ana,
        RichClient(other.ws_url(f"{room}-2")) as bo,
        RichClient(one.ws_url(f"{room}-2")) as cy,
    ):
        for client in (ana, bo, cy):
            await client.enter()
        await cy.say("before")
        await bo.see("before")
        await ana.say("secret")
        await cy.say("after")
        await bo.see("after")

        assert bo.texts == ["before", "after"]
        assert all("secret" not in str(frame) for frame in bo.frames)


async def test_news_of_a_later_version_harm_nobody(
    both: Stack, one: ServerProcess, other: ServerProcess, room: str
) -> None:
    """A type that is new, a change that is new to people, and what is no news at all."""
    layer = RedisLayer(hosts=[both.redis.url], prefix="chat")
    async with RichClient(one.ws_url(room)) as ana, RichClient(other.ws_url(room)) as bo:
        epoch = (await ana.enter()).epoch
        await bo.enter()
        person = {"t": "account", "person": ana.me.id}
        news = [{"t": "poll", "question": "?"}, person | {"change": "merged", "into": 7}, 7]
        news.append(person | {"change": "renamed", "name": f"Ana {room[5:]}"})
        for group in ("site", f"r.{epoch}"):
            for body in (msgspec.msgpack.encode(news), b"\xc1", "text"):
                await layer.group_send(group, {"type": "chat.later", "from": "a newer one", "body": body})
        await ana.say("still here")
        await bo.see("still here")
        await bo.see_people(f"Ana {room[5:]}", bo.me.name)
    await layer.flush()


def test_nothing_went_wrong_in_either(both: Stack) -> None:
    """At whatever point of the random order: nothing before it has made a process raise."""
    for server in both.servers:
        assert complaints(server.log()) == []
