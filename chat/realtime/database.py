"""Runs queries in threads of our own, so that a slow database delays nobody who does not need it.

Each thread keeps its connection. After an error the connection is closed, and the next query gets a new one; so does
one that finds its connection dead before it has said anything. Nothing is ever done twice.
"""

import asyncio
import select
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, ParamSpec, Protocol, TypeVar

from django.db import DatabaseError, InterfaceError, connection

from chat import limits
from chat.wire.codes import ChatError, Code

P = ParamSpec("P")
R = TypeVar("R")


class Runner(Protocol):
    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R: ...

    def stop(self) -> None: ...


class Transactions(Runner, Protocol):
    """Runs writes, one at a time; `when_done` is called on the loop after each, right behind its result."""

    when_done: Callable[[], object] | None

    @property
    def run_the_caller(self) -> bool: ...


class Threads:
    """A bounded number of threads for database work."""

    def __init__(self, name: str, count: int) -> None:
        self.when_done: Callable[[], object] | None = None
        self._here = threading.local()
        self._executor = ThreadPoolExecutor(count, name, initializer=lambda: setattr(self._here, "ours", True))

    @property
    def run_the_caller(self) -> bool:
        """Whether this is asked in one of these threads."""
        return hasattr(self._here, "ours")

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Raises ChatError(unavailable) when there is no answer in time or the database fails.

        After a time-out the work may still go on and may still succeed.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[R] = loop.create_future()
        working = self._executor.submit(lambda: _guarded(work, *args, **kwargs))
        working.add_done_callback(partial(_call_on, loop, self._finish, answer))
        try:
            async with asyncio.timeout(limits.DATABASE_SECONDS):  # wait_for of Python 3.11 may forget a cancellation
                return await answer
        except (TimeoutError, DatabaseError, InterfaceError) as error:
            raise ChatError(Code.UNAVAILABLE) from error
        finally:
            working.cancel()  # where it had not begun

    def _finish(self, answer: asyncio.Future[R], worked: Future[R]) -> None:
        """In one call: of two, the second might come a turn of the loop later."""
        if worked.cancelled():
            answer.cancel()
        elif not answer.done():
            _take_over(answer, worked)
        if self.when_done is not None:
            self.when_done()

    def stop(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


def _take_over(answer: asyncio.Future[R], worked: Future[R]) -> None:
    error = worked.exception()
    if error is None:
        answer.set_result(worked.result())
    else:
        answer.set_exception(error)


def _call_on(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *given: Any) -> None:
    with suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(call, *given)


def _guarded(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    if _is_dead():
        connection.close()
    try:
        return work(*args, **kwargs)
    except (DatabaseError, InterfaceError):
        connection.close()
        raise


def _is_dead() -> bool:
    """Whether the connection ended while it was not used, as far as the kernel knows; the server is not asked.

    A server that stops closes it, and one that is lost without a word is found by keepalives (settings.py). Between two
    queries nothing else comes: at worst a connection is given up that was about to say something of no use to us.
    """
    kept = connection.connection
    if kept is None or connection.vendor != "postgresql":
        return False
    if kept.closed:
        return True
    ended = select.poll()
    ended.register(kept.fileno(), select.POLLIN)
    return bool(ended.poll(0))
