"""Chats as a client would, in either dialect: verbs that say something, and waits with a deadline for what comes.

Every frame of the server has to be exactly one of the shapes in chat.wire.events, in the order that the protocol
promises: a frame that is not fails whatever waits, or the end of the client, in whatever test it came.
"""

import asyncio
import json
import operator
from collections.abc import Callable
from functools import reduce
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from chat.text import ids
from chat.wire import events
from chat.wire.codec import SUBPROTOCOL

DEADLINE_SECONDS = 15.0


class Sync(events.Sync, tag="sync", frozen=True):
    """As a client reads it; the server's own may hold messages that are encoded already."""

    messages: list[events.Message]


class History(events.History, tag="history", frozen=True):
    messages: list[events.Message]


Frame = events.Event | events.PlainMessage
E = TypeVar("E", bound=Frame)
Found = TypeVar("Found")

_kinds = [kind for kind in events.Event.__subclasses__() if kind not in (events.Sync, events.History)]
_rich: msgspec.json.Decoder[events.Event] = msgspec.json.Decoder(reduce(operator.or_, [*_kinds, Sync, History]))
_plain_message = msgspec.json.Decoder(events.PlainMessage)
_plain_error = msgspec.json.Decoder(events.Error)


class Refused(Exception):
    """The server answered with an `error`."""

    def __init__(self, error: events.Error) -> None:
        super().__init__(f"{error.code}: {error.message}")
        self.error = error


def read_rich(frame: str) -> events.Event:
    return _exactly(_rich.decode(frame), frame)


def read_plain(frame: str) -> Frame:
    decoder = _plain_error if '"type"' in frame and "type" in json.loads(frame) else _plain_message
    return _exactly(decoder.decode(frame), frame)


def _exactly(event: E, frame: str) -> E:
    """Nothing was said that the shape does not know, and nothing was left out."""
    assert msgspec.to_builtins(event) == json.loads(frame), f"not exactly a {type(event).__name__}: {frame}"
    return event


class Client:
    """One socket of one room. Use `async with RichClient(server.ws_url("lobby")) as ana`."""

    subprotocol: str | None = None

    def __init__(self, url: str, *, cookie: str = "", origin: str | None = None, **headers: str) -> None:
        self._url = url
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if cookie:
            self._headers["Cookie"] = cookie
        self._origin = origin
        self.frames: list[Frame] = []
        self._taken: dict[type, int] = {}
        self._news = asyncio.Condition()
        self._ended = False
        self._fault: BaseException | None = None

    async def __aenter__(self) -> Self:
        self.socket: ClientConnection = await connect(
            self._url,
            subprotocols=[Subprotocol(self.subprotocol)] if self.subprotocol else None,
            origin=Origin(self._origin) if self._origin else None,
            additional_headers=self._headers,
            compression=None,
            ping_interval=None,
            open_timeout=DEADLINE_SECONDS,
            close_timeout=DEADLINE_SECONDS,
            max_size=None,
            max_queue=None,
            proxy=None,
        )
        self._reading = asyncio.create_task(self._read_all())
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: TracebackType | BaseException | None) -> None:
        await self.leave()
        if kind is None and self._fault is not None:
            raise self._fault

    async def leave(self) -> None:
        await self.socket.close()
        await self._reading

    @property
    def close_code(self) -> int | None:
        return self.socket.close_code

    async def closed(self, deadline: float = DEADLINE_SECONDS) -> int:
        """Wait until the server closes; its code (1006: without a close frame)."""
        await self.until(lambda: self._ended, "the server closes", deadline)
        await self.socket.wait_closed()
        assert self.socket.close_code is not None
        return self.socket.close_code

    async def send_frame(self, frame: str | bytes) -> None:
        """Send a frame as it is, whatever it holds."""
        await self.socket.send(frame)

    async def send(self, **fields: Any) -> None:
        await self.send_frame(json.dumps(fields))

    async def next(self, kind: type[E], deadline: float = DEADLINE_SECONDS) -> E:
        """The next event of this kind that `next` has not handed out yet."""
        seen = self._taken.get(kind, 0)
        found = await self.until(lambda: self._from(seen, kind), f"the next {kind.__name__}", deadline)
        self._taken[kind] = found[0] + 1
        return found[1]

    async def refused(self, deadline: float = DEADLINE_SECONDS) -> events.Error:
        return await self.next(events.Error, deadline)

    async def until(
        self, condition: Callable[[], Found | None], what: str, deadline: float = DEADLINE_SECONDS
    ) -> Found:
        """Wait for the condition to give something true, asked after every frame; what it gave."""
        try:
            async with asyncio.timeout(deadline), self._news:
                while not (found := condition()):
                    self._fail_on_fault()
                    assert not self._ended, f"closed with {self.close_code} while waiting: {what}; {self._recent()}"
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"not within {deadline:g} s: {what}; {self._recent()}") from None
        self._fail_on_fault()
        return found

    def of(self, kind: type[E]) -> list[E]:
        """All events of this kind that have come."""
        return [event for event in self.frames if isinstance(event, kind)]

    def read(self, frame: str) -> Frame:
        raise NotImplementedError

    def take(self, event: Frame) -> None:
        raise NotImplementedError

    async def _read_all(self) -> None:
        try:
            async for frame in self.socket:
                assert isinstance(frame, str), f"a binary frame: {frame!r}"
                event = self.read(frame)
                self.frames.append(event)
                self.take(event)
                async with self._news:
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        except Exception as fault:
            self._fault = fault
        self._ended = True
        async with self._news:
            self._news.notify_all()

    def _from(self, start: int, kind: type[E]) -> tuple[int, E] | None:
        for index in range(start, len(self.frames)):
            event = self.frames[index]
            if isinstance(event, kind):
                return index, event
        return None

    def _fail_on_fault(self) -> None:
        if self._fault is not None:
            raise self._fault

    def _recent(self) -> str:
        return f"the last frames: {[str(event)[:200] for event in self.frames[-5:]]}"


