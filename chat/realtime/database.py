"""Runs queries in threads of our own, so that a slow database delays nobody who does not need it.

Each thread keeps its connection. After an error the connection is closed, and the next query gets a new one.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, Protocol, TypeVar

from django.db import DatabaseError, InterfaceError, connection

from chat import limits
from chat.wire.codes import ChatError, Code

P = ParamSpec("P")
R = TypeVar("R")


class Runner(Protocol):
    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R: ...

    def stop(self) -> None: ...


class Threads:
    """A bounded number of threads for database work."""

    def __init__(self, name: str, count: int) -> None:
        self._executor = ThreadPoolExecutor(count, thread_name_prefix=name)

    async def run(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Raises ChatError(unavailable) when there is no answer in time or the database fails.

        After a time-out the work may still go on and may still succeed.
        """
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._executor, lambda: _guarded(work, *args, **kwargs))
        try:
            async with asyncio.timeout(limits.DATABASE_SECONDS):  # wait_for of Python 3.11 may forget a cancellation
                return await future
        except (TimeoutError, DatabaseError, InterfaceError) as error:
            raise ChatError(Code.UNAVAILABLE) from error

    def stop(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


def _guarded(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return work(*args, **kwargs)
    except (DatabaseError, InterfaceError):
        connection.close()
        raise
