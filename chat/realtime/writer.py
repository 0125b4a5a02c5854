"""Group commit: what arrives while one transaction runs goes into the next.

A lone message waits for nobody, and a thousand share one commit. An outcome is told after the commit, never before.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from chat import limits
from chat.actions import messages
from chat.actions.messages import Outcome, Post
from chat.realtime.database import Threads
from chat.wire.codes import ChatError, Code

logger = logging.getLogger(__name__)

Tell = Callable[[Outcome], None]


class _Pending(NamedTuple):
    change: tuple[int, int, UUID, str]
    tell: Tell
    since: float


class Writer:
    """Belongs to the event loop; the transactions run one after another in a thread of their own."""

    def __init__(self) -> None:
        self._pending: deque[_Pending] = deque()
        self._threads = Threads("writer", 1)
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def post(self, room: int, author: int, client_id: UUID, text: str, tell: Tell) -> None:
        """Put one message into the next transaction; `tell` gets its outcome, exactly once, on this loop."""
        if self._stopping or len(self._pending) >= limits.PENDING_CHANGES:
            tell(ChatError(Code.UNAVAILABLE))
            return
        loop = asyncio.get_running_loop()
        self._pending.append(_Pending((room, author, client_id, text), tell, loop.time()))
        if self._task is None:
            self._task = loop.create_task(self._work())

    async def stop(self) -> None:
        """Take nothing more and commit what waits, within the time that the database has."""
        self._stopping = True
        if self._task is not None:
            await asyncio.wait([self._task], timeout=limits.DATABASE_SECONDS)
        self._threads.stop()

    async def _work(self) -> None:
        try:
            while self._pending:
                batch = [self._pending.popleft() for _ in range(min(len(self._pending), limits.BATCH_CHANGES))]
                self._tell(batch, await self._commit(batch))
                self._expire()
        finally:
            self._task = None

    async def _commit(self, batch: Sequence[_Pending]) -> Sequence[Outcome]:
        try:
            return await self._threads.run(_post, [pending.change for pending in batch])
        except ChatError as refusal:
            return [refusal] * len(batch)
        except Exception:
            logger.exception("a batch of %d changes failed", len(batch))
            return [ChatError(Code.INTERNAL)] * len(batch)

    def _expire(self) -> None:
        """Behind a database that stalls nobody waits longer than one transaction may take."""
        oldest = asyncio.get_running_loop().time() - limits.DATABASE_SECONDS
        while self._pending and self._pending[0].since < oldest:
            self._pending.popleft().tell(ChatError(Code.UNAVAILABLE))

    def _tell(self, batch: Sequence[_Pending], outcomes: Sequence[Outcome]) -> None:
        for pending, outcome in zip(batch, outcomes, strict=True):
            try:
                pending.tell(outcome)
            except Exception:
                logger.exception("an outcome could not be told")


def _post(changes: Sequence[tuple[Any, ...]]) -> list[Outcome]:
    drafts: list[Post] = [messages.draft(*change) for change in changes]
    return messages.post(drafts)
