"""A database that is locked, frozen, restarted or full: nothing is acked that is not saved, and everybody stays."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from chat import limits
from chat.text import ids
from chat.wire import events
from chat.wire.codes import Code
from tests.chaos.database import query, sqlite_lock
from tests.client import DEADLINE_SECONDS, PlainClient, Refused, RichClient
from tests.faults.conftest import within
from tests.services import Stack, complaints
from tests.services.process import wait_for
from tests.services.server import CHAT

ANSWER_SECONDS = 5.0
_OTHERS = """
SELECT pid, backend_start FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@contextmanager
def _frozen(stack: Stack) -> Iterator[None]:
    stack.postgres.pause()
    try:
        yield
    finally:
        stack.postgres.resume()


@contextmanager
def _killed(stack: Stack) -> Iterator[None]:
    stack.postgres.kill()
    try:
        yield
    finally:
        stack.postgres.start()


def _away(stack: Stack, how: str) -> AbstractContextManager[None]:
    return {"locked": sqlite_lock, "frozen": _frozen, "killed": _killed}[how](stack)


@pytest.mark.parametrize("how", ["locked", "frozen", "killed"])
async def test_senders_are_told_in_time_and_the_repeat_settles_it(request: pytest.FixtureRequest, how: str) -> None:
    stack: Stack = request.getfixturevalue("embedded_stack" if how == "locked" else "distributed_stack")
    server = stack.serve(CHAT_RATE_LIMITS="off")
    once = str(ids.uuid7())
    async with RichClient(server.ws_url("lobby")) as ana, RichClient(server.ws_url("lobby")) as bo:
        await ana.enter()
        await bo.enter()
        await ana.say("before")
        with _away(stack, how):
            with within(ANSWER_SECONDS), pytest.raises(Refused) as refused:
                await ana.say("when it is away", once)
            assert (refused.value.error.code, refused.value.error.temporary) == (Code.UNAVAILABLE, True)
            with within(0.2):  # who needs no database does not wait for it
                await bo.send_frame("no JSON")
                assert (await bo.refused()).code == Code.BAD_REQUEST
        await _repeat_until_acked(ana, "when it is away", once)
        await bo.see("when it is away")
        assert bo.texts == ["before", "when it is away"]
        assert (ana.close_code, bo.close_code) == (None, None)
    assert query(stack, "SELECT count(*) FROM chat_message") == [(2,)]


async def _repeat_until_acked(person: RichClient, text: str, once: str) -> None:
    def answer(seen: int) -> events.Ack | events.Error | None:
        answers = (frame for frame in person.frames[seen:] if isinstance(frame, events.Ack | events.Error))
        return next((frame for frame in answers if frame.client_id == once), None)

    while True:
        seen = len(person.frames)
        await person.post(text, once)
        if isinstance(said := await person.until(lambda seen=seen: answer(seen), "an answer"), events.Ack):
            return
        assert said.temporary


async def test_a_server_that_waits_for_the_database_still_ends_in_time(distributed_stack: Stack) -> None:
    server = distributed_stack.serve(CHAT_RATE_LIMITS="off")
    async with RichClient(server.ws_url("lobby")) as ana:
        await ana.enter()
        with _frozen(distributed_stack):
            await ana.post("never answered")
            server.terminate()
            assert await asyncio.to_thread(server.wait, 10) == 0
        assert await ana.closed() == 4412
    assert "Traceback" not in server.log()


def _restarted(stack: Stack) -> None:
    stack.postgres.stop()
    stack.postgres.start()


def _crashed(stack: Stack) -> None:
    stack.postgres.kill()
    stack.postgres.start()


def _cut_off(stack: Stack) -> None:
    stack.postgres.disconnect_all()


@pytest.mark.parametrize("restart", [_restarted, _crashed, _cut_off])
async def test_nobody_is_turned_away_once_the_database_is_back(
    distributed_stack: Stack, restart: Callable[[Stack], None]
) -> None:
    """However many threads had a connection to the one that is gone."""
    server = distributed_stack.serve(CHAT_RATE_LIMITS="off", CHAT_POLL_SECONDS="3600", CHAT_LIST_SECONDS="3600")
    came = 0

    async def enter_and_leave() -> None:
        async with RichClient(server.ws_url("lobby")) as client:
            await client.enter()

    async def crowd() -> None:
        nonlocal came
        came += 3 * limits.READ_THREADS
        await asyncio.gather(*(enter_and_leave() for _ in range(3 * limits.READ_THREADS)))
        assert await asyncio.to_thread(
            wait_for, lambda: server.log().count("socket room=lobby") == came, DEADLINE_SECONDS
        )

    async with RichClient(server.ws_url("lobby")) as ana:
        await ana.enter()
        await ana.say("before")
        async with asyncio.timeout(DEADLINE_SECONDS):
            while len(_connections(distributed_stack)) < limits.READ_THREADS:
                await crowd()
        kept = _connections(distributed_stack)
        await asyncio.to_thread(restart, distributed_stack)
        assert kept.isdisjoint(_connections(distributed_stack))

        await crowd()
        await ana.say("after")
    assert complaints(server.log()) == []


def _connections(stack: Stack) -> set[tuple[object, ...]]:
    """Which others have."""
    return set(query(stack, _OTHERS))


def test_a_server_that_is_lost_without_a_word_is_found_to_be(distributed_stack: Stack) -> None:
    """By the kernel, within the time that was set; how it does that is not ours to test."""
    look = """
import socket
from django.db import connection
connection.ensure_connection()
kept = socket.socket(fileno=connection.connection.fileno())
print(kept.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))
for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_USER_TIMEOUT"):
    print(kept.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)))
kept.detach()
"""
    found = distributed_stack.manage("shell", "-v", "0", "-c", look, CHAT_DATABASE_PEER_SECONDS="8").split()

    assert found == ["1", "4", "1", "4000"]


async def test_one_who_enters_while_the_database_is_away_is_told_to_wait(embedded_stack: Stack) -> None:
    server = embedded_stack.serve()
    with sqlite_lock(embedded_stack):  # a new guest needs a row
        async with RichClient(server.ws_url("lobby")) as ana:
            await ana.send(type="hello")
            assert await ana.closed() == 4413
    async with RichClient(server.ws_url("lobby")) as ana:
        await ana.enter()


async def test_a_full_disk_acks_nothing_that_is_not_saved(embedded_stack: Stack) -> None:
    """RLIMIT_FSIZE stands for the full disk: the file cannot grow any more."""
    half_a_megabyte = "1024"  # in blocks of 512 bytes
    limited = ("sh", "-c", f'ulimit -f {half_a_megabyte}; exec "$@"', "sh", *CHAT)
    server = embedded_stack.serve(limited, CHAT_RATE_LIMITS="off")
    acked: list[str] = []
    async with RichClient(server.ws_url("lobby")) as ana:
        await ana.enter()
        with pytest.raises(Refused) as refused:
            await _fill_the_disk(ana, acked)
        assert refused.value.error.code == Code.UNAVAILABLE
        assert ana.close_code is None
    assert acked
    saved = [text for (text,) in query(embedded_stack, "SELECT text FROM chat_message ORDER BY number")]
    assert saved[: len(acked)] == acked
    roomier = embedded_stack.serve()
    async with PlainClient(roomier.ws_url("lobby", history=1)) as bo:
        await bo.say("there is room again")


async def _fill_the_disk(person: RichClient, acked: list[str]) -> None:
    for number in range(200):
        text = f"{number} {'x' * 7000}"
        await person.say(text)
        acked.append(text)
