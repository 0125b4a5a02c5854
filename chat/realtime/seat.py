"""One socket as a place in a room: what leaves it, what it is at, and how it ends. Holds no rule about rooms or rights.

Nothing here waits for the database while other frames of the socket wait behind it: what takes time is a task, and
what comes before its time is kept, bounded, and handled in its order.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Coroutine
from enum import Enum, auto
from typing import Any

from chat import limits
from chat.actions.newcomers import Newcomers
from chat.queries.standings import PersonRow
from chat.realtime.frames import Frames
from chat.realtime.node import Node
from chat.realtime.outlet import Outlet
from chat.realtime.room import LiveRoom
from chat.vitals import vitals
from chat.wire import codec, commands
from chat.wire.codec import Dialect
from chat.wire.codes import ChatError, Close, Code

logger = logging.getLogger(__name__)

Command = commands.RichCommand | commands.PlainSend


class State(Enum):
    GREETING = auto()  # rich: no hello yet
    ENTERING = auto()  # who it is and what it missed is being found out
    HERE = auto()
    GONE = auto()


_LEGAL = {
    State.GREETING: {State.ENTERING, State.GONE},
    State.ENTERING: {State.HERE, State.GONE},
    State.HERE: {State.ENTERING, State.GONE},
    State.GONE: set(),
}

NOT_LET_IN = {
    Code.NOT_FOUND: Close.NO_ROOM,
    Code.LOG_IN_NEEDED: Close.LOGGED_OUT,
    Code.FORBIDDEN: Close.REMOVED,
}


class Seat(ABC):
    """How one comes to be here is `Arrival`'s, what one may say then `Member`'s."""

    __slots__ = (
        "__weakref__",
        "_early",
        "_key",
        "_newcomers",
        "_node",
        "_outlet",
        "_patience",
        "_reading_history",
        "_room",
        "_session",
        "_state",
        "_tasks",
        "_user",
        "_wished_name",
        "address",
        "asked_at",
        "counted_for",
        "dialect",
        "slug",
        "source",
        "stand",
        "tie",
        "told",
    )

    def __init__(
        self, node: Node, outlet: Outlet, dialect: Dialect, slug: str, session: str | None, address: str | None
    ) -> None:
        self.dialect = dialect
        self.stand = 0
        self.asked_at = 0
        self.told = ""
        self.tie = ""
        self.source = ""  # its name, once it has told how far its person has read
        self._node = node
        self._outlet = outlet
        self.slug = slug
        self._session = session
        self.address = address
        self.counted_for: int | None = None  # the person whose sockets this one is among
        self._newcomers = Newcomers(address)
        self._state = State.GREETING
        self._user: PersonRow | None = None
        self._key: str | None = None
        self._room: LiveRoom | None = None
        # Lists, for they are empty most of the time, and an empty deque or set is several times the size.
        self._early: list[Command] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._patience: asyncio.TimerHandle | None = None
        self._reading_history = False
        self._wished_name = ""

    @property
    def person(self) -> int | None:
        return self._user.pk if self._user else None

    @property
    def entered(self) -> bool:
        """Whether it was ever let into the room."""
        return self._room is not None

    @property
    def unread(self) -> int:
        return self._outlet.unread

    def called(self, name: str) -> None:
        """This person's name from now on."""
        if self._user is not None:
            self._user = self._user._replace(display_name=name)

    def still_in(self, sessions_ended: int) -> None:
        """The session was asked for and holds."""
        if self._user is not None:
            self._user = self._user._replace(sessions_ended=sessions_ended)

    def put(self, frame: str) -> None:
        self._outlet.put(Frames(frame))

    def put_all(self, frames: Frames) -> None:
        """Send what goes to many others too."""
        self._outlet.put(frames)

    def put_unless_busy(self, frames: Frames) -> None:
        """Send what is worth nothing later."""
        self._outlet.put_unless_busy(frames)

    def refuse(self, refusal: ChatError, **marks: str) -> None:
        vitals.refusals[refusal.code] += 1
        self.put(codec.error(self.dialect, refusal, **marks))

    # What comes

    def take(self, command: Command) -> None:
        """Handle one command, now or when the socket is ready for it. Raises ChatError."""
        if self._state is State.GREETING and not isinstance(command, commands.Hello):
            raise ChatError(Code.BAD_REQUEST, "Say hello first.")
        if self._state is State.ENTERING:
            if len(self._early) >= limits.WAITING_FRAMES:
                raise ChatError(Code.RATE_LIMITED, "Too many frames before the room was open.", retry_after=1)
            self._early.append(command)
        else:
            self._handle(command)

    @abstractmethod
    def _handle(self, command: Command) -> None:
        """What the client asks for, now that the socket is ready for it. Raises ChatError."""

    # The end

    def close(self, code: Close) -> None:
        self._outlet.close(code)

    def dismiss(self, notice: str, code: Close) -> None:
        """Say why, as far as the dialect can, and close."""
        if notice and self.dialect is Dialect.RICH and self._state is not State.GREETING:
            self.put(notice)
        self._outlet.close(code)

    def ask_again(self) -> None:
        if self._room is not None:
            self._room.ask_again(self)

    def send_away(self, code: Close) -> None:
        """Close, and leave the room at once: a client may take its time to answer the close."""
        self._outlet.close(code)
        self._leave()

    def gone(self) -> None:
        """The socket is closed, by whomever."""
        self._outlet.stop()
        self._leave()

    def _leave(self) -> None:
        if self._state is State.GONE:
            return
        self._state = State.GONE
        self._stop_waiting()
        for task in self._tasks:
            task.cancel()
        if self._room is not None:
            self._node.left(self._room, self, self._user)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    # Tasks and states

    def _do(self, work: Coroutine[Any, Any, None], *, enters: bool = True) -> None:
        task = asyncio.create_task(self._guarded(work, enters))
        self._tasks.append(task)
        task.add_done_callback(self._tasks.remove)
        task.add_done_callback(lambda _: work.close())  # of one cancelled before it began

    async def _guarded(self, work: Coroutine[Any, Any, None], enters: bool) -> None:
        """Entering may fail: then the socket closes with the code that tells why. It never raises."""
        try:
            await work
        except ChatError as refusal:
            await self._entering_failed(refusal)
        except TimeoutError:
            self._outlet.close(Close.UNAVAILABLE)
        except Exception:
            logger.exception("a socket failed")
            self._outlet.close(Close.UNAVAILABLE)
        else:
            if enters:
                self._entered()

    async def _entering_failed(self, refusal: ChatError) -> None:
        if refusal.code is Code.NOT_FOUND and self._room is not None:
            # Out again already: the room says with which code.
            self._room.ask_again(self)
            await self._room.asked_for(self)
        if refusal.code in NOT_LET_IN:
            self._outlet.close(NOT_LET_IN[refusal.code])
        elif refusal.code is Code.RATE_LIMITED and self.dialect is Dialect.RICH:
            self._outlet.close(Close.FLOOD)
        else:
            self._outlet.close(Close.UNAVAILABLE)

    def _entered(self) -> None:
        """Whatever came meanwhile is handled now, in its order; a hello among it makes the rest wait again."""
        if self._state is State.ENTERING:
            self._move(State.HERE)
            self._handle_early()

    def _handle_early(self) -> None:
        while self._early and self._state is State.HERE:
            command = self._early.pop(0)
            try:
                self._handle(command)
            except ChatError as refusal:
                self.refuse(refusal, **codec.marks_of(command))

    def _move(self, state: State) -> None:
        if state not in _LEGAL[self._state]:
            raise RuntimeError(f"a socket cannot go from {self._state} to {state}")
        self._state = state
