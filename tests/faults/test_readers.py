"""Clients that do not read, do not answer, or send too much, and those who read slowly but do."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import psutil
import pytest

from tests.chaos.database import query
from tests.chaos.proxy import Mode, Proxy
from tests.client import PlainClient, RichClient
from tests.faults.conftest import within
from tests.rfc6455.wire import TEXT, RawSocket, frame
from tests.services import ServerProcess, Stack
from tests.services.process import wait_for
from tests.services.server import CHAT

MIB = 2**20


class Sleeper(RawSocket):
    """A member of a room who never reads."""

    def __init__(self, server: ServerProcess, room: str) -> None:
        super().__init__(server.port, f"/ws/chat/{room}/")
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.port = self.socket.getsockname()[1]


def _held_by(server: ServerProcess) -> set[int]:
    """The ports of the clients that the server still holds."""
    connections = psutil.Process(server.pid).net_connections("tcp")
    return {connection.raddr.port for connection in connections if connection.raddr}


@contextmanager
def _sleepers(server: ServerProcess, room: str, count: int) -> Iterator[list[Sleeper]]:
    with ExitStack() as opened:
        yield [opened.enter_context(Sleeper(server, room)) for _ in range(count)]


@pytest.mark.parametrize("talkative", [False, True], ids=["silent", "still sending"])
async def test_one_who_stops_reading_is_cut_off(embedded_stack: Stack, talkative: bool) -> None:
    server = embedded_stack.serve(CHAT_RATE_LIMITS="off", CHAT_CLOSE_SECONDS="1")
    with _sleepers(server, "lobby", 1) as [sleeper]:
        async with RichClient(server.ws_url("lobby")) as ana:
            await ana.enter()
            assert sleeper.port in _held_by(server)
            for number in range(400):
                await ana.say(f"{number} {'x' * 7900}")
                if talkative and number % 20 == 0:
                    with suppress(ConnectionError):  # it may be cut off at any moment, and that is what is to come
                        sleeper.send(frame(TEXT, json.dumps({"message": "I am still here"}).encode()))
                if number > 150 and sleeper.port not in _held_by(server):
                    break
            assert wait_for(lambda: sleeper.port not in _held_by(server), 10), "it is still held"
            await ana.say("and nobody else minds")


async def test_a_hundred_who_stop_reading_cost_no_more_than_their_bounds(embedded_stack: Stack) -> None:
    server = embedded_stack.serve(CHAT_RATE_LIMITS="off", CHAT_CLOSE_SECONDS="1")
    process = psutil.Process(server.pid)
    with _sleepers(server, "lobby", 100) as sleepers:
        async with RichClient(server.ws_url("lobby")) as ana, PlainClient(server.ws_url("lobby")) as bo:
            await ana.enter()
            before = process.memory_info().rss
            most, longest = before, 0.0
            for number in range(300):
                begun = time.monotonic()
                await ana.say(f"{number} {'x' * 7900}")
                longest = max(longest, time.monotonic() - begun)
                if number % 20 == 0:
                    most = max(most, process.memory_info().rss)
            await bo.see(f"299 {'x' * 7900}")
            assert wait_for(lambda: not {one.port for one in sleepers} & _held_by(server), 10)
    assert most - before < 100 * MIB + 60 * MIB, f"{(most - before) / MIB:.0f} MiB for 100 clients that do not read"
    assert longest < 2, f"somebody waited {longest:.1f} s for an ack"


async def test_a_large_catch_up_never_cuts_off_one_who_reads(embedded_stack: Stack) -> None:
    """500 messages of 8,000 Chinese characters: 24 MB of frames, for one who reads in small sips."""
    server = embedded_stack.serve(CHAT_RATE_LIMITS="off")
    async with RichClient(server.ws_url("lobby")) as ana:
        hello = await ana.enter()
        await ana.say("first")
        _fill_room(embedded_stack, 500, "汉" * 8_000)
        async with RichClient(server.ws_url("lobby")) as bo:
            bo.socket.transport.pause_reading()
            await bo.send(type="hello", since=1, epoch=hello.epoch)
            for _ in range(40):
                bo.socket.transport.resume_reading()
                await asyncio.sleep(0.01)
                bo.socket.transport.pause_reading()
                await asyncio.sleep(0.01)
            bo.socket.transport.resume_reading()
            await bo.until(lambda: bo.synced, "the catch-up is through", deadline=60)
            assert len(bo.messages) == 500
            page = await bo.ask(before=400, limit=100)
            assert 0 < len(page.messages) <= 100
            assert page.more.before


def _fill_room(stack: Stack, count: int, text: str) -> None:
    """Straight into the database, as 500 sends through the chat would take their time."""
    script = f"""
