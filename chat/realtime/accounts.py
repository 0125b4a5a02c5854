"""What happens to people as a whole, obeyed by the sockets that are open: log-outs, passwords, new names, ends.

It is heard at once from the process where it happened, and once a second from the database, should that word be lost.
Whatever was heard, but for the end of one session, the database is asked how it is with the person now: so hearing it
late, twice or out of order does no harm.
"""

import asyncio
import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import NamedTuple, Protocol

from chat import limits
from chat.queries import people
from chat.queries.people import Presently
from chat.realtime.database import Runner
from chat.wire.announcements import Account, AccountChange
from chat.wire.codes import ChatError, Close

logger = logging.getLogger(__name__)

_NAMES = (AccountChange.RENAMED, AccountChange.DELETED)


class Holder(Protocol):
    """A socket, as it belongs to a person and to a session; `tie` is empty where there is none."""

    tie: str

    @property
    def person(self) -> int | None: ...

    def called(self, name: str) -> None: ...

    def send_away(self, code: Close) -> None: ...

    def still_in(self, sessions_ended: int) -> None: ...

    def ask_again(self) -> None:
        """Have the rights in the room asked for again."""


class _Heard(NamedTuple):
    at: float
    name: str
    told: str | None  # the name that the rooms were told; None: none lately


class Accounts:
    def __init__(self, readers: Runner, sockets: Collection[Holder], rename: Callable[[int, str], None]) -> None:
        """`sockets` are all of this process; `rename` tells the rooms where somebody is seen."""
        self._readers = readers
        self._sockets = sockets
        self._rename = rename
        self._seen: Collection[int] = ()  # the events of the last look
        self._people: dict[int, _Heard] = {}  # to whom something happened lately
        self._ended: dict[str, float] = {}  # the sessions that ended lately
        self._doubted: set[int] = set()  # of whom the database is to be asked
        self._asking: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._watch())]

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def happened(self, news: Account) -> None:
        if news.change == AccountChange.LOGGED_OUT and news.tie:
            self._ended[news.tie] = monotonic()
            for socket in [one for one in self._sockets if one.tie == news.tie]:
                socket.send_away(Close.LOGGED_OUT)
        elif news.person is not None:
            known = self._people.get(news.person)
            told = known.told if known else None
            if news.change in _NAMES and told != news.name:
                self._call(news.person, news.name)
                told = news.name
            self._people[news.person] = _Heard(monotonic(), news.name, told)
            if news.change != AccountChange.RENAMED:
                self._doubt(news.person)

    def entering(self, socket: Holder) -> None:
        """Tell one who was being looked up while something happened; soon, for it is in the middle of entering."""
        if socket.tie in self._ended:
            asyncio.get_running_loop().call_soon(socket.send_away, Close.LOGGED_OUT)
        if socket.person is not None and (heard := self._people.get(socket.person)):
            socket.called(heard.name)
            self._doubt(socket.person)

    def _call(self, person: int, name: str) -> None:
        for socket in self._sockets:
            if socket.person == person:
                socket.called(name)
        self._rename(person, name)

    # Asking

    def _doubt(self, *people: int) -> None:
        self._doubted.update(people)
        if self._doubted and self._asking is None:
            self._asking = asyncio.create_task(self._ask())

    async def _ask(self) -> None:
        asked: set[int] = set()
        try:
            while self._doubted:
                asked, self._doubted = self._doubted, set()
                self._judge(asked, await self._readers.run(people.presently, asked))
        except ChatError:
            self._doubted |= asked  # until the next look
        finally:
            self._asking = None

    def _judge(self, asked: Collection[int], found: dict[int, Presently]) -> None:
        for socket in [one for one in self._sockets if one.person in asked]:
            now = found.get(socket.person or 0)
            if now is None or not now.is_active:
                socket.send_away(Close.REMOVED)
            elif not now.holds(socket.tie):
                socket.send_away(Close.LOGGED_OUT)
            else:
                socket.still_in(now.sessions_ended)
                socket.ask_again()

    # Looking

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(limits.POLL_SECONDS)
            try:
                await self._look()
            except ChatError:
                pass  # the hub's own look has said that the database is away
            except Exception:
                logger.exception("a look at what happened to people failed")

    async def _look(self) -> None:
        if not self._sockets:
            return
        since = datetime.now(UTC) - timedelta(seconds=limits.ACCOUNT_NEWS_SECONDS)
        events = await self._readers.run(people.events_since, since)
        for key, news in events.items():
            if key not in self._seen:
                self.happened(news)
        self._seen = events.keys()
        self._forget(monotonic() - limits.ACCOUNT_NEWS_SECONDS)
        self._doubt()

    def _forget(self, before: float) -> None:
        self._people = {person: heard for person, heard in self._people.items() if heard.at > before}
        self._ended = {tie: at for tie, at in self._ended.items() if at > before}
