"""Whatever happens to Redis, no socket closes, nobody is told of it, and every message arrives."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chat.text import ids
from chat.wire import events
from tests.chaos.proxy import Mode, Proxy
from tests.client import RichClient
from tests.faults.conftest import FOUND_SECONDS, within
from tests.services import ServerProcess, Stack

FAULTS = {"killed": "kill", "frozen": "pause"}
NEVER = "3600"  # for CHAT_POLL_SECONDS: the database does not help, only announcements do


@asynccontextmanager
async def _ana_and_bo(one: ServerProcess, other: ServerProcess) -> AsyncIterator[tuple[RichClient, RichClient]]:
    async with RichClient(one.ws_url("lobby")) as ana, RichClient(other.ws_url("lobby")) as bo:
        await ana.enter()
        await bo.enter()
        await ana.say("before")
        await bo.see("before")
        yield ana, bo
        for person in (ana, bo):
            assert person.close_code is None
            assert not person.of(events.Error)


async def _announcements_reach(speaker: RichClient, listener: RichClient, seconds: float) -> None:
    """With no help of the database: says something until it is heard at once."""
    async with asyncio.timeout(seconds):
        while True:
            text = str(ids.uuid7())
            await speaker.say(text)
            try:
                await listener.until(lambda wanted=text: wanted in listener.texts, text, deadline=0.3)
                return
            except AssertionError:
                continue


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_messages_cross_while_redis_is_gone_and_announcements_go_on_after(
    distributed_stack: Stack, two: tuple[ServerProcess, ServerProcess], fault: str
) -> None:
    redis = distributed_stack.redis
    async with _ana_and_bo(*two) as (ana, bo):
        await asyncio.to_thread(getattr(redis, fault))
        for number in range(5):
            with within(0.2):  # as ever: the local way does not know of Redis
                await ana.say(f"during {number}")
            with within(FOUND_SECONDS):
                await bo.see(f"during {number}")
        await asyncio.to_thread(redis.start if fault == "kill" else redis.resume)
        await ana.say("after")
        await bo.see("after")
        assert bo.texts == ["before", *(f"during {number}" for number in range(5)), "after"]


@pytest.mark.parametrize("what", ["killed", "frozen", "subscribers dropped", "flushed"])
async def test_announcements_and_presence_heal_by_themselves(distributed_stack: Stack, what: str) -> None:
    redis = distributed_stack.redis
    settings = {"CHAT_RATE_LIMITS": "off", "CHAT_POLL_SECONDS": NEVER, "CHAT_ECHO_SECONDS": "0.5"}
    one, other = distributed_stack.serve(**settings), distributed_stack.serve(**settings)
    async with RichClient(one.ws_url("lobby")) as ana, RichClient(other.ws_url("lobby")) as bo:
        await ana.enter()
        await bo.enter()
        await _announcements_reach(ana, bo, 10)
        if what == "killed":
            await asyncio.to_thread(redis.kill)
            await asyncio.to_thread(redis.start)
        elif what == "frozen":
            redis.pause()
            await asyncio.sleep(3)  # long enough for calls to run out of time; a state of Redis cannot be asked for
            redis.resume()
        else:
            await asyncio.to_thread(redis.command, "FLUSHALL" if what == "flushed" else "CLIENT KILL TYPE pubsub")
        await _announcements_reach(ana, bo, 15)
        await _announcements_reach(bo, ana, 15)
        async with RichClient(other.ws_url("lobby")) as cy:
            await cy.enter()
            await ana.see_people(ana.me.name, bo.me.name, cy.me.name)


async def test_a_half_open_link_to_redis_is_noticed_and_replaced(distributed_stack: Stack) -> None:
    async with Proxy(distributed_stack.redis.port) as link:
        settings = {
            "CHAT_RATE_LIMITS": "off",
            "CHAT_ECHO_SECONDS": "0.5",
            "REDIS_URL": f"redis://127.0.0.1:{link.port}/0",
        }
        one = await asyncio.to_thread(lambda: distributed_stack.serve(**settings))
        other = await asyncio.to_thread(lambda: distributed_stack.serve(**settings | {"CHAT_POLL_SECONDS": NEVER}))
        async with RichClient(one.ws_url("lobby")) as ana, RichClient(other.ws_url("lobby")) as bo:
            await ana.enter()
            await bo.enter()
            await _announcements_reach(ana, bo, 10)
            for connection in list(link.connections):
                connection.mode = Mode.HOLE
            with within(FOUND_SECONDS):
                await bo.say("into the hole")
                await ana.see("into the hole")
            await _announcements_reach(ana, bo, 15)


async def test_servers_start_without_redis_and_find_it_later(distributed_stack: Stack) -> None:
    distributed_stack.redis.kill()
    one, other = (distributed_stack.serve(CHAT_RATE_LIMITS="off") for _ in range(2))
    async with RichClient(one.ws_url("lobby")) as ana, RichClient(other.ws_url("lobby")) as bo:
        await ana.enter()
        await bo.enter()
        await ana.say("nobody carries this")
        with within(FOUND_SECONDS):
            await bo.see("nobody carries this")
        await asyncio.to_thread(distributed_stack.redis.start)
        await bo.see_people(ana.me.name, bo.me.name)


async def test_a_message_outlives_the_process_that_could_not_announce_it(
    distributed_stack: Stack, two: tuple[ServerProcess, ServerProcess]
) -> None:
    one, other = two
    async with RichClient(one.ws_url("lobby")) as ana, RichClient(other.ws_url("lobby")) as bo:
        await ana.enter()
        await bo.enter()
        distributed_stack.redis.pause()
        await ana.say("my last words")
        one.kill()
        with within(FOUND_SECONDS):
            await bo.see("my last words")
        distributed_stack.redis.resume()
