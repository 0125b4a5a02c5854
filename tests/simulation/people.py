"""Clients of the simulation, by the rules of the protocol; each notes what it saw that should not have been."""

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from chat.wire import events
from chat.wire.codec import Dialect
from tests.simulation.world import Database, Process, Socket, client_id

OBEYED_SECONDS = 2.5  # two promised, and what reads take here


class Person:
    """What both dialects share: who one is, and what nobody who is out may hear."""

    dialect: Dialect

    def __init__(self, key: int, name: str, database: Database) -> None:
        self.key, self.name = key, name
        self.wrong: list[str] = []
        self._database = database
        self._socket: Socket | None = None
        self._log_ins = 0
        self._ended_at: dict[str, float] = {}  # of each session that there was
        self.log_in()

    @property
    def away(self) -> bool:
        return self._socket is None or not self._socket.open

    @property
    def may_be_here(self) -> bool:
        return self.key not in self._database.out

    def log_in(self) -> None:
        self._log_ins += 1
        self.session = f"{self.name}-{self._log_ins}"
        self._database.sessions[self.session] = self.key

    def connect(self, process: Process) -> None:
        if self.session not in self._database.sessions:
            self.log_in()
        session = self.session

        def hear(frame: dict[str, Any]) -> None:
            self._judge(frame, session)
            self.hear(frame)

        self._socket = Socket(process, self.dialect, session, hear)

    def hear(self, frame: dict[str, Any]) -> None:
        raise NotImplementedError

    def lose(self) -> None:
        if self._socket is not None:
            self._socket.lose()

    def _judge(self, frame: dict[str, Any], session: str) -> None:
        removed = self._database.out.get(self.key)
        told = frame.get("messages", [frame] if "message" in frame and "id" in frame else [])
        for message in told:
            if removed is not None and message.get("seq", message["id"]) > removed:
                self.wrong.append(f"leaked after removal: {self.name} is out since {removed} and hears {message}")
        if session not in self._database.sessions:
            now, since = asyncio.get_running_loop().time(), self._database.well_since
            ended_at = self._ended_at.setdefault(session, now)
            if not self._database.away and now > max(ended_at, since) + OBEYED_SECONDS:
                self.wrong.append(f"leaked after log-out: {self.name} hears {frame} by {session}")

    def overstays(self) -> list[str]:
        """When there was time to obey: whether one is where one may not be."""
        if self.away:
            return []
        assert self._socket is not None
        tie = self._socket.member.tie
        is_out = not self.may_be_here or tie not in self._database.sessions
        return [f"{self.name} is still here, by {tie}"] if is_out else []


