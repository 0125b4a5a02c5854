"""Five hundred come in one go, and some greet: what every member is told of it is a handful of frames."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack

import msgspec
import pytest

from chat import limits
from chat.wire import events
from tests.bench.crowd import Client, Crowd
from tests.bench.stage import made_guests
from tests.client import RichClient
from tests.integration.server.browser import Browser
from tests.services import ServerProcess, Stack

CROWD = 500
ROOM = "crowd-0"  # as the crowd calls it
COME_SECONDS = 60.0  # on a busy test machine
GREET = 25  # one in so many says something
PASSWORD = "correct horse battery"


class Newcomers(Crowd):
    """Those who come to one server, all at once."""

    def __init__(self, server: ServerProcess, keys: Sequence[str]) -> None:
        super().__init__(server.port, keys, rooms=1)
        self.frames: Counter[tuple[Client, str]] = Counter()
        self.counts: dict[Client, int] = {}  # of people, as each was told last

    def here(self, client: Client) -> None:
        if client.number % GREET == 0:
            self.say(client, "hi")

    def told(self, client: Client, event: bytes) -> None:
        known = msgspec.json.decode(event)
        self.frames[client, known["type"]] += 1
        self.counts[client] = known.get("count", self.counts.get(client))

    def all_know(self, count: int) -> bool:
        return all(self.counts.get(client) == count for client in self.clients)


def come(crowds: tuple[Newcomers, Newcomers], people: int) -> None:
    """Let all of them in, and read until each knows that there are so many."""
    deadline = time.monotonic() + COME_SECONDS
    for pair in zip(*(crowd.clients for crowd in crowds), strict=True):
        for crowd, client in zip(crowds, pair, strict=True):
            crowd.connect(client)
    while not all(crowd.all_know(people) for crowd in crowds):
        assert time.monotonic() < deadline, Counter(crowd.counts.values() for crowd in crowds)
        for crowd in crowds:
            crowd.turn(0.01)


@pytest.fixture
def pair(distributed_stack: Stack) -> tuple[ServerProcess, ServerProcess]:
    return distributed_stack.serve(CHAT_RATE_LIMITS="off"), distributed_stack.serve(CHAT_RATE_LIMITS="off")


@pytest.fixture
def crowds(
    distributed_stack: Stack, pair: tuple[ServerProcess, ServerProcess]
) -> Iterator[tuple[Newcomers, Newcomers]]:
    keys = made_guests(distributed_stack, CROWD)
    one, other = Newcomers(pair[0], keys[::2]), Newcomers(pair[1], keys[1::2])
    yield one, other
    for crowd in (one, other):
        for client in crowd.clients:
            crowd.leave(client, politely=False)


@pytest.fixture
async def people(
    pair: tuple[ServerProcess, ServerProcess],
) -> AsyncIterator[tuple[RichClient, RichClient, RichClient]]:
    """Two who are in the room, one on each server, and one who is elsewhere and has it in the list."""
    async with AsyncExitStack() as opened:

        async def enter(name: str, server: ServerProcess, *rooms: str) -> RichClient:
            browser = Browser(server)
            browser.get("/account/sign-up/")
            assert browser.post("/account/sign-up/", {"name": name, "password": PASSWORD}).status == 302
            for room in rooms:
                tab = RichClient(server.ws_url(room), cookie=browser.cookie, origin=server.url)
                await opened.enter_async_context(tab)
                await tab.enter()
                if room != rooms[-1]:
                    await tab.leave()
            return tab

        yield await enter("Ana", pair[0], ROOM), await enter("Bo", pair[1], ROOM), await enter("Cy", pair[1], ROOM, "b")


async def test_a_crowd_that_joins_is_a_handful_of_frames_a_member(
    people: tuple[RichClient, RichClient, RichClient], crowds: tuple[Newcomers, Newcomers]
) -> None:
    *witnesses, elsewhere = people
    seen = {witness: len(witness.frames) for witness in witnesses}
    size = CROWD + len(witnesses)

    before = time.monotonic()
    await asyncio.to_thread(come, crowds, size)
    for witness in witnesses:
        await witness.until(lambda witness=witness: witness.count == size, "all are counted", COME_SECONDS)
    await elsewhere.until(lambda: unread_in_room(elsewhere) == CROWD // GREET, "the greetings are counted")
    took = time.monotonic() - before

    # So many when all come at once, one of which was on its way before; and one more for each second that it takes.
    handful = 1 + limits.PRESENCE_BURST + took / limits.PRESENCE_FRAME_SECONDS
    for witness in witnesses:
        told = [frame for frame in witness.frames[seen[witness] :] if isinstance(frame, events.Presence)]
        assert len(told) <= handful
        assert len(witness.here) == limits.HERE_PEOPLE
        assert sum(len(frame.joined or []) for frame in told) < 2 * limits.HERE_PEOPLE
        assert sum(len(msgspec.json.encode(frame)) for frame in told) < 2 * 60 * limits.HERE_PEOPLE + 100 * handful
        assert unread_in_room(witness) is None
    for crowd in crowds:
        assert max(crowd.frames[client, "presence"] for client in crowd.clients) <= 1 + handful
        assert sum(crowd.frames[client, "unread"] for client in crowd.clients) == 0
    assert len(elsewhere.of(events.Unread)) <= 2 + took / limits.UNREAD_SECONDS


def unread_in_room(tab: RichClient) -> int | None:
    """As the tab was told last, if it was."""
    return next((event.unread for event in reversed(tab.of(events.Unread)) if event.slug == ROOM), None)
