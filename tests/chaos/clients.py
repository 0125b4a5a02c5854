"""Scripted people in both dialects: they talk, change their words, leave, come back, and note what they were told."""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from tests.chaos.ledger import Ledger, State

_FILLERS = ("hello", "*bold* and `code`", "你好，世界", "👩‍👩‍👧 family", "x" * 400, "two\nlines")
_EMOJI = ("👍", "🎉", "❤️", "👩‍👩‍👧")
_REMOVED = 4403
_GONE = (OSError, WebSocketException, TimeoutError, EOFError)


class Person:
    """What both dialects share: the way in, the pace, the end."""

    def __init__(self, name: str, room: str, ports: Callable[[], int], ledger: Ledger, seed: int) -> None:
        self.name, self.room = name, room
        self._ports = ports
        self._ledger = ledger
        self._chance = random.Random(f"{seed}-{name}")
        self.talking = True
        self.connected = False
        self.welcome = True

    async def live(self) -> None:
        failures = 0
        while True:
            try:
                await self._visit()
                failures = 0
            except _GONE:
                failures += 1
            self.connected = False
            await asyncio.sleep(self._chance.uniform(0, min(2.0, 0.05 * 2**failures)))

    async def _visit(self) -> None:
        raise NotImplementedError

    def _url(self) -> str:
        return f"ws://127.0.0.1:{self._ports()}/ws/chat/{quote(self.room)}/"

    def _text(self) -> str:
        return self._ledger.fresh_text(self.room, self._chance.choice(_FILLERS))

    async def _pause(self) -> None:
        await asyncio.sleep(self._chance.uniform(0.05, 0.5))


