"""One room as this process holds it: its local members, and the number up to which they have heard everything.

Frames reach members in the order of `seq`, whatever the channel layer did: what is old is dropped, what is next goes
out, and what is too early waits until the gap before it is read from the database.

Whatever was said after a change of the room or of rights in it waits as well, until all who are here have been asked
for again: so nothing that is said after somebody's removal reaches them.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from chat import limits, policy
from chat.queries import log
from chat.queries.rooms import Numbers
from chat.realtime import rights
from chat.realtime.database import Runner
from chat.realtime.frames import Frames
from chat.realtime.rights import Insider
from chat.vitals import vitals
from chat.wire import codec
from chat.wire.announcements import Change, Changes
from chat.wire.codec import Dialect
from chat.wire.codes import ChatError, Close

logger = logging.getLogger(__name__)

_Numbered = tuple[int, str]  # a frame and its place in the order


class Listener(Insider, Protocol):
    """A socket in the room. `stand` is the number up to which it has everything; it gets only frames above."""

    dialect: Dialect
    stand: int

    def put_unless_busy(self, frames: Frames) -> None: ...

    def close(self, code: Close) -> None: ...


class LiveRoom:
    def __init__(self, numbers: Numbers, epoch: str, readers: Runner) -> None:
        self.pk = numbers.room
        self.epoch = epoch
        self.stand = numbers.seq
        self.plain_stand = numbers.seq  # never ahead of `stand`
        self.state_seq = numbers.state_seq  # of the state in which all who hear were asked for
        self._newest_state = numbers.state_seq  # the highest known to exist
        self._somebody_is_outdated = False  # perhaps; if not, there is no need to look through all of them
        self.rich: set[Listener] = set()
        self.plain: set[Listener] = set()
        self._held: set[Listener] = set()
        self._recent: list[Change] = []  # all changes above `_recent_after`, while somebody is held
        self._recent_after = self.stand
        self._late: dict[int, Changes] = {}
        self._newest = self.stand  # the highest number known to exist
        self._keeping_up: asyncio.Task[None] | None = None
        self._readers = readers
        self.fills = 0

    @property
    def wire_epoch(self) -> str:
        return wire_epoch(self.epoch, self.pk)

    @property
    def empty(self) -> bool:
        return not (self.rich or self.plain or self._held)

    @property
    def size(self) -> int:
        """How many sockets hear what is said here."""
        return len(self.rich) + len(self.plain)

    # Coming and going

    def hold(self, listener: Listener) -> None:
        """Register one who is still catching up; until `settle` it gets nothing from here."""
        self.leave(listener)
        if not self._held:
            self._recent, self._recent_after = [], self.stand
        self._held.add(listener)
        if self._is_outdated(listener):
            self._ask_soon()

    def settle(self, listener: Listener) -> bool:
        """Let one who has caught up take part, with what was said meanwhile. False: it has to read once more."""
        if self._is_outdated(listener):
            self._ask_soon()
            return False
        if listener.stand < self._recent_after:
            return False
        rich = [(change.seq, change.rich) for change in self._recent]
        _fan_out([listener], rich if listener.dialect is Dialect.RICH else _plain(self._recent))
        self.leave(listener)
        self._members(listener).add(listener)
        return True

    def ask_again(self, listener: Listener) -> None:
        """For this one there is a reason to, whatever the room's state."""
        listener.asked_at = -1
        self._ask_soon()

    async def asked_for(self, listener: Listener) -> None:
        """Wait, where rights have changed since this one's were asked for."""
        if self._keeping_up is not None and self._is_outdated(listener):
            await asyncio.wait([self._keeping_up])

    def leave(self, listener: Listener) -> None:
        self._members(listener).discard(listener)
        self._held.discard(listener)
        if not self._held:
            self._recent = []

    def mention(self, frame: str, *, but: int) -> None:
        """Tell what matters only now, to all but one person; to nobody, while it is asked who may still be here."""
        if self._somebody_is_outdated:
            return
        frames = Frames(frame)
        for listener in self.rich:
            if listener.person != but:
                listener.put_unless_busy(frames)

    def close(self, code: Close) -> None:
        """Send everybody away; they leave as their sockets close."""
        for listener in [*self.rich, *self.plain, *self._held]:
            listener.close(code)

    def _members(self, listener: Listener) -> set[Listener]:
        return self.rich if listener.dialect is Dialect.RICH else self.plain

    # Changes

    def hear(self, news: Changes) -> None:
        """Take an announcement, in whatever order and number it comes."""
        self._learn(news.upto, news.state_seq)
        if news.upto > self.stand:
            if news.after <= self.stand and news.state_seq <= self.state_seq:
                self._advance(news.changes, news.upto)
                if self._late:
                    self._take_late()
            elif len(self._late) < limits.LATE_ANNOUNCEMENTS:
                self._late[news.after] = news
        self._catch_up()

    @property
    def newest_state(self) -> int:
        """The highest number of a state of the room that is known to exist."""
        return self._newest_state

    def learn_state(self, state_seq: int) -> None:
        """Somebody knows of a change of the room or of rights in it, which may not be known here yet."""
        self._learn(0, state_seq)
        self._catch_up()

    def known(self, numbers: Numbers) -> None:
        """Learn from the database where the room stands."""
        self._learn(numbers.seq, numbers.state_seq)
        self._catch_up()

    def _catch_up(self) -> None:
        if self._newest > self.stand or self._newest_state > self.state_seq:
            self._keep_up_soon()

    def _learn(self, seq: int, state_seq: int) -> None:
        self._newest = max(self._newest, seq)
        if state_seq > self._newest_state:
            self._newest_state, self._somebody_is_outdated = state_seq, True

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
            news = self._late[early]
            if news.upto > self.stand and news.state_seq > self.state_seq:
                return
            del self._late[early]
            if news.upto > self.stand:
                self._advance(news.changes, news.upto)

    # Gaps and rights

    def _keep_up_soon(self) -> None:
        if self._keeping_up is None:
            self._keeping_up = asyncio.create_task(self._keep_up())

    def _ask_soon(self) -> None:
        self._somebody_is_outdated = True
        self._keep_up_soon()

    async def _keep_up(self) -> None:
        try:
            await self._ask_outdated()
            if self._newest > self.stand:
                await asyncio.sleep(limits.GAP_SECONDS)  # it may be merely late
            while self._newest > self.stand:
                await self._fill_page()
        except ChatError as error:
            logger.warning("room %d could not be read (%s)", self.pk, error.code)  # the next look tries again
        finally:
            self._keeping_up = None

    async def _ask_outdated(self) -> None:
        """When it is over, all who are here have been asked for since the last change of rights that is known."""
        while self._somebody_is_outdated:
            everybody = (*self.rich, *self.plain, *self._held)
            outdated = [listener for listener in everybody if self._is_outdated(listener)]
            if outdated:
                await rights.ask_again(self._readers, self.pk, outdated, self._newest_state)
            self._somebody_is_outdated = bool(outdated)
        self.state_seq = self._newest_state
        self._take_late()

    def _is_outdated(self, listener: Listener) -> bool:
        return listener.asked_at < self._newest_state

    async def _fill_page(self) -> None:
        self.fills += 1
        vitals.gap_fills += 1
        newest = self._newest
        page = await self._read(log.changed_since, self.stand, limits.FILL_MESSAGES)
        posted = await self._posted(page.seq) if self.plain else []
        await self._ask_outdated()
        self._advance([codec.change(message) for message in page.messages], page.seq, posted)
        # A state read here may hide that the message was new: the plain dialect's own read, by number, finds it.
        self._recent, self._recent_after = [], self.stand
        if not page.more and page.seq < newest == self._newest:
            logger.error("room %d: number %d was announced, the database stands at %d", self.pk, newest, page.seq)
            self._newest = self.stand
        self._take_late()

    async def _posted(self, upto: int) -> list[_Numbered]:
        """What the plain dialect lacks: by number, for a message edited since would come out of its place by seq."""
        found: list[_Numbered] = []
        stand = self.plain_stand
        while stand < upto:
            page = await self._read(log.posted_since, stand, upto, limits.FILL_MESSAGES)
            found += [(message.id, codec.encode(codec.plain(message))) for message in page.messages]
            if not page.more:
                break
            stand = page.seq
        return found

    async def _read(self, work: Callable[..., log.Page], *span: int) -> log.Page:
        page = await self._readers.run(work, policy.EVERYTHING, self.pk, *span)
        self._learn(0, page.state_seq)
        return page


def wire_epoch(epoch: str, room: int) -> str:
    """The name of this life of a room's log: of the database, and the room's key in it."""
    return f"{epoch}.{room}"


def _plain(changes: Sequence[Change]) -> list[_Numbered]:
    return [(change.seq, frame) for change in changes if (frame := codec.plain_frame(change)) is not None]


def _fan_out(listeners: Collection[Listener], frames: Sequence[_Numbered]) -> None:
    """The same bytes to everybody; who came with a later number gets only what lies above it."""
    if not frames:
        return
    everything, first = Frames(*(frame for _, frame in frames)), frames[0][0]
    vitals.deliveries += len(listeners) * len(frames)
    for listener in listeners:
        if listener.stand < first:
            listener.put_all(everything)
            continue
        fresh = [frame for number, frame in frames if number > listener.stand]
        vitals.deliveries -= len(frames) - len(fresh)
        if fresh:
            listener.put_all(Frames(*fresh))
