"""Group commit: what arrives while one transaction runs goes into the next.

A lone change waits for nobody, and a thousand share one commit. An outcome is told after the commit, never before.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from chat import limits
from chat.actions.messages import Item, Outcome
from chat.vitals import vitals
from chat.wire.codes import ChatError, Code

logger = logging.getLogger(__name__)

Tell = Callable[[Outcome], None]


class Commit(Protocol):
    async def __call__(self, items: Sequence[Item]) -> Sequence[Outcome]: ...


class _Pending(NamedTuple):
    item: Item
    tell: Tell
    deadline: float


class Writer:
    """Belongs to the event loop; `commit` runs one transaction, and they run one after another.

    `when_done` is called behind the outcomes of each.
    """

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._loop = asyncio.get_running_loop()
        self._pending: deque[_Pending] = deque()
        self._working: asyncio.Task[None] | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._stopping = False
        self._under_way: Sequence[_Pending] = ()
        self.when_done: Callable[[], object] | None = None

    def commit(self, item: Item, tell: Tell) -> None:
        """Put one change into the next transaction; `tell` gets its outcome, exactly once, on this loop.

        When there is none within DATABASE_SECONDS, that is told as `unavailable`: whether the change was made is then
        not known, and a repeat settles it.
        """
        if self._stopping or len(self._pending) >= limits.PENDING_CHANGES:
            tell(ChatError(Code.UNAVAILABLE))
            return
        self._pending.append(_Pending(item, tell, self._loop.time() + limits.DATABASE_SECONDS))
        if self._working is None:
            self._working = self._loop.create_task(self._work())
        elif self._expiry is None:
            self._expiry = self._loop.call_at(self._pending[0].deadline, self._expire)

    def is_changing(self, room: int) -> bool:
        """Whether the transaction under way has something for that room."""
        return any(pending.item.room == room for pending in self._under_way)

    @property
    def waiting(self) -> int:
        return len(self._pending)

    async def stop(self) -> None:
        """Take nothing more and commit what waits, within the time that the database has."""
        self._stopping = True
        if self._working is not None:
            await asyncio.wait([self._working], timeout=limits.DATABASE_SECONDS)

    async def _work(self) -> None:
        try:
            while self._pending:
                batch = [self._pending.popleft() for _ in range(min(len(self._pending), limits.BATCH_CHANGES))]
                began = self._loop.time()
                self._under_way = batch
                outcomes = await self._outcomes(batch)
                self._under_way = ()
                vitals.commit.observe(self._loop.time() - began)
                vitals.batch.observe(len(batch))
                # In a later turn of the loop: by then the next transaction has begun.
                self._loop.call_soon(self._told, batch, outcomes)
        finally:
            self._working = None

    def _told(self, batch: Sequence[_Pending], outcomes: Sequence[Outcome]) -> None:
        _tell(batch, outcomes)
        if self.when_done is not None:
            self.when_done()

    async def _outcomes(self, batch: Sequence[_Pending]) -> Sequence[Outcome]:
        try:
            async with asyncio.timeout_at(batch[0].deadline):
                return await self._commit([pending.item for pending in batch])
        except TimeoutError:
            return [ChatError(Code.UNAVAILABLE)] * len(batch)
        except ChatError as refusal:
            return [refusal] * len(batch)
        except Exception:
            logger.exception("a batch of %d changes failed", len(batch))
            return [ChatError(Code.INTERNAL)] * len(batch)

    def _expire(self) -> None:
        """Behind a database that stalls nobody waits longer than one transaction may take."""
        self._expiry = None
        expired: list[_Pending] = []
        while self._pending and self._pending[0].deadline <= self._loop.time():
            expired.append(self._pending.popleft())
        _tell(expired, [ChatError(Code.UNAVAILABLE)] * len(expired))
        if self._pending:
            self._expiry = self._loop.call_at(self._pending[0].deadline, self._expire)


def _tell(batch: Sequence[_Pending], outcomes: Sequence[Outcome]) -> None:
    for pending, outcome in zip(batch, outcomes, strict=True):
        try:
            pending.tell(outcome)
        except Exception:
            logger.exception("an outcome could not be told")
