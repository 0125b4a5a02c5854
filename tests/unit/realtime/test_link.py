"""A connection to Redis: each question gets its own answers, and a connection that ends leaves nobody waiting."""

import asyncio
import errno
from types import SimpleNamespace
from typing import Any

import pytest
from hiredis import ReplyError

from chat.realtime.link import Link, command


class Transport:
    def __init__(self) -> None:
        self.written = b""
        self.aborted = False

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = protocol

    def write(self, data: bytes) -> None:
        self.written += data

    def abort(self) -> None:
        self.aborted = True


class World:
    def __init__(self) -> None:
        self.transport = Transport()
        self.heard: list[tuple[bytes, bytes]] = []
        self.connection: Any = SimpleNamespace(_reader=object(), _writer=SimpleNamespace(transport=self.transport))
        self.link = Link(lambda channel, message: self.heard.append((channel, message)), self.connection)

    async def ask(self, *commands: bytes) -> "asyncio.Task[None]":
        task = asyncio.create_task(self.link.ask(*commands))
        await asyncio.sleep(0)
        return task


@pytest.fixture
async def world() -> World:
    return World()


def test_a_command_is_an_array_of_words() -> None:
    assert command("PUBLISH", "räume", b"\r\n") == b"*3\r\n$7\r\nPUBLISH\r\n$6\r\nr\xc3\xa4ume\r\n$2\r\n\r\n\r\n"


async def test_questions_are_answered_in_their_order(world: World) -> None:
    first = await world.ask(command("PUBLISH", "a", "1"), command("PUBLISH", "b", "2"))
    second = await world.ask(command("PUBLISH", "c", "3"))

    world.link.data_received(b":1\r\n")
    await asyncio.sleep(0)
    assert not first.done()
    world.link.data_received(b":0\r\n")
    await first
    assert not second.done()
    world.link.data_received(b":0\r\n")
    await second


async def test_what_is_published_is_no_answer(world: World) -> None:
    asked = await world.ask(command("SUBSCRIBE", "a"))
    world.link.data_received(b"*3\r\n$7\r\nmessage\r\n$1\r\na\r\n$2\r\nhi")
    assert world.heard == []
    world.link.data_received(b"\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")
    await asked

    assert world.heard == [(b"a", b"hi")]


async def test_an_error_among_the_answers_is_that_of_its_question(world: World) -> None:
    first = await world.ask(command("PUBLISH", "a", "1"), command("PUBLISH", "b", "2"))
    second = await world.ask(command("PUBLISH", "c", "3"))
    world.link.data_received(b"-OOM command not allowed\r\n:1\r\n:1\r\n")

    with pytest.raises(ReplyError, match="OOM"):
        await first
    await second


async def test_one_who_no_longer_waits_leaves_the_others_their_answers(world: World) -> None:
    first = await world.ask(command("PUBLISH", "a", "1"))
    second = await world.ask(command("PUBLISH", "b", "2"))
    first.cancel()
    await asyncio.sleep(0)
    world.link.data_received(b":1\r\n")
    await asyncio.sleep(0)
    assert not second.done()
    world.link.data_received(b":1\r\n")
    await second


@pytest.mark.parametrize("reason", [None, OSError(errno.ETIMEDOUT, "Connection timed out")])
async def test_a_connection_that_ends_leaves_nobody_waiting(world: World, reason: Exception | None) -> None:
    asked = await world.ask(command("PUBLISH", "a", "1"))
    world.link.connection_lost(reason)
    world.link.connection_lost(reason)

    with pytest.raises(ConnectionError):
        await asked
    with pytest.raises(ConnectionError):
        await world.link.ask(command("PUBLISH", "a", "1"))
    assert world.link.closed.done()
    assert world.connection._writer is None  # redis-py has nothing left to close