class RichPerson(Person):
    """Keeps a log, sends one thing at a time, and says hello with where it stands."""

    dialect = Dialect.RICH

    def __init__(self, key: int, name: str, database: Database) -> None:
        super().__init__(key, name, database)
        self.room: dict[str, Any] = {}
        self.log: dict[int, dict[str, Any]] = {}
        self.since: int | None = None
        self.acked: dict[str, int] = {}
        self.done: list[tuple[int, str]] = []  # changes that were confirmed: of which message, to what
        self.in_doubt: set[tuple[int, str]] = (
            set()
        )  # sent more than once and then refused: the first may have got through
        self.own: list[int] = []
        self._epoch: str | None = None
        self._outbox: list[dict[str, Any]] = []
        self._count = 0
        self._tries = 0  # of what is first in the outbox
        self._synced = False
        self._last_seq = 0
        self._author: int | None = None

    @property
    def quiet(self) -> bool:
        return not self._outbox

    def connect(self, process: Process) -> None:
        self._synced, self._last_seq, self._parts = False, 0, False
        super().connect(process)
        self.greet()

    def greet(self) -> None:
        """Again on an open line, too: as a page does that was asleep."""
        if self._socket is not None:
            self._synced, self._last_seq, self._parts = False, 0, False
            hello = {"type": "hello"}
            self._socket.send(hello if self.since is None else hello | {"since": self.since, "epoch": self._epoch})

    def say(self) -> None:
        self._count += 1
        text = f"{self.name}-{self._count}"
        self._put({"type": "send", "client_id": client_id(text), "message": text})

    def reply(self) -> None:
        if self.log:
            self._count += 1
            text = f"{self.name}-{self._count}"
            self._put({"type": "send", "client_id": client_id(text), "message": text, "reply_to": max(self.log)})

    def react(self, *, add: bool) -> None:
        if self.log:
            self._count += 1
            mark = {"ref": f"{self.name}-{self._count}", "id": max(self.log)}
            self._put({"type": "react", **mark, "emoji": "👍", "op": "add" if add else "remove"})

    def edit(self) -> None:
        if self.own:
            self._count += 1
            text = f"{self.name}-{self._count}"
            self._put({"type": "edit", "ref": text, "id": self.own[-1], "message": text})

    def delete(self) -> None:
        if self.own:
            self._count += 1
            self._put({"type": "delete", "ref": f"{self.name}-{self._count}", "id": self.own.pop()})

    def repeat(self) -> None:
        """Lost patience: says again what was not answered."""
        if self._outbox and self._socket is not None and self._synced:
            self._tries += 1
            self._socket.send(self._outbox[0])

    def _put(self, frame: dict[str, Any]) -> None:
        self._outbox.append(frame)
        if len(self._outbox) == 1:
            self.repeat()

    def _settle(self, mark: str) -> None:
        if self._outbox and mark in (self._outbox[0].get("client_id"), self._outbox[0].get("ref")):
            self._outbox.pop(0)
            self._tries = 0
            self.repeat()

    # What comes

    def hear(self, frame: dict[str, Any]) -> None:
        getattr(self, f"_on_{frame['type']}", lambda _: None)(frame)

    def _on_hello(self, frame: dict[str, Any]) -> None:
        if self._epoch not in (None, frame["epoch"]):
            self.log, self.since = {}, None
        self._epoch = frame["epoch"]
        self.room = frame["room"]

    def _on_room(self, frame: dict[str, Any]) -> None:
        if frame["room"] == self.room:
            self.wrong.append(f"{self.name} is told of the room what they know")
        self.room = frame["room"]

    def _on_sync(self, frame: dict[str, Any]) -> None:
        if not frame["complete"] and not self._parts:
            self.log = {}
        self._parts = frame["more"]
        lowest = min(self.log, default=0) if frame["complete"] else 0
        for message in frame["messages"]:
            if message["id"] >= lowest:  # below the stretch that one holds: let pass, as a live frame is
                self._merge(message)
        if frame["complete"] or not frame["more"]:
            self._raise_to(frame["seq"])
        if not frame["more"]:
            self._synced, self._last_seq = True, frame["seq"]
            self.repeat()

    def _on_message(self, frame: dict[str, Any]) -> None:
        if frame["seq"] <= self._last_seq:
            self.wrong.append(f"seq {frame['seq']} after {self._last_seq}")
        self._last_seq = frame["seq"]
        if frame["id"] >= min(self.log, default=0):
            self._merge(frame)
        self._raise_to(frame["seq"])

    def _on_tick(self, frame: dict[str, Any]) -> None:
        self._last_seq = max(self._last_seq, frame["seq"])
        self._raise_to(frame["seq"])

    def _on_ack(self, frame: dict[str, Any]) -> None:
        if self.acked.setdefault(frame["client_id"], frame["id"]) != frame["id"]:
            self.wrong.append(f"{frame['client_id']} acked twice, differently")
        if frame["id"] not in self.own:
            self.own.append(frame["id"])
        self._settle(frame["client_id"])

    def _on_done(self, frame: dict[str, Any]) -> None:
        if self._outbox and self._outbox[0].get("ref") == frame["ref"]:
            self._note(self.done.append)
        self._settle(frame["ref"])

    def _on_error(self, frame: dict[str, Any]) -> None:
        if not frame["temporary"]:
            if self._tries > 1 and self._outbox[0].get("ref") == frame.get("ref", ""):
                self._note(self.in_doubt.add)
            self._settle(frame.get("client_id") or frame.get("ref", ""))

    def _note(self, note: Callable[[tuple[int, str]], object]) -> None:
        """What was asked of the words of a message, if anything was."""
        asked = self._outbox[0]
        if asked["type"] != "react":
            note((asked["id"], asked.get("message", "")))

    def _merge(self, message: dict[str, Any]) -> None:
        if message["id"] not in self.log or self.log[message["id"]]["seq"] < message["seq"]:
            self.log[message["id"]] = message

    def _raise_to(self, seq: int) -> None:
        self.since = max(self.since or 0, seq)

    # At the end

    def compare(self, rows: dict[int, events.Message]) -> list[str]:
        """What this log lacks or has too much, from its lowest message on."""
        lowest = min(self.log, default=0)
        have = {number: _state(message) for number, message in self.log.items()}
        kept = {number: row for number, row in rows.items() if number >= lowest or not self.log}
        want = {number: _state(msgspec.to_builtins(row)) for number, row in kept.items()}
        room = msgspec.to_builtins(self._database.described())
        told = [] if self.room == room else [f"{self.name} was told {self.room}, it is {room}"]
        return self.wrong + told + ([] if have == want else [f"{self.name} has {have}, the database {want}"])


def _state(message: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(message[field] for field in ("seq", "message", "reply_to", "reactions"))


class PlainPerson(Person):
    """Prints what comes; each connection is a log of its own."""

    dialect = Dialect.PLAIN

    def __init__(self, key: int, name: str, database: Database) -> None:
        super().__init__(key, name, database)
        self._heard: list[list[int]] = []

    def connect(self, process: Process) -> None:
        self._heard.append([])
        super().connect(process)

    def hear(self, frame: dict[str, Any]) -> None:
        if "id" in frame:
            self._heard[-1].append(frame["id"])

    def say(self) -> None:
        if self._socket is not None:
            self._socket.send({"message": f"{self.name}"})

    def compare(self, rows: dict[int, events.Message]) -> list[str]:
        wrong = list(self.wrong)
        for heard in self._heard:
            last = heard is self._heard[-1] and not self.away
            upto = max(rows, default=0) if last else max(heard, default=0)
            want = {number for number, row in rows.items() if heard and heard[0] <= number <= upto and not row.deleted}
            if sorted(set(heard)) != heard or not want <= set(heard):
                wrong.append(f"{self.name} printed {heard}, of {sorted(want)}")
        return wrong
