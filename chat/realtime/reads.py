"""Gathers how far people have read, and has it kept: what comes within half a second is one commit.

So it never slows what is said, however many people read at once. What a person tells several times meanwhile is kept
as one move.
"""

import asyncio
import logging
from contextlib import suppress
from itertools import islice

from chat import limits
from chat.actions import reads
from chat.actions.reads import NOTHING, Reading
from chat.realtime.database import Runner
from chat.wire.codes import ChatError

logger = logging.getLogger(__name__)


class Reads:
    def __init__(self, writers: Runner) -> None:
        self._writers = writers
        self._waiting: dict[tuple[int, int], Reading] = {}
        self._keeping: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    def forward(self, room: int, person: int, number: int, source: str) -> None:
        self._waiting[room, person] = self._of(room, person).forward(number, source)
        self._keep_soon()

    def back(self, room: int, person: int, number: int, source: str) -> None:
        """From this number on it is unread again."""
        self._waiting[room, person] = self._of(room, person).back(number, source)
        self._keep_soon()

    async def stop(self) -> None:
        """Keep what waits, without a pause."""
        self._stopping.set()
        if self._keeping is not None:
            await asyncio.wait([self._keeping], timeout=limits.DATABASE_SECONDS)

    def _of(self, room: int, person: int) -> Reading:
        return self._waiting.get((room, person)) or NOTHING._replace(room=room, person=person)

    def _keep_soon(self) -> None:
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        """The first move is kept at once; those that come behind it wait for one another."""
        try:
            while self._waiting:
                await self._keep_some()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), limits.READ_SECONDS)
        finally:
            self._keeping = None

    async def _keep_some(self) -> None:
        some = list(islice(self._waiting, limits.READS))
        readings = [self._waiting.pop(pair) for pair in some]
        try:
            await self._writers.run(reads.keep, readings)
        except ChatError as error:  # a position is no promise: people go on reading, and tell where they are
            logger.warning("how far %d people have read was not kept (%s)", len(readings), error.code)
        except Exception:
            logger.exception("how far %d people have read was not kept", len(readings))
