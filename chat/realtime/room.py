"""One room as this process holds it: its local members, and the number up to which they have heard everything.

Frames reach members in the order of `seq`, whatever the channel layer did: what is old is dropped, what is next goes
out, and what is too early waits until the gap before it is read from the database.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from typing import Protocol

from chat import limits, policy
from chat.queries import log
from chat.queries.rooms import Numbers
from chat.realtime.database import Runner
from chat.realtime.frames import Frames
from chat.wire import codec
from chat.wire.announcements import Change, Changes
from chat.wire.codec import Dialect
from chat.wire.codes import ChatError, Close

logger = logging.getLogger(__name__)

_Numbered = tuple[int, str]  # a frame and its place in the order


class Listener(Protocol):
    """A socket in the room. `stand` is the number up to which it has everything; it gets only frames above."""

    dialect: Dialect
    stand: int

    def put_all(self, frames: Frames) -> None: ...

    def close(self, code: Close) -> None: ...


class LiveRoom:
    def __init__(self, numbers: Numbers, epoch: str, readers: Runner) -> None:
        self.pk = numbers.room
        self.epoch = epoch
        self.stand = numbers.seq
        self.plain_stand = numbers.seq  # never ahead of `stand`
        self.state_seq = numbers.state_seq
        self.rich: set[Listener] = set()
        self.plain: set[Listener] = set()
        self._held: set[Listener] = set()
        self._recent: list[Change] = []  # all changes above `_recent_after`, while somebody is held
        self._recent_after = self.stand
        self._late: dict[int, Changes] = {}
        self._newest = self.stand  # the highest number known to exist
        self._filling: asyncio.Task[None] | None = None
        self._readers = readers
        self.fills = 0

    @property
    def wire_epoch(self) -> str:
        return wire_epoch(self.epoch, self.pk)

    @property
    def empty(self) -> bool:
        return not (self.rich or self.plain or self._held)

    # Coming and going

    def hold(self, listener: Listener) -> None:
        """Register one who is still catching up; until `settle` it gets nothing from here."""
        self.leave(listener)
        if not self._held:
            self._recent, self._recent_after = [], self.stand
        self._held.add(listener)

    def settle(self, listener: Listener) -> bool:
        """Let one who has caught up take part, with what was said meanwhile. False: it has to read once more."""
        if listener.stand < self._recent_after:
            return False
        rich = [(change.seq, change.rich) for change in self._recent]
        _fan_out([listener], rich if listener.dialect is Dialect.RICH else _plain(self._recent))
        self.leave(listener)
        self._members(listener).add(listener)
        return True

    def leave(self, listener: Listener) -> None:
        self._members(listener).discard(listener)
        self._held.discard(listener)
        if not self._held:
            self._recent = []

    def close(self, code: Close) -> None:
        """Send everybody away; they leave as their sockets close."""
        for listener in [*self.rich, *self.plain, *self._held]:
            listener.close(code)

    def _members(self, listener: Listener) -> set[Listener]:
        return self.rich if listener.dialect is Dialect.RICH else self.plain

    # Changes

    def hear(self, news: Changes) -> None:
        """Take an announcement, in whatever order and number it comes."""
        self._newest = max(self._newest, news.upto)
        if news.upto <= self.stand:
            return
        if news.after > self.stand:
            if len(self._late) < limits.LATE_ANNOUNCEMENTS:
                self._late[news.after] = news
            self._fill_soon()
            return
        self._advance(news.changes, news.upto)
        self._take_late()

    def known(self, numbers: Numbers) -> None:
        """Learn from the database where the room stands."""
        self._newest = max(self._newest, numbers.seq)
        self.state_seq = max(self.state_seq, numbers.state_seq)
        if self._newest > self.stand:
            self._fill_soon()

    def _advance(self, changes: Sequence[Change], upto: int, posted: Sequence[_Numbered] | None = None) -> None:
        """Send what lies above the stand. `posted` (number, frame) replaces the changes' own plain frames."""
        fresh = [change for change in changes if change.seq > self.stand]
        _fan_out(self.rich, [(change.seq, change.rich) for change in fresh])
        if self.plain:
            plain = _plain(fresh) if posted is None else posted
            _fan_out(self.plain, [(number, frame) for number, frame in plain if number > self.plain_stand])
        self._remember(fresh)
        self.stand = self.plain_stand = max(self.stand, upto)

    def _remember(self, fresh: Sequence[Change]) -> None:
        if not self._held:
            return
        self._recent.extend(fresh)
        if len(self._recent) > limits.HELD_CHANGES:
            self._recent_after = self._recent[-1].seq
            self._recent = []

    def _take_late(self) -> None:
        while (early := min(self._late, default=None)) is not None and early <= self.stand:
            news = self._late.pop(early)
            if news.upto > self.stand:
                self._advance(news.changes, news.upto)

    # Gaps

    def _fill_soon(self) -> None:
        if self._filling is None:
            self._filling = asyncio.create_task(self._fill())

    async def _fill(self) -> None:
        try:
            await asyncio.sleep(limits.GAP_SECONDS)  # it may be merely late
            while self._newest > self.stand:
                await self._fill_page()
                self._take_late()
        except ChatError as error:
            logger.warning("room %d: a gap could not be read (%s)", self.pk, error.code)  # the next look tries again
        finally:
            self._filling = None

    async def _fill_page(self) -> None:
        self.fills += 1
        newest = self._newest
        page = await self._readers.run(log.changed_since, policy.EVERYTHING, self.pk, self.stand, limits.FILL_MESSAGES)
        posted = await self._posted(page.seq) if self.plain else []
        self._advance([codec.change(message) for message in page.messages], page.seq, posted)
        # A state read here may hide that the message was new: the plain dialect's own read, by number, finds it.
        self._recent, self._recent_after = [], self.stand
        if not page.more and page.seq < newest == self._newest:
            logger.error("room %d: number %d was announced, the database stands at %d", self.pk, newest, page.seq)
            self._newest = self.stand

    async def _posted(self, upto: int) -> list[_Numbered]:
        """What the plain dialect lacks: by number, for a message edited since would come out of its place by seq."""
        found: list[_Numbered] = []
        stand = self.plain_stand
        while stand < upto:
            page = await self._readers.run(
                log.posted_since, policy.EVERYTHING, self.pk, stand, upto, limits.FILL_MESSAGES
            )
            found += [(message.id, codec.encode(codec.plain(message))) for message in page.messages]
            if not page.more:
                break
            stand = page.seq
        return found


def wire_epoch(epoch: str, room: int) -> str:
    """The name of this life of a room's log: of the database, and the room's key in it."""
    return f"{epoch}.{room}"


def _plain(changes: Sequence[Change]) -> list[_Numbered]:
    return [(change.seq, change.plain) for change in changes if change.plain is not None]


def _fan_out(listeners: Iterable[Listener], frames: Sequence[_Numbered]) -> None:
    """The same bytes to everybody; who came with a later number gets only what lies above it."""
    if not frames:
        return
    everything, first = Frames(*(frame for _, frame in frames)), frames[0][0]
    for listener in listeners:
        if listener.stand < first:
            listener.put_all(everything)
        elif fresh := [frame for number, frame in frames if number > listener.stand]:
            listener.put_all(Frames(*fresh))
