"""When sockets are written to: at the end of a turn of the event loop, in one write each for all that became due in it.

A write costs some microseconds, however little is in it. In a large room that adds up to more than the transaction that
is under way still takes. Where that one changes the same room, what is due waits for it: everybody gets both in one
write, and the second of two sooner than otherwise. It waits no longer than the writing itself would take, so that
waiting in vain costs at most as much again.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import ClassVar, Protocol
from weakref import WeakKeyDictionary

from chat import limits

logger = logging.getLogger(__name__)


class Due(Protocol):
    def flush(self) -> None:
        """Write what is due."""


class Turn:
    """Belongs to one event loop."""

    _of_loops: ClassVar[WeakKeyDictionary[asyncio.AbstractEventLoop, "Turn"]] = WeakKeyDictionary()

    @classmethod
    def of_this_loop(cls) -> "Turn":
        loop = asyncio.get_running_loop()
        if loop not in cls._of_loops:
            cls._of_loops[loop] = cls()
        return cls._of_loops[loop]

    def __init__(self) -> None:
        self._due: list[Due] = []
        self._afterwards: list[Callable[[], object]] = []
        self._is_to_wait = False
        self._waiting: asyncio.TimerHandle | None = None

    def add(self, one: Due) -> None:
        """Flush it when the turn ends."""
        if not self._due:
            asyncio.get_running_loop().call_soon(self._end)
        self._due.append(one)

    def afterwards(self, call: Callable[[], object]) -> None:
        """Call it when what is due now has been written; at once, where nothing is."""
        if self._due:
            self._afterwards.append(call)
        else:
            call()

    def wait(self) -> None:
        """More for those to whom something is due now will come soon."""
        self._is_to_wait = True

    def more_came(self) -> None:
        """Write what waited for it."""
        if self._waiting is not None:
            self.flush()

    def flush(self) -> None:
        """Write what is due now."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        self._is_to_wait = False
        due, self._due = self._due, []
        afterwards, self._afterwards = self._afterwards, []
        for one in due:
            try:
                one.flush()
            except Exception:
                logger.exception("a socket could not be written to")
        for call in afterwards:
            call()

    def _end(self) -> None:
        if self._is_to_wait:
            self._waiting = asyncio.get_running_loop().call_later(len(self._due) * limits.WRITE_SECONDS, self.flush)
        else:
            self.flush()
