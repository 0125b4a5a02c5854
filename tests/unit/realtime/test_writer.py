"""Changes share commits; each gets its outcome once, after the commit, whatever happens to it."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest

from chat import limits
from chat.actions.messages import Item, Outcome, Post, Posted
from chat.realtime.writer import Writer
from chat.wire.codes import ChatError, Code


class Database:
    """Commits when it is let; remembers what shared a commit."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.error: Exception | None = None
        self._number = 0

    async def commit(self, items: Sequence[Item]) -> Sequence[Outcome]:
        self.batches.append([item.text for item in items if isinstance(item, Post)])
        await self.open.wait()
        if self.error is not None:
            raise self.error
        first, self._number = self._number + 1, self._number + len(items)
        return [Posted(number) for number in range(first, self._number + 1)]


class Teller:
    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.outcomes: dict[str, list[Any]] = {}

    def say(self, *texts: str) -> None:
        for text in texts:
            self.outcomes[text] = []
            self.writer.commit(Post(1, 1, uuid4(), text), self.outcomes[text].append)

    def told(self, text: str) -> Any:
        assert len(self.outcomes[text]) <= 1, "told twice"
        return self.outcomes[text][0] if self.outcomes[text] else None


@pytest.fixture
async def database() -> Database:
    return Database()


@pytest.fixture
async def teller(database: Database) -> Teller:
    return Teller(Writer(database.commit))


async def turns(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_lone_change_waits_for_nobody(database: Database, teller: Teller) -> None:
    teller.say("one")
    await turns()

    assert database.batches == [["one"]]
    assert teller.told("one") == Posted(1)


async def test_what_comes_during_a_commit_shares_the_next_one_in_order(database: Database, teller: Teller) -> None:
    database.open.clear()
    teller.say("one")
    await turns()
    teller.say("two", "three", "four")
    await turns()
    assert database.batches == [["one"]]

    database.open.set()
    await turns()

    assert database.batches == [["one"], ["two", "three", "four"]]
    assert [teller.told(text) for text in teller.outcomes] == [Posted(number) for number in (1, 2, 3, 4)]


async def test_it_knows_which_rooms_the_transaction_under_way_changes(database: Database, teller: Teller) -> None:
    assert not teller.writer.is_changing(1)
    database.open.clear()
    teller.say("one")
    await turns()
    assert (teller.writer.is_changing(1), teller.writer.is_changing(2)) == (True, False)

    database.open.set()
    await turns()

    assert not teller.writer.is_changing(1)


async def test_the_end_of_a_transaction_is_told_behind_its_outcomes(database: Database, teller: Teller) -> None:
    seen: list[list[str]] = []
    teller.writer.when_done = lambda: seen.append([text for text in teller.outcomes if teller.told(text)])
    database.open.clear()
    teller.say("one")
    await turns()
    teller.say("two", "three")
    database.open.set()
    await turns()

    assert seen == [["one"], ["one", "two", "three"]]


async def test_an_outcome_is_told_after_the_commit_and_not_before(database: Database, teller: Teller) -> None:
    database.open.clear()
    teller.say("one")
    await turns()
    assert database.batches == [["one"]]
    assert teller.told("one") is None

    database.open.set()
    await turns()

    assert teller.told("one") == Posted(1)


async def test_a_commit_holds_only_so_many(database: Database, teller: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BATCH_CHANGES", 3)
    teller.say(*"abcdefg")
    await turns()

    assert database.batches == [["a", "b", "c"], ["d", "e", "f"], ["g"]]


async def test_one_too_many_is_refused_at_once(
    database: Database, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PENDING_CHANGES", 2)
    database.open.clear()
    teller.say("a")
    await turns()
    teller.say("b", "c", "d")

    assert teller.told("d").code is Code.UNAVAILABLE
    database.open.set()
    await turns()
    assert [teller.told(text) for text in "abc"] == [Posted(1), Posted(2), Posted(3)]


@pytest.mark.parametrize(
    ("error", "code"),
    [(ChatError(Code.UNAVAILABLE), Code.UNAVAILABLE), (RuntimeError("a fault of ours"), Code.INTERNAL)],
)
async def test_a_commit_that_fails_is_told_to_all_in_it_and_the_next_one_is_made(
    database: Database, teller: Teller, error: Exception, code: Code
) -> None:
    database.error = error
    teller.say("a", "b")
    await turns()
    assert [teller.told(text).code for text in "ab"] == [code, code]

    database.error = None
    teller.say("c")
    await turns()

    assert teller.told("c") == Posted(1)


async def test_a_listener_that_fails_takes_no_outcome_from_its_neighbours(
    database: Database, teller: Teller, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Outcome) -> None:
        raise RuntimeError("gone")

    teller.say("a")
    teller.writer.commit(Post(1, 1, uuid4(), "bad"), fail)
    teller.say("b")
    await turns()

    assert teller.told("b") == Posted(3)
    assert "could not be told" in caplog.text


async def test_behind_a_database_that_stalls_nobody_waits_for_ever(
    database: Database, teller: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "DATABASE_SECONDS", 0.05)
    database.open.clear()
    teller.say("a")
    await turns()
    teller.say("b", "c")

    told = asyncio.Event()
    teller.writer.commit(Post(1, 1, uuid4(), "last"), lambda _: told.set())
    async with asyncio.timeout(5):
        await told.wait()
    await turns()

    assert [teller.told(text).code for text in "abc"] == [Code.UNAVAILABLE] * 3
    monkeypatch.setattr(limits, "DATABASE_SECONDS", 60)
    database.open.set()
    teller.say("d")
    await turns()
    assert isinstance(teller.told("d"), Posted)


async def test_a_writer_that_stops_commits_what_waits_and_takes_nothing_more(
    database: Database, teller: Teller
) -> None:
    teller.say("a", "b")

    await teller.writer.stop()
    teller.say("c")

    assert [teller.told(text) for text in "ab"] == [Posted(1), Posted(2)]
    assert teller.told("c").code is Code.UNAVAILABLE
