"""One socket in a room: what it may say when, and what it has heard. Holds no rule about rooms or rights.

Nothing here waits for the database while other frames of the socket wait behind it: what takes time is a task, and
what comes before its time is kept, bounded, and handled in its order.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from enum import Enum, auto
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

from msgspec import UNSET

from chat import limits, policy
from chat.actions.messages import Delete, Done, Edit, Item, Outcome, Post, Posted, React, Through
from chat.actions.newcomers import Newcomers
from chat.queries import log
from chat.queries.standings import PersonRow
from chat.realtime import entrance, parts, rights
from chat.realtime.entrance import CaughtUp, Entered
from chat.realtime.frames import Frames
from chat.realtime.node import Node
from chat.realtime.outlet import Outlet
from chat.realtime.room import LiveRoom
from chat.text import ids
from chat.vitals import vitals
from chat.wire import codec, commands, events
from chat.wire.codec import Dialect
from chat.wire.codes import ChatError, Close, Code

logger = logging.getLogger(__name__)

R = TypeVar("R")

FEATURES = ["history", "presence", "typing", "edit", "delete", "react", "reply", "mentions", "read", "unread"]


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

_NOT_LET_IN = {
    Code.NOT_FOUND: Close.NO_ROOM,
    Code.LOG_IN_NEEDED: Close.LOGGED_OUT,
    Code.FORBIDDEN: Close.REMOVED,
}


class Member:
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
        self._early: list[commands.RichCommand | commands.PlainSend] = []
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

    # Coming

    def begin(self, *, history: int = 0, wished_name: str = "") -> None:
        """The socket is open. The rich dialect has to say hello in time; the plain one enters at once."""
        if self.dialect is Dialect.RICH:
            self._patience = asyncio.get_running_loop().call_later(limits.HELLO_SECONDS, self._no_hello)
        else:
            self._wished_name = wished_name
            self._move(State.ENTERING)
            self._do(self._enter_plain(history))

    def take(self, command: commands.RichCommand | commands.PlainSend) -> None:
        """Handle one command, now or when the socket is ready for it. Raises ChatError."""
        if self._state is State.GREETING and not isinstance(command, commands.Hello):
            raise ChatError(Code.BAD_REQUEST, "Say hello first.")
        if self._state is State.ENTERING:
            if len(self._early) >= limits.WAITING_FRAMES:
                raise ChatError(Code.RATE_LIMITED, "Too many frames before the room was open.", retry_after=1)
            self._early.append(command)
        else:
            self._handle(command)

    def refuse(self, refusal: ChatError, **marks: str) -> None:
        vitals.refusals[refusal.code] += 1
        self.put(codec.error(self.dialect, refusal, **marks))

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

    # Entering

    def _no_hello(self) -> None:
        self._outlet.close(Close.NO_HELLO)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    async def _enter_rich(self, hello: commands.Hello) -> None:
        if self._room is not None:
            self._room.hold(self)  # or what is said meanwhile would come before the answer, which is older
        entered, caught_up = await self._within_time(self._how_to_enter(hello))
        room = self._enter(entered)
        self.put(codec.encode(self._hello(entered, room)))
        await self._catch_up(room, caught_up)
        self._node.arrived(room, self, self._user)
        self.put(self._node.presence.whole(room.pk))

    def _how_to_enter(self, hello: commands.Hello) -> partial[tuple[Entered, CaughtUp]]:
        since = hello.since, hello.epoch
        if self._user is not None and self._room is not None:
            return partial(entrance.enter_again, self._user, self._room.pk, self._key, *since)
        return partial(entrance.enter_rich, self.slug, self._newcomers, self._session, hello.key, *since)

    async def _enter_plain(self, history: int) -> None:
        entered = await self._within_time(partial(entrance.enter_plain, self.slug, self._newcomers, self._session))
        room = self._enter(entered)
        self.stand = entered.numbers.seq
        if history:
            await self._tell_history(room, history)
        while not room.settle(self):
            await self._read_on_plain(room)
        self._node.arrived(room, self, self._user)

    def _enter(self, entered: Entered) -> LiveRoom:
        """From here on one hears of what changes in the room, and of what happens to the person."""
        self._user, self._key = entered.user, entered.key
        self.tie = self.tie or entered.tie
        self.asked_at = entered.numbers.state_seq
        self.told = rights.frame(entered.described) if self.dialect is Dialect.RICH else ""
        self._room = self._node.entering(entered, self)
        return self._room

    async def _within_time(self, enter: partial[R]) -> R:
        async with asyncio.timeout(limits.IDENTITY_SECONDS):
            return await self._node.readers.run(enter)

    def _hello(self, entered: Entered, room: LiveRoom) -> events.Hello:
        user = self._user
        assert user is not None
        return events.Hello(
            user=events.Person(user.pk, user.display_name, user.is_guest),
            room=entered.described,
            epoch=room.wire_epoch,
            seq=entered.numbers.seq,
            read=entered.read,
            limits={
                "message": limits.MESSAGE_LENGTH,
                "frame": limits.FRAME_BYTES,
                "burst": limits.MESSAGE_BURST,
                "per_second": limits.MESSAGES_PER_SECOND,
                "edit_seconds": limits.EDIT_SECONDS,
            },
            tick=limits.TICK_SECONDS,
            features=FEATURES,
            key=entered.key or UNSET,
        )

    async def _catch_up(self, room: LiveRoom, missed: CaughtUp) -> None:
        """Bring the client from its number to where the room is, and let it take part from there."""
        for place, part in enumerate(parts.sync(missed.page.messages, missed.page.seq, complete=missed.complete)):
            if place:
                await self._outlet.room_for_more()
            self.put(part)
        self.stand = missed.page.seq
        while not room.settle(self):
            await self._read_on_rich(room)

    async def _read_on_rich(self, room: LiveRoom) -> None:
        """What was said while the catch-up was on its way was more than the room keeps."""
        await room.asked_for(self)
        who = policy.visible(self._user)
        page = await self._node.readers.run(log.changed_since, who, room.pk, self.stand, limits.FILL_MESSAGES)
        for message in page.messages:
            self.put(codec.encode(message))
        await self._outlet.room_for_more()
        self.stand = page.seq

    async def _read_on_plain(self, room: LiveRoom) -> None:
        await room.asked_for(self)
        who = policy.visible(self._user)
        upto = max(room.stand, self.stand)
        page = await self._node.readers.run(log.posted_since, who, room.pk, self.stand, upto, limits.FILL_MESSAGES)
        await self._tell_plain(page.messages)
        self.stand = page.seq if page.more else upto

    async def _tell_history(self, room: LiveRoom, count: int) -> None:
        who = policy.visible(self._user)
        page = await self._node.readers.run(log.newest, who, room.pk, count, tombstones=False)
        await self._tell_plain(page.messages)
        self.stand = page.seq

    async def _tell_plain(self, messages: list[events.Message]) -> None:
        for message in messages:
            self.put(codec.encode(codec.plain(message)))
        await self._outlet.room_for_more()

    # Commands

    def _handle(self, command: commands.RichCommand | commands.PlainSend) -> None:
        match command:
            case commands.Send(client_id=client_id, message=text, reply_to=reply_to):
                self._post(codec.message_text(text), codec.client_uuid(client_id), client_id, reply_to)
            case commands.Hello():
                self._stop_waiting()
                self._move(State.ENTERING)
                self._do(self._enter_rich(command))
            case commands.Edit(ref=ref, id=number, message=text):
                self._change(ref, partial(Edit, number=number, text=codec.message_text(text)))
            case commands.Delete(ref=ref, id=number):
                self._change(ref, partial(Delete, number=number))
            case commands.React(ref=ref, id=number, emoji=emoji, op=op):
                self._change(ref, partial(React, number=number, emoji=codec.reaction(emoji), add=op == "add"))
            case commands.PlainSend(message=text):
                self._post_plain(codec.message_text(text))
            case commands.History():
                self._read_history(command)
            case commands.Presence(state=state):
                self._node.idle(self._room, self, self._user, state == "idle")
            case commands.Typing():
                if rights.may(self.told, "send"):
                    self._node.write(self._room, self._user)
            case commands.Read(id=number, back=back):
                assert self._room is not None
                assert self._user is not None
                self._node.read(self._room, self, self._user, number, back=back)

    def _post(self, text: str, once: UUID, client_id: str, reply_to: int | None = None) -> None:
        room, author, through = self._whence()
        item = Post(room, author, once, text, through, reply_to)
        self._node.writer.commit(item, partial(self._posted, client_id))

    def _change(self, ref: str, item: Callable[..., Item]) -> None:
        room, author, through = self._whence()
        self._node.writer.commit(item(room=room, author=author, through=through), partial(self._changed, ref))

    def _whence(self) -> tuple[int, int, Through | None]:
        """Room and author of a change that one makes here, and the session it comes through. Raises ChatError."""
        assert self._user is not None
        assert self._room is not None
        wait = self._node.message_rates.take(self._user.pk)
        if wait:
            raise ChatError(Code.RATE_LIMITED, "You are sending too fast; wait a moment.", retry_after=wait)
        through = Through(self.tie, self._user.sessions_ended) if self.tie else None
        return self._room.pk, self._user.pk, through

    def _changed(self, ref: str, outcome: Outcome) -> None:
        if isinstance(outcome, ChatError):
            self.refuse(outcome, ref=ref)
        elif isinstance(outcome, Done):
            self.put(codec.encode(events.Done(ref, outcome.seq)))

    def _posted(self, client_id: str, outcome: Outcome) -> None:
        rich = self.dialect is Dialect.RICH
        if isinstance(outcome, ChatError):
            self.refuse(outcome, **({"client_id": client_id} if rich else {}))
        elif isinstance(outcome, Posted) and rich:
            self.put(codec.encode(events.Ack(client_id, outcome.number)))

    def _post_plain(self, text: str) -> None:
        once = ids.uuid7()
        if self._user is not None:
            self._post(text, once, "")
            return
        self._move(State.ENTERING)
        self._do(self._become_someone(text, once))

    async def _become_someone(self, text: str, once: UUID) -> None:
        assert self._room is not None
        try:
            self._user = await self._node.readers.run(
                entrance.make_guest, self._newcomers, self._key, self._wished_name
            )
        except ChatError as refusal:
            if refusal.code in _NOT_LET_IN:
                raise
            self.refuse(refusal)
            return
        self._node.arrived(self._room, self, self._user)
        self._post(text, once, "")

    def _read_history(self, asked: commands.History) -> None:
        if self._reading_history:
            raise ChatError(Code.RATE_LIMITED, "One page of history at a time.", retry_after=0.5)
        self._reading_history = True
        self._do(self._tell_page(asked), enters=False)

    async def _tell_page(self, asked: commands.History) -> None:
        assert self._room is not None
        try:
            self.put(await self._node.readers.run(entrance.history, self._user, self._room.pk, asked))
        except ChatError as refusal:
            self.refuse(refusal, ref=asked.ref)
        finally:
            self._reading_history = False

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
        if (
            refusal.code is Code.NOT_FOUND and self._room is not None
        ):  # out again already: the room says with which code
            self._room.ask_again(self)
            await self._room.asked_for(self)
        if refusal.code in _NOT_LET_IN:
            self._outlet.close(_NOT_LET_IN[refusal.code])
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
