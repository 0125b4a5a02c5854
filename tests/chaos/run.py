"""One chaos run: a chat, people, faults by a seed, then quiet, and the comparison."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from tests.chaos import database
from tests.chaos.clients import Person, PlainPerson, RichPerson
from tests.chaos.faults import Faults
from tests.chaos.ledger import Ledger, Row
from tests.chaos.moderator import Moderator
from tests.chaos.proxy import Proxy
from tests.services import Stack

SETTINGS = {
    "CHAT_RATE_LIMITS": "off",
    "CHAT_TICK_SECONDS": "1",
    # What is due waits for what is being saved, as in rooms of hundreds.
    "CHAT_JOINING_SOCKETS": "2",
    "CHAT_WRITE_SECONDS": "0.001",
}
_REST_SECONDS = 10.0
_CALM_SECONDS = 60.0  # for everybody to stand at the newest number, when nothing is broken any more


@dataclass
class Report:
    seed: int
    ledger: Ledger
    struck: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # seconds to recover, each time

    def __str__(self) -> str:
        lines = [f"{'fault':<28}{'times':>6}{'longest recovery':>20}"]
        for name, seconds in sorted(self.struck.items()):
            lines.append(f"{name:<28}{len(seconds):>6}{max(seconds):>18.1f} s")
        if not self.ledger.clean:
            lines += [f"seed {self.seed}, evidence (the first 40):", *self.ledger.evidence[:40]]
        return "\n".join([*lines, self.ledger.closing_line()])


async def chaos(stack: Stack, *, seconds: float, seed: int, clients: int, rooms: int) -> Report:
    """Strike a stack whose servers run already (rates off, a tick each second) for that long."""
    chance, ledger = random.Random(seed), Ledger()
    async with AsyncExitStack() as opened:
        proxies = [await opened.enter_async_context(Proxy(server.port)) for server in stack.servers]
        run = _Run(stack, proxies, _people(proxies, clients, rooms, ledger, chance), Report(seed, ledger), chance)
        await run.go(seconds)
        return run.report


def _people(proxies: list[Proxy], clients: int, rooms: int, ledger: Ledger, chance: random.Random) -> list[Person]:
    def ports() -> int:
        return chance.choice(proxies).port

    return [
        (PlainPerson if index % 4 == 3 else RichPerson)(
            f"person-{index}", f"room-{index % rooms}", ports, ledger, chance.randrange(10**9)
        )
        for index in range(clients)
    ]


class _Run:
    def __init__(
        self, stack: Stack, proxies: list[Proxy], people: list[Person], report: Report, chance: random.Random
    ) -> None:
        self._stack = stack
        self._people = people
        self._rooms = sorted({person.room for person in people})
        self._faults = Faults(stack, proxies, chance)
        rich = [person for person in people if isinstance(person, RichPerson)]
        self._moderator = Moderator(stack, rich, report.ledger, chance)
        self._chance = chance
        self.report = report

    async def go(self, seconds: float) -> None:
        await asyncio.to_thread(self._moderator.open_rooms, self._rooms)
        lives = [asyncio.create_task(person.live()) for person in self._people]
        moderating = asyncio.create_task(self._moderator.work())
        try:
            await self._calm("the start")
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                await self._strike()
            self._moderator.end()
            async with asyncio.timeout(_CALM_SECONDS):
                await moderating
            for person in self._people:
                person.talking = False
            await self._calm("the end", outboxes=True)
            await compare(self._stack, self._people, self.report.ledger)
        finally:
            for life in (*lives, moderating):
                life.cancel()
            done = await asyncio.gather(*lives, moderating, return_exceptions=True)
        for outcome in done:
            if isinstance(outcome, Exception) and not isinstance(outcome, asyncio.CancelledError):
                self.report.ledger.fault("lost", f"a client broke: {outcome!r}")

    async def _strike(self) -> None:
        await asyncio.sleep(self._chance.uniform(0.2, 1.5))
        name, strike = self._chance.choice(sorted(self._faults.all().items()))
        await strike()
        over = time.monotonic()
        await self._calm(name)
        self.report.struck[name].append(time.monotonic() - over)

    async def _calm(self, after: str, *, outboxes: bool = False) -> None:
        """Wait until everybody is there and has heard what was in the log by now."""
        deadline = time.monotonic() + _CALM_SECONDS
        newest: dict[str, int] | None = None
        while newest is None or not self._all_heard(newest, outboxes):
            if time.monotonic() > deadline:
                self._complain(after, newest)
                return
            if newest is None or outboxes:
                newest = await asyncio.to_thread(newest_numbers, self._stack)
            await asyncio.sleep(0.02)

    def _all_heard(self, newest: dict[str, int], outboxes: bool) -> bool:
        people = [person for person in self._people if person.welcome]
        rich = [person for person in people if isinstance(person, RichPerson)]
        return all(person.connected for person in people) and all(
            (person.since or 0) >= newest.get(person.room, 0) and (person.idle or not outboxes) for person in rich
        )

    def _complain(self, after: str, newest: dict[str, int] | None) -> None:
        for person in (person for person in self._people if person.welcome):
            if what := _behind(person, (newest or {}).get(person.room, 0)):
                self.report.ledger.fault("lost", f"after {after}: {person.name} {what}")


async def compare(stack: Stack, people: Sequence[Person], ledger: Ledger) -> None:
    """Note what anybody has, or was told, that the database has otherwise; and what servers complained of."""
    for room, rows in (await _at_rest(stack, people)).items():
        ledger.check_acks(room, rows)
        for person in people:
            if person.room != room:
                continue
            if isinstance(person, RichPerson):
                ledger.check_log(person.name, room, person.log, rows)
            elif isinstance(person, PlainPerson):
                for heard in person.heard:
                    ledger.check_heard(person.name, room, heard, rows)
    for server in stack.servers:
        before, found, after = server.log().partition("Traceback")
        if found:
            ledger.fault("lost", f"a traceback in the log of {server.url}:\n{before[-300:]}{found}{after[:3000]}")


async def _at_rest(stack: Stack, people: Sequence[Person]) -> dict[str, list[Row]]:
    """What the rooms hold, read while nothing changed and everybody had heard it.

    A change that was given up long ago may still be saved by a process that stood still meanwhile.
    """
    deadline = time.monotonic() + _REST_SECONDS
    while True:
        before = await asyncio.to_thread(newest_numbers, stack)
        rows = {room: await asyncio.to_thread(_rows, stack, room) for room in sorted({one.room for one in people})}
        after = await asyncio.to_thread(newest_numbers, stack)
        heard = all(one.since == after.get(one.room, 0) for one in people if isinstance(one, RichPerson))
        if (before == after and heard) or time.monotonic() > deadline:
            return rows
        await asyncio.sleep(0.1)


def newest_numbers(stack: Stack) -> dict[str, int]:
    """The number at which each room stands."""
    return dict(database.query(stack, "SELECT slug, last_seq FROM chat_room"))


def _rows(stack: Stack, room: str) -> list[Row]:
    found = database.query(
        stack,
        "SELECT slug, number, seq, client_id, text, deleted_at, reply_to FROM chat_message"
        " JOIN chat_room ON chat_room.id = room_id ORDER BY number",
    )
    reactions = _reactions(stack, room)
    return [
        Row(number, seq, _uuid(once), text, gone is not None, reply_to, tuple(reactions.get(number, ())))
        for slug, number, seq, once, text, gone, reply_to in found
        if slug == room
    ]


def _reactions(stack: Stack, room: str) -> dict[int, list[tuple[str, int]]]:
    found = database.query(
        stack,
        "SELECT slug, number, emoji, count(*) FROM chat_reaction JOIN chat_room ON chat_room.id = room_id"
        " GROUP BY slug, number, emoji ORDER BY min(seq)",
    )
    reactions: dict[int, list[tuple[str, int]]] = {}
    for slug, number, emoji, count in found:
        if slug == room:
            reactions.setdefault(number, []).append((emoji, count))
    return reactions


def _behind(person: Person, newest: int) -> str:
    """What somebody lacks who should have recovered; nothing, if nothing."""
    if not person.connected:
        return "is still not back"
    if isinstance(person, RichPerson) and (person.since or 0) < newest:
        return f"stands at {person.since}, {person.room} at {newest}"
    return "still waits for an answer" if isinstance(person, RichPerson) and not person.idle else ""


def _uuid(value: object) -> str:
    text = str(value)
    return text if "-" in text else f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