class PlainClient(Client):
    """Speaks the Channels tutorial's dialect."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.log: list[events.PlainMessage] = []

    async def enter(self) -> None:
        """Wait until the room is open: from here on everything is heard, which the handshake alone does not promise.

        A blank message is refused, but not before.
        """
        await self.send(message=" ")
        assert (await self.refused()).code == "empty"
        self.frames.clear()
        self._taken.clear()

    async def say(self, text: str) -> events.PlainMessage:
        """Say something and wait until it comes back."""
        before = len(self.log)
        await self.send(message=text)
        return await self.see(text, after=before)

    async def see(self, text: str, after: int = 0) -> events.PlainMessage:
        def find() -> events.PlainMessage | None:
            return next((said for said in self.log[after:] if said.message == text), None)

        return await self.until(find, f"the message {text[:60]!r}")

    @property
    def texts(self) -> list[str]:
        return [said.message for said in self.log]

    def read(self, frame: str) -> Frame:
        return read_plain(frame)

    def take(self, event: Frame) -> None:
        if isinstance(event, events.PlainMessage):
            assert not self.log or event.id > self.log[-1].id, f"{event} after {self.log[-1]}"
            self.log.append(event)


class RichClient(Client):
    """Speaks `chat.v1`, and checks the promises about numbers: S only rises, and by no more than was told."""

    subprotocol = SUBPROTOCOL

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hello: events.Hello | None = None
        self.number: int | None = None  # S of the protocol; None until a catch-up has told it
        self.synced = False
        self.messages: dict[int, events.Message] = {}
        self.here: dict[int, events.Here] = {}
        self.count = 0
        self._here_known = False
        self._sent_at: dict[str, int] = {}

    # Verbs

    async def enter(self, since: int | None = None, epoch: str | None = None, key: str | None = None) -> events.Hello:
        """Say hello, and wait until the catch-up is through and it is known who is here."""
        given = {"since": since, "epoch": epoch, "key": key}
        hellos = len(self.of(events.Hello))
        await self.send(type="hello", **{name: value for name, value in given.items() if value is not None})
        await self.until(lambda: len(self.of(events.Hello)) > hellos and self._here_known, "hello, sync and presence")
        assert self.hello is not None
        return self.hello

    async def say(self, text: str, client_id: str | None = None) -> events.Ack:
        """Say something and wait for its ack. Raises Refused."""
        return await self.outcome(await self.post(text, client_id))

    async def post(self, text: str, client_id: str | None = None) -> str:
        """Say something and wait for nothing; its client_id."""
        client_id = client_id or str(ids.uuid7())
        self._sent_at[client_id] = len(self.frames)
        await self.send(type="send", client_id=client_id, message=text)
        return client_id

    async def outcome(self, client_id: str) -> events.Ack:
        """Wait for the ack of what was sent last with this client_id. Raises Refused."""

        def find() -> Frame | None:
            since = self.frames[self._sent_at[client_id] :]
            answers = [event for event in since if isinstance(event, events.Ack | events.Error)]
            return next((answer for answer in answers if answer.client_id == client_id), None)

        found = await self.until(find, f"an ack or error for {client_id}")
        if isinstance(found, events.Error):
            raise Refused(found)
        assert isinstance(found, events.Ack)
        return found

    async def see(self, text: str) -> events.Message:
        """Wait until a message with this text is in the log."""

        def find() -> events.Message | None:
            return next((message for message in self.messages.values() if message.message == text), None)

        return await self.until(find, f"the message {text[:60]!r}")

    async def ask(self, **fields: Any) -> History:
        """One page of history: `before`, `after` or `around`, and `limit`. Raises Refused."""
        return await self._asked(History, type="history", **fields)

    async def edit(self, number: int, text: str) -> events.Done:
        return await self._asked(events.Done, type="edit", id=number, message=text)

    async def delete(self, number: int) -> events.Done:
        return await self._asked(events.Done, type="delete", id=number)

    async def see_people(self, *names: str) -> None:
        """Wait until exactly these people are here."""
        wanted = sorted(names)
        await self.until(lambda: self.names == wanted, f"{wanted} are here, not {self.names}")

    # State

    @property
    def me(self) -> events.Person:
        assert self.hello is not None
        return self.hello.user

    @property
    def names(self) -> list[str]:
        return sorted(person.name for person in self.here.values())

    @property
    def texts(self) -> list[str]:
        """What was said, in the order of the log."""
        return [self.messages[number].message for number in sorted(self.messages)]

    async def _asked(self, kind: type[E], **fields: Any) -> E:
        ref = str(ids.uuid7())
        await self.send(ref=ref, **fields)

        def find() -> Frame | None:
            return next((event for event in reversed(self.frames) if getattr(event, "ref", None) == ref), None)

        found = await self.until(find, f"the answer to {fields}")
        if isinstance(found, events.Error):
            raise Refused(found)
        assert isinstance(found, kind)
        return found

    def read(self, frame: str) -> Frame:
        return read_rich(frame)

    def take(self, event: Frame) -> None:
        match event:
            case events.Hello():
                self.hello, self.number, self.synced, self._here_known = event, None, False, False
            case Sync():
                self._take_sync(event)
            case events.Message():
                assert self.synced, f"a live message before the catch-up was through: {event}"
                self._raise_number(event.seq)
                self._keep(event)
            case events.Tick():
                assert self.number is None or event.seq >= self.number, f"{event} where S is {self.number} already"
                self.number = event.seq
            case History():
                numbers = [message.id for message in event.messages]
                assert numbers == sorted(set(numbers)), f"not by id: {numbers}"
            case events.Presence():
                self._take_presence(event)
            case events.User():
                if event.id in self.here:
                    self.here[event.id] = events.Here(event.id, event.name, self.here[event.id].idle)

    def _take_sync(self, part: Sync) -> None:
        assert not self.synced, "a part of a catch-up that was through"
        order = [message.seq if part.complete else message.id for message in part.messages]
        assert order == sorted(set(order)), f"not in order: {order}"
        if part.complete:
            assert not part.more or part.seq == part.messages[-1].seq
            self._raise_number(part.seq, part.seq if part.messages == [] else part.messages[0].seq)
        elif not part.more:
            self.number = part.seq
        for message in part.messages:
            self._keep(message)
        self.synced = not part.more

    def _raise_number(self, seq: int, first: int | None = None) -> None:
        first = seq if first is None else first
        assert self.number is None or first > self.number or (not self.synced and first >= self.number), (
            f"number {first} where S is {self.number} already"
        )
        self.number = seq

    def _keep(self, message: events.Message) -> None:
        known = self.messages.get(message.id)
        if known is not None and known.seq == message.seq:
            named_alike = msgspec.structs.replace(known, user=message.user)  # people may rename themselves
            assert named_alike == message, "two states with one number"
        if known is None or known.seq < message.seq:
            self.messages[message.id] = message

    def _take_presence(self, event: events.Presence) -> None:
        if isinstance(event.here, list):
            assert self.synced, "presence before the catch-up was through"
            self.here = {person.id: person for person in event.here}
            self._here_known = True
        if isinstance(event.joined, list):
            self.here |= {person.id: person for person in event.joined}
        for number in event.left or ():
            self.here.pop(number, None)
        for numbers, idle in ((event.idle, True), (event.active, False)):
            for number in numbers or ():
                if number in self.here:
                    self.here[number] = events.Here(number, self.here[number].name, idle)
        self.count = event.count