class RichPerson(Person):
    """Keeps a log by the rules of the protocol and an outbox with one change in flight."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.log: dict[int, State] = {}
        self.since: int | None = None
        self._epoch: str | None = None
        self._key: str | None = None
        self._in_flight: dict[str, Any] | None = None
        self._own: list[int] = []
        self._answer = asyncio.Event()
        self.key = 0
        self.heard_outside: list[int] = []  # while one was not welcome
        self._turns = 0  # how often one was turned away or let in
        self._turns_before = 0  # when what is in flight was made
        self._let_in = asyncio.Event()

    @property
    def has_spoken(self) -> bool:
        return bool(self._own)

    def turn_away(self) -> None:
        self.welcome = False
        self._turns += 1
        self._let_in.clear()

    def let_in(self) -> None:
        self.welcome = True
        self._turns += 1
        self._let_in.set()

    @property
    def idle(self) -> bool:
        return self._in_flight is None

    async def _visit(self) -> None:
        try:
            await self._stay()
        except ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code == _REMOVED and not self.welcome:
                self.connected = False
                await self._let_in.wait()
            raise

    async def _stay(self) -> None:
        async with connect(
            self._url(), subprotocols=["chat.v1"], open_timeout=5, close_timeout=0.5, ping_interval=None, max_size=None,
            compression=None, proxy=None,
        ) as socket:  # fmt: skip
            await socket.send(json.dumps(self._hello()))
            self._last_seq, self._synced = 0, False
            talk = asyncio.create_task(self._talk(socket))
            try:
                await self._listen(socket)
            finally:
                talk.cancel()
                await asyncio.wait([talk])

    def _hello(self) -> dict[str, Any]:
        hello: dict[str, Any] = {"type": "hello"}
        if self.since is not None:
            hello |= {"since": self.since, "epoch": self._epoch}
        return hello | ({"key": self._key} if self._key else {})

    async def _listen(self, socket: ClientConnection) -> None:
        while True:
            async with asyncio.timeout(6):  # a tick comes each second; wait_for can swallow a cancellation (3.11)
                frame = json.loads(await socket.recv())
            handler = getattr(self, f"_on_{frame['type']}", None)
            if handler:
                handler(frame)

    # What comes

    def _on_hello(self, frame: dict[str, Any]) -> None:
        if frame["epoch"] != self._epoch:
            self.log, self.since = {}, None
        self._epoch = frame["epoch"]
        self._key = frame.get("key", self._key)
        self.key = frame["user"]["id"]

    def _on_sync(self, frame: dict[str, Any]) -> None:
        if not frame["complete"] and not self._resetting:
            self.log = {}
        self._resetting = not frame["complete"] and frame["more"]
        lowest = min(self.log, default=0) if frame["complete"] else 0
        self._note_outside(*(message["seq"] for message in frame["messages"]))
        for message in frame["messages"]:
            if message["id"] >= lowest:  # below the stretch that one holds: let pass, as a live frame is
                self._merge(message)
        if frame["complete"] or not frame["more"]:
            self._raise_to(frame["seq"])
        if not frame["more"]:
            self._synced = self.connected = True
            self._last_seq = frame["seq"]
            self._again()

    _resetting = False

    def _on_message(self, frame: dict[str, Any]) -> None:
        if frame["seq"] <= self._last_seq:
            kind = "duplicated" if self._seen(frame) else "reordered"
            self._ledger.fault(kind, f"{self.name}: {self.room} seq {frame['seq']} after {self._last_seq}")
        self._last_seq = frame["seq"]
        self._note_outside(frame["seq"])
        if frame["id"] >= min(self.log, default=0):
            self._merge(frame)
        self._raise_to(frame["seq"])

    def _on_tick(self, frame: dict[str, Any]) -> None:
        if frame["seq"] < self._last_seq:
            self._ledger.fault("reordered", f"{self.name}: tick {frame['seq']} after {self._last_seq}")
        self._last_seq = max(self._last_seq, frame["seq"])
        self._raise_to(frame["seq"])

    def _on_ack(self, frame: dict[str, Any]) -> None:
        known = self._ledger.acked.setdefault((self.room, frame["client_id"]), frame["id"])
        if known != frame["id"]:
            self._ledger.fault("duplicated", f"{self.name}: {frame['client_id']} acked as {known} and {frame['id']}")
        if frame["id"] not in self._own:  # acked again, for a repeat
            self._own.append(frame["id"])
        self._settle(frame["client_id"])

    def _on_done(self, frame: dict[str, Any]) -> None:
        flying = self._in_flight
        if flying and flying.get("ref") == frame["ref"] and flying["type"] != "react":
            self._ledger.done[self.room, flying["id"]] = flying.get("message")
        self._settle(frame["ref"])

    def _on_error(self, frame: dict[str, Any]) -> None:
        if frame["temporary"]:
            asyncio.get_running_loop().call_later(frame.get("retry_after", 0.2), self._again)
        else:
            came_too_late = self._turns != self._turns_before or not self.welcome
            flying = self._in_flight or {}
            taken_back = flying.get("type") == "react" and frame["code"] == "not_found"  # the message, by its author
            if not taken_back and not (frame["code"] == "forbidden" and came_too_late):
                self._ledger.fault("lost", f"{self.name}: refused for good: {frame}")
            self._settle(frame.get("client_id") or frame.get("ref"))

    def _merge(self, message: dict[str, Any]) -> None:
        self._ledger.saw(self.name, self.room, message["message"])
        reactions = tuple((kind["emoji"], kind["count"]) for kind in message["reactions"])
        state = State(message["seq"], message["message"], message["deleted"], message["reply_to"], reactions)
        if message["id"] not in self.log or self.log[message["id"]].seq < state.seq:
            self.log[message["id"]] = state

    def _note_outside(self, *numbers: int) -> None:
        if not self.welcome:
            self.heard_outside += numbers

    def _seen(self, frame: dict[str, Any]) -> bool:
        return frame["id"] in self.log and self.log[frame["id"]].seq == frame["seq"]

    def _raise_to(self, seq: int) -> None:
        self.since = max(self.since or 0, seq)

    # What is said

    async def _talk(self, socket: ClientConnection) -> None:
        with suppress(*_GONE):
            while True:
                await self._answer.wait()
                self._answer.clear()
                if self._in_flight is None:
                    await self._pause()
                    if not self.talking:
                        continue
                    self._in_flight, self._turns_before = self._next_change(), self._turns
                await socket.send(json.dumps(self._in_flight))

    def _next_change(self) -> dict[str, Any]:
        what = self._chance.random()
        if self._own and what < 0.15:
            return {"type": "edit", "ref": uuid4().hex, "id": self._chance.choice(self._own), "message": self._text()}
        if len(self._own) > 3 and what < 0.2:
            number = self._own.pop(self._chance.randrange(len(self._own)))
            return {"type": "delete", "ref": uuid4().hex, "id": number}
        standing = [number for number, state in self.log.items() if not state.deleted]
        if standing and what < 0.4:
            self._ledger.reactions += 1
            about = {"id": self._chance.choice(standing), "emoji": self._chance.choice(_EMOJI)}
            return {"type": "react", "ref": uuid4().hex, **about, "op": self._chance.choice(["add", "add", "remove"])}
        self._ledger.sent += 1
        answer = {"reply_to": self._chance.choice(standing)} if standing and what < 0.6 else {}
        return {"type": "send", "client_id": str(uuid4()), "message": self._text(), **answer}

    def _settle(self, mark: str | None) -> None:
        flying = self._in_flight
        if flying and mark in (flying.get("client_id"), flying.get("ref")):
            self._in_flight = None
        self._again()

    def _again(self) -> None:
        if self._synced:
            self._answer.set()

    _synced = False
    _last_seq = 0


class PlainPerson(Person):
    """Any client of the tutorial: prints what comes; each connection is a log of its own."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.heard: list[list[tuple[int, str]]] = []

    async def _visit(self) -> None:
        heard: list[tuple[int, str]] = []
        async with connect(
            self._url(), open_timeout=5, close_timeout=0.5, ping_interval=2, ping_timeout=3, max_size=None,
            compression=None, proxy=None,
        ) as socket:  # fmt: skip
            self.connected = True
            self.heard.append(heard)
            talk = asyncio.create_task(self._talk(socket))
            try:
                async for text in socket:
                    self._hear(json.loads(text), heard)
            finally:
                talk.cancel()
                await asyncio.wait([talk])

    def _hear(self, frame: dict[str, Any], heard: list[tuple[int, str]]) -> None:
        if frame.get("type") == "error":
            return  # nothing is promised of a plain send
        self._ledger.saw(self.name, self.room, frame["message"])
        heard.append((frame["id"], frame["message"]))

    async def _talk(self, socket: ClientConnection) -> None:
        with suppress(*_GONE):
            while True:
                await self._pause()
                if self.talking:
                    self._ledger.sent += 1
                    await socket.send(json.dumps({"message": self._text()}))
