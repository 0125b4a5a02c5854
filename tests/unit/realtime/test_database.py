"""Work in threads: bounded in time, told as `unavailable` when it fails, and never a result for one who is gone."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError, OperationalError

from chat import limits
from chat.realtime.database import Threads
from chat.wire.codes import ChatError, Code


@pytest.fixture
def threads() -> Iterator[Threads]:
    threads = Threads("test", 1)
    yield threads
    threads.stop()


async def test_work_is_done_in_another_thread(threads: Threads) -> None:
    assert await threads.run(threading.get_ident) != threading.get_ident()
    assert await threads.run(lambda a, b=0: (a, b), 1, b=2) == (1, 2)


@pytest.mark.parametrize(
    "error", [OperationalError("gone"), DatabaseError("odd"), InterfaceError("closed"), TimeoutError()]
)
async def test_a_database_that_fails_is_unavailable(threads: Threads, error: Exception) -> None:
    with pytest.raises(ChatError) as caught:
        await threads.run(fail, error)

    assert caught.value.code is Code.UNAVAILABLE


@pytest.mark.parametrize("error", [ChatError(Code.NOT_FOUND), ValueError("a fault of ours")])
async def test_other_errors_are_passed_on(threads: Threads, error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        await threads.run(fail, error)

    assert caught.value is error


def fail(error: Exception) -> None:
    raise error


async def test_work_that_takes_too_long_is_unavailable(threads: Threads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DATABASE_SECONDS", 0.01)
    gate = threading.Event()
    try:
        with pytest.raises(ChatError) as caught:
            await threads.run(gate.wait, 10)
    finally:
        gate.set()

    assert caught.value.code is Code.UNAVAILABLE


async def test_who_goes_at_the_moment_of_the_answer_does_not_go_on_with_it(threads: Threads) -> None:
    """`asyncio.wait_for` of Python 3.11 forgets a cancellation that comes together with the result."""
    answer: Future[int] = Future()
    executor: Any = type("Executor", (), {"submit": lambda *_: answer, "shutdown": lambda *_, **__: None})()
    threads._executor = executor
    task = asyncio.create_task(threads.run(lambda: 1))
    await asyncio.sleep(0)

    answer.set_result(1)
    asyncio.get_running_loop().call_soon(task.cancel)
    await asyncio.wait([task])

    assert task.cancelled()
