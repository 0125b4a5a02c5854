"""Who is here stays true whatever dies: a server, Redis, or the line of one who leaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from chat.wire import events
from tests.client import RichClient
from tests.faults.conftest import within
from tests.services import ServerProcess, Stack

# Of what takes up to a minute with the defaults, a few seconds.
FORGET_SECONDS = 4
HASTY = {
    "CHAT_RATE_LIMITS": "off",
    "CHAT_PRESENCE_WHOLE_SECONDS": "1",
    "CHAT_PRESENCE_FORGET_SECONDS": str(FORGET_SECONDS),
    "CHAT_PRESENCE_COUNT_SECONDS": "0.5",
    "CHAT_ECHO_SECONDS": "0.5",
}


@pytest.fixture
def hasty(distributed_stack: Stack) -> tuple[ServerProcess, ServerProcess]:
    return distributed_stack.serve(**HASTY), distributed_stack.serve(**HASTY)


@asynccontextmanager
async def _here(server: ServerProcess, key: str | None = None) -> AsyncIterator[tuple[RichClient, str]]:
    """Somebody in the lobby, and the key with which they come back as the same."""
    async with RichClient(server.ws_url("lobby")) as client:
        hello = await client.enter(key=key)
        assert isinstance(hello.key, str)
        yield client, hello.key


async def test_who_was_on_a_server_that_died_is_gone_or_back(hasty: tuple[ServerProcess, ServerProcess]) -> None:
    one, other = hasty
    async with _here(one) as (ana, _), _here(other) as (bo, bos_key), _here(other) as (cy, cys_key):
        for client in (ana, bo, cy):
            await client.see_people(ana.me.name, bo.me.name, cy.me.name)
        other.kill()
        async with _here(one, bos_key) as (again, _):
            with within(FORGET_SECONDS + 1):
                for client in (ana, again):
                    await client.see_people(ana.me.name, bo.me.name)
            await asyncio.to_thread(other.start)
            async with _here(other, cys_key) as (back, _):
                for client in (ana, again, back):
                    await client.see_people(ana.me.name, bo.me.name, cy.me.name)


@pytest.mark.parametrize("fault", ["killed", "frozen"])
async def test_who_came_and_left_while_redis_was_away_is_known_after(
    distributed_stack: Stack, hasty: tuple[ServerProcess, ServerProcess], fault: str
) -> None:
    one, other = hasty
    redis = distributed_stack.redis
    async with _here(one) as (ana, _), _here(other) as (dan, _):
        async with _here(other) as (bo, _):
            for client in (ana, bo, dan):
                await client.see_people(ana.me.name, bo.me.name, dan.me.name)
            await asyncio.to_thread(redis.kill if fault == "killed" else redis.pause)
        async with _here(other) as (cy, _):
            await dan.until(lambda: cy.me.name in dan.names and bo.me.name not in dan.names, "known where it happened")
            assert cy.me.name not in ana.names
            await asyncio.to_thread(redis.start if fault == "killed" else redis.resume)
            for client in (ana, cy, dan):
                await client.see_people(ana.me.name, cy.me.name, dan.me.name)
            await dan.send(type="typing")
            assert (await ana.next(events.Typing)).user.name == dan.me.name


async def test_who_was_active_on_a_server_that_died_is_idle_where_they_still_are(
    hasty: tuple[ServerProcess, ServerProcess],
) -> None:
    one, other = hasty
    async with _here(one) as (ana, _), _here(one) as (phone, key), RichClient(other.ws_url("den")) as laptop:
        await laptop.enter(key=key)
        for client in (phone, ana):
            await client.send(type="presence", state="idle")
        await ana.until(lambda: ana.here[ana.me.id].idle and not ana.here[phone.me.id].idle, "Ana alone is idle")
        other.kill()
        with within(FORGET_SECONDS + 1):
            await ana.until(lambda: ana.here[phone.me.id].idle, "Bo is idle")


async def test_who_became_idle_or_active_while_redis_was_away_is_known_after(
    distributed_stack: Stack, hasty: tuple[ServerProcess, ServerProcess]
) -> None:
    one, other = hasty
    redis = distributed_stack.redis
    async with _here(one) as (ana, _), _here(one) as (phone, key), RichClient(other.ws_url("den")) as laptop:
        await laptop.enter(key=key)
        await phone.send(type="presence", state="idle")
        for state, before in (("idle", False), ("active", True)):
            await asyncio.to_thread(redis.kill)
            await laptop.send(type="presence", state=state)
            await laptop.until(lambda state=state: laptop.here[laptop.me.id].idle is (state == "idle"), "it was heard")
            await asyncio.to_thread(redis.start)
            await ana.until(lambda before=before: ana.here[phone.me.id].idle is not before, f"Bo is {state}")


async def test_one_who_leaves_is_gone_within_two_seconds(two: tuple[ServerProcess, ServerProcess]) -> None:
    """By a close, and by a process that dies and says nothing; on the own server and on the other."""
    one, other = two
    async with _here(one) as (ana, _), _here(other) as (eve, _):
        for how in ("closes", "dies"):
            async with _here(other) as (bo, _):
                for client in (ana, eve):
                    await client.see_people(ana.me.name, bo.me.name, eve.me.name)
                with within(2):
                    if how == "closes":
                        await bo.leave()
                    else:
                        bo.socket.transport.abort()
                    for client in (ana, eve):
                        await client.see_people(ana.me.name, eve.me.name)
