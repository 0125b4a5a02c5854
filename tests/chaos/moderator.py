"""Owns all rooms, bans people from them and lets them in again, through whatever server answers, while things break."""

import asyncio
import random
import sqlite3
from http.client import HTTPException
from uuid import uuid4

import psycopg

from tests.chaos import database
from tests.chaos.clients import RichPerson
from tests.chaos.ledger import Ledger
from tests.integration.server.browser import Browser, Page
from tests.services import Stack

_BANS = "SELECT person_id, seq FROM chat_auditentry WHERE kind = 'banned'"
_DATABASE_AWAY = (psycopg.Error, sqlite3.Error)


class Moderator:
    def __init__(self, stack: Stack, people: list[RichPerson], ledger: Ledger, chance: random.Random) -> None:
        self._stack = stack
        self._people = people
        self._ledger = ledger
        self._chance = chance
        self._browser = Browser(stack.servers[0])
        self._ends = asyncio.Event()

    def open_rooms(self, rooms: list[str]) -> None:
        """Before anything breaks."""
        self._send("/account/sign-up/", name=f"Moderator {uuid4().hex[:8]}", password=uuid4().hex)
        for room in rooms:
            self._send("/rooms/new/", do="new", kind="public", title=room)

    async def work(self) -> None:
        while not self._ends.is_set():
            await self._wait(0.2, 1.5)
            talkers = [person for person in self._people if person.has_spoken]
            if talkers:
                await self._send_out(self._chance.choice(talkers))

    def end(self) -> None:
        """After this one, let everybody be."""
        self._ends.set()

    async def _send_out(self, person: RichPerson) -> None:
        """From the answer to the ban until the lifting is asked for, nothing newer than the ban may come."""
        person.turn_away()
        await self._insist(person, "ban")
        person.heard_outside = []
        banned_at = await self._number(person)
        await self._wait(0.3, 2)
        for seq in person.heard_outside:
            if seq > banned_at:
                self._ledger.fault("leaked", f"{person.name}, out of {person.room} since {banned_at}, heard {seq}")
        self._ledger.removals += 1
        await self._insist(person, "unban")
        person.let_in()

    async def _wait(self, least: float, most: float) -> None:
        await asyncio.sleep(self._chance.uniform(least, most))

    async def _insist(self, person: RichPerson, deed: str) -> None:
        path = f"/chat/{person.room}/people/{person.key}/"
        while not await asyncio.to_thread(self._is_done, path, deed):
            await self._wait(0.1, 0.3)

    def _is_done(self, path: str, deed: str) -> bool:
        """Whether that is answered as done; where the page does not offer it, an answer was lost on its way."""
        self._browser.server = self._chance.choice(self._stack.servers)
        try:
            page = self._browser.get(path)
            if page.status != 200:
                return False
            return f'value="{deed}"' not in page.text or self._browser.post(path, {"do": deed}).status == 302
        except (OSError, HTTPException):
            return False

    def _send(self, path: str, **fields: str) -> Page:
        self._browser.get(path)
        answer = self._browser.post(path, fields)
        assert answer.status == 302, answer.text
        return answer

    async def _number(self, person: RichPerson) -> int:
        """Of the newest ban of this person."""
        while True:
            try:
                bans = await asyncio.to_thread(database.query, self._stack, _BANS)
                return max(seq for who, seq in bans if who == person.key)
            except _DATABASE_AWAY:
                await self._wait(0.1, 0.3)
