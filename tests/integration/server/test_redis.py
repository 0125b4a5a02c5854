"""With Redis a socket outlives its own silence, and a crowd may come at once (pitfalls, facts 1 and 2)."""

import asyncio

import pytest

from tests.client import PlainClient, RichClient
from tests.services import ServerProcess, Stack

IDLE_SECONDS = 12


@pytest.fixture
def pair(distributed_stack: Stack) -> tuple[ServerProcess, ServerProcess]:
    """The senders' server and the listeners'."""
    return distributed_stack.serve(CHAT_RATE_LIMITS="off"), distributed_stack.serve(CHAT_RATE_LIMITS="off")


async def test_a_socket_idle_for_12_seconds_stays_open_and_then_hears(
    pair: tuple[ServerProcess, ServerProcess], room: str
) -> None:
    one, other = pair
    async with PlainClient(other.ws_url(room)) as listener, RichClient(other.ws_url(room)) as rich:
        await listener.enter()
        await rich.enter()
        with pytest.raises(AssertionError, match=f"not within {IDLE_SECONDS} s"):
            await listener.closed(IDLE_SECONDS)
        async with PlainClient(one.ws_url(room)) as ana:
            await ana.say("are you still there?")
            await listener.see("are you still there?")
            await rich.see("are you still there?")


async def test_300_sockets_join_at_once_and_all_hear_one_message(
    pair: tuple[ServerProcess, ServerProcess], room: str
) -> None:
    one, other = pair
    clients = [RichClient(other.ws_url(f"{room}-{number % 30}")) for number in range(300)]
    await asyncio.gather(*(client.__aenter__() for client in clients))
    try:
        await asyncio.gather(*(client.enter() for client in clients))
        async with asyncio.TaskGroup() as group:
            for number in range(30):
                group.create_task(say_in(one, f"{room}-{number}"))
        await asyncio.gather(*(client.see("everybody?") for client in clients))
        assert all(client.texts == ["everybody?"] for client in clients)
    finally:
        await asyncio.gather(*(client.__aexit__(None, None, None) for client in clients))


async def say_in(server: ServerProcess, room: str) -> None:
    async with PlainClient(server.ws_url(room)) as ana:
        await ana.say("everybody?")
