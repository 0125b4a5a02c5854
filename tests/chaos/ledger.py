"""What was said, what was acked and what was seen, and the comparison with the database at the end.

Each text names its room and is said once, so that any text tells where it belongs and whether it is there twice.
"""

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple


class Row(NamedTuple):
    """A message as the database has it."""

    number: int
    seq: int
    client_id: str
    text: str
    deleted: bool
    reply_to: int | None
    reactions: tuple[tuple[str, int], ...]  # each kind with its count


class State(NamedTuple):
    """A message as a client has it."""

    seq: int
    text: str
    deleted: bool
    reply_to: int | None
    reactions: tuple[tuple[str, int], ...]


@dataclass
class Ledger:
    sent: int = 0
    reactions: int = 0
    removals: int = 0
    acked: dict[tuple[str, str], int] = field(default_factory=dict)  # (room, client_id) -> id
    done: dict[tuple[str, int], str | None] = field(default_factory=dict)  # the last change told as done; None: deleted
    evidence: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def fresh_text(self, room: str, filler: str) -> str:
        return f"{room}|{next(self._numbers)}|{filler}"

    def saw(self, where: str, room: str, text: str) -> None:
        if text and not text.startswith(f"{room}|"):
            self.fault("leaked", f"{where}: in {room} came {text[:60]!r}")

    def fault(self, kind: str, what: str) -> None:
        self.counts[kind] += 1
        self.evidence.append(f"{kind}: {what}")

    def check_acks(self, room: str, rows: list[Row]) -> None:
        """Every ack stands in the log, at its place; nothing stands there twice."""
        by_client_id = {row.client_id: row for row in rows}
        for (where, client_id), number in self.acked.items():
            if where == room and (client_id not in by_client_id or by_client_id[client_id].number != number):
                self.fault("lost", f"{room}: acked as {number}, client_id {client_id} is not there")
        said = Counter(_tag(row.text) for row in rows if not row.deleted)
        for tag, times in said.items():
            if times > 1:
                self.fault("duplicated", f"{room}: {tag} stands {times} times in the database")
        if [row.number for row in rows] != sorted({row.number for row in rows}):
            self.fault("reordered", f"{room}: numbers are not unique")
        state = {row.number: row for row in rows}
        for (where, number), text in self.done.items():
            if where == room and (number not in state or not _is(state[number], text)):
                self.fault("lost", f"{room}: the change of {number} to {text!r} was told as done and is not there")

    def check_log(self, where: str, room: str, log: dict[int, State], rows: list[Row]) -> None:
        """From its lowest id on, a client has what the database has, all of it and nothing else."""
        lowest = min(log, default=0)
        expected = {row.number: row for row in rows if row.number >= lowest} if log else {}
        if not log and rows:
            self.fault("lost", f"{where}: has nothing of {room}")
        for number in expected.keys() - log.keys():
            self.fault("lost", f"{where}: lacks {number} of {room}")
        for number in log.keys() - expected.keys():
            self.fault("duplicated", f"{where}: has {number} of {room}, which is not in the database")
        for number in log.keys() & expected.keys():
            have, row = log[number], expected[number]
            if have != State(row.seq, row.text, row.deleted, row.reply_to, row.reactions):
                self.fault("lost", f"{where}: {room}/{number} is {have}, the database has {row}")

    def check_heard(self, where: str, room: str, heard: list[tuple[int, str]], rows: list[Row]) -> None:
        """What one plain connection printed: rising, none twice, none missing but what was deleted since."""
        numbers = [number for number, _ in heard]
        if len(set(numbers)) != len(numbers):
            self.fault("duplicated", f"{where}: {room} came twice")
        elif numbers != sorted(numbers):
            self.fault("reordered", f"{where}: {room} came out of order")
        if numbers:
            span = {row.number for row in rows if numbers[0] <= row.number <= max(numbers) and not row.deleted}
            for number in span - set(numbers):
                self.fault("lost", f"{where}: {room}/{number} was never printed")

    def closing_line(self) -> str:
        parts = [f"{kind} {self.counts[kind]}" for kind in ("lost", "duplicated", "reordered", "leaked")]
        said = f"sent {self.sent} acked {len(self.acked)} reactions {self.reactions} removed {self.removals}"
        return f"{said} {' '.join(parts)}"

    @property
    def clean(self) -> bool:
        return not self.evidence


def _tag(text: str) -> str:
    return "|".join(text.split("|")[:2])


def _is(row: Row, text: str | None) -> bool:
    return row.deleted if text is None else row.text == text