from uuid import uuid4
from django.utils import timezone
from chat.models import Message, Room, User
room, author = Room.objects.get(), User.objects.first()
numbers = range(room.last_seq + 1, room.last_seq + {count} + 1)
Message.objects.bulk_create(
    Message(room=room, number=n, seq=n, author=author, client_id=uuid4(), text={text!r}, html={text!r},
            created_at=timezone.now()) for n in numbers)
Room.objects.update(last_seq=numbers[-1])
"""
    stack.manage("shell", "-c", script)


async def test_a_half_open_connection_is_gone_in_time(embedded_stack: Stack) -> None:
    """With the defaults (a ping after 20 s, 15 s for its answer, looked at each 2 s) that is 37 s."""
    server = embedded_stack.serve((*CHAT[:-1], "--ping-interval", "1", "--ping-timeout", "1", CHAT[-1]))
    async with Proxy(server.port) as link, RichClient(server.ws_url("lobby")) as bo:
        await bo.enter()
        async with RichClient(f"ws://127.0.0.1:{link.port}/ws/chat/lobby/") as ana:
            await ana.enter()
            await bo.see_people(ana.me.name, bo.me.name)
            for connection in list(link.connections):
                connection.mode = Mode.HOLE
            with within(6):
                await bo.see_people(bo.me.name)
            for connection in list(link.connections):
                connection.cut()


async def test_sockets_of_a_person_and_of_an_address_are_bounded(embedded_stack: Stack) -> None:
    server = embedded_stack.serve(CHAT_SOCKETS_PER_PERSON="2", CHAT_SOCKETS_PER_ADDRESS="4")
    async with RichClient(server.ws_url("lobby")) as ana, RichClient(server.ws_url("dev")) as again:
        key = (await ana.enter()).key
        await again.enter(key=key)
        async with RichClient(server.ws_url("ops")) as third:
            await third.send(type="hello", key=key)
            assert await third.closed() == 4429
        async with PlainClient(server.ws_url("lobby")) as bo, PlainClient(server.ws_url("lobby")) as cy:
            async with PlainClient(server.ws_url("lobby")) as fifth:
                assert await fifth.closed() == 4429
            assert (bo.close_code, cy.close_code) == (None, None)


async def test_new_guests_and_rooms_of_an_address_are_bounded(embedded_stack: Stack) -> None:
    server = embedded_stack.serve(CHAT_GUEST_BURST="2", CHAT_GUESTS_PER_SECOND="0.001", CHAT_ROOM_BURST="2",
                                  CHAT_ROOMS_PER_SECOND="0.001")  # fmt: skip
    async with RichClient(server.ws_url("one")) as ana, RichClient(server.ws_url("two")) as bo:
        key = (await ana.enter()).key
        await bo.enter()
        async with RichClient(server.ws_url("one")) as cy:
            await cy.send(type="hello")
            assert await cy.closed() == 4429
        async with RichClient(server.ws_url("three")) as ana_again:
            await ana_again.send(type="hello", key=key)
            assert await ana_again.closed() == 4429
        assert query(embedded_stack, "SELECT count(*) FROM chat_room") == [(2,)]
        await ana.say("those who are here go on")
