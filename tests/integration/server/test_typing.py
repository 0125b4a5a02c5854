"""Who is writing is seen by the others in the room, on whichever of two processes, and by nobody else."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from chat.wire import events
from tests.client import PlainClient, RichClient
from tests.integration.server.browser import Browser
from tests.services import Postgres, Redis, ServerProcess, Stack, StackMaker

WINDOW_SECONDS = 2.7  # for which no second frame of one person is told; a little less than three


def windows(since: float) -> int:
    """How often one process may have told of one person by now."""
    return 1 + int((time.monotonic() - since) / WINDOW_SECONDS)


@pytest.fixture(scope="module")
def both(stack_maker: StackMaker, postgres_cluster: Postgres) -> Iterator[Stack]:
    with Redis() as redis, stack_maker.distributed(postgres_cluster, redis) as stack:
        stack.serve(CHAT_RATE_LIMITS="off")
        stack.serve(CHAT_RATE_LIMITS="off")
        yield stack
        print(stack.logs())  # noqa: T201 - pytest shows it for a test that failed
        assert "Traceback" not in stack.logs()


@pytest.fixture
def one(both: Stack) -> ServerProcess:
    return both.servers[0]


@pytest.fixture
def other(both: Stack) -> ServerProcess:
    return both.servers[1]


@asynccontextmanager
async def ana_and_bo(one: ServerProcess, other: ServerProcess, room: str) -> AsyncIterator[tuple[RichClient, ...]]:
    """Ana on the one process and, in a second tab, on the other; Bo on the other. All know of each other."""
    async with (
        RichClient(one.ws_url(room)) as ana,
        RichClient(other.ws_url(room)) as tab,
        RichClient(other.ws_url(room)) as bo,
    ):
        key = (await ana.enter()).key
        assert isinstance(key, str)
        await tab.enter(key=key)
        await bo.enter()
        assert tab.me == ana.me
        for client in (ana, tab, bo):
            await client.see_people(ana.me.name, bo.me.name)
        yield ana, tab, bo


async def test_others_see_it_on_both_processes_and_oneself_in_no_tab(
    one: ServerProcess, other: ServerProcess, room: str
) -> None:
    async with ana_and_bo(one, other, room) as (ana, tab, bo), RichClient(one.ws_url(room)) as cy:
        await cy.enter()
        await ana.send(type="typing")
        for client in (bo, cy):
            assert await client.next(events.Typing) == events.Typing(events.UserRef(ana.me.id, ana.me.name))
        await ana.say("what I was writing")  # whatever came before it has come
        await tab.see("what I was writing")

        assert not ana.of(events.Typing)
        assert not tab.of(events.Typing)


async def test_it_comes_before_the_words_and_none_after_them(
    one: ServerProcess, other: ServerProcess, room: str
) -> None:
    async with ana_and_bo(one, other, room) as (ana, _, bo):
        before = time.monotonic()
        for number in range(10):
            await ana.send(type="typing")
            await ana.say(f"words {number}")
        await bo.see("words 9")
        kinds = [type(frame) for frame in bo.frames if isinstance(frame, events.Typing | events.Message)]

        assert (kinds[0], kinds[-1], kinds.count(events.Message)) == (events.Typing, events.Message, 10)
        assert kinds.count(events.Typing) <= windows(before)


async def test_it_is_told_once_in_three_seconds_with_no_error_for_what_is_too_much(
    one: ServerProcess, other: ServerProcess, room: str
) -> None:
    async with ana_and_bo(one, other, room) as (ana, tab, bo):
        before = time.monotonic()
        for _ in range(30):
            await ana.send(type="typing")
            await tab.send(type="typing")
        await ana.say("done")
        await bo.see("done")

        # Where two tabs on two processes begin in the same moment, each may be told once.
        assert 1 <= len(bo.of(events.Typing)) <= 2 * windows(before)
        assert not ana.of(events.Error)
        await bo.until(lambda: ana.close_code is None and bo.close_code is None, "both stay")


async def test_a_plain_client_neither_hears_of_it_nor_says_it(
    one: ServerProcess, other: ServerProcess, room: str
) -> None:
    async with ana_and_bo(one, other, room) as (ana, _, bo), PlainClient(one.ws_url(room)) as cy:
        await cy.enter()
        await ana.send(type="typing")
        await bo.next(events.Typing)
        await cy.send(type="typing")
        assert (await cy.refused()).code == "bad_request"
        await ana.say("words")
        await cy.see("words")

        assert cy.frames[-1] == cy.log[-1]
        assert len(cy.of(events.PlainMessage)) == 1
        assert len(bo.of(events.Typing)) == 1


async def test_it_stays_in_its_room(one: ServerProcess, other: ServerProcess, room: str) -> None:
    async with (
        ana_and_bo(one, other, room) as (ana, _, bo),
        RichClient(one.ws_url(f"{room}-2")) as cy,
        RichClient(other.ws_url(f"{room}-2")) as dan,
    ):
        await cy.enter()
        await dan.enter()
        await ana.send(type="typing")
        await bo.next(events.Typing)
        await dan.say("hello")
        await cy.see("hello")

        assert not cy.of(events.Typing)
        assert not dan.of(events.Typing)


async def test_with_other_fields_it_is_refused(one: ServerProcess, room: str) -> None:
    async with RichClient(one.ws_url(room)) as ana:
        await ana.enter()
        await ana.send(type="typing", user=1)
        assert (await ana.refused()).code == "bad_request"


async def test_who_has_a_new_name_is_seen_to_write_under_it(
    one: ServerProcess, other: ServerProcess, room: str
) -> None:
    browser = Browser(one)
    browser.room(room)
    async with (
        RichClient(one.ws_url(room), cookie=browser.cookie, origin=browser.origin) as ana,
        RichClient(other.ws_url(room)) as bo,
    ):
        await ana.enter()
        await bo.enter()
        browser.post("/me/name/", {"name": f"Ana {room[-8:]}"})
        await bo.see_people(f"Ana {room[-8:]}", bo.me.name)
        await ana.send(type="typing")

        assert (await bo.next(events.Typing)).user.name == f"Ana {room[-8:]}"
