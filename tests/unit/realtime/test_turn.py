"""What is due goes out when its turn ends, or with what comes soon, and never later than the bound."""

import asyncio

import pytest

from chat import limits
from chat.realtime.turn import Turn

LONG = 3600.0


class Socket:
    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._due: list[str] = []
        self.writes: list[list[str]] = []
        self.breaks = False

    def put(self, text: str) -> None:
        if not self._due:
            self._turn.add(self)
        self._due.append(text)

    def flush(self) -> None:
        if self.breaks:
            raise RuntimeError("a bug")
        due, self._due = self._due, []
        self.writes.append(due)


@pytest.fixture
async def turn() -> Turn:
    return Turn()


@pytest.fixture
def sockets(turn: Turn) -> list[Socket]:
    return [Socket(turn) for _ in range(3)]


async def turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def say(sockets: list[Socket], text: str) -> None:
    for socket in sockets:
        socket.put(text)


async def test_what_is_due_is_written_when_the_turn_ends(sockets: list[Socket]) -> None:
    say(sockets, "a")
    say(sockets, "b")
    assert sockets[0].writes == []
    await turns()

    assert [socket.writes for socket in sockets] == [[["a", "b"]]] * 3


async def test_it_can_wait_for_what_comes_soon(
    turn: Turn, sockets: list[Socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WRITE_SECONDS", LONG)
    say(sockets, "a")
    turn.wait()
    await turns()
    assert sockets[0].writes == []

    say(sockets, "b")
    turn.more_came()
    say(sockets, "c")
    await turns()

    assert [socket.writes for socket in sockets] == [[["a", "b"], ["c"]]] * 3


async def test_it_waits_no_longer_than_the_bound(
    turn: Turn, sockets: list[Socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WRITE_SECONDS", 0.01)
    begun = asyncio.get_running_loop().time()
    say(sockets, "a")
    turn.wait()
    written: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    turn.afterwards(lambda: written.set_result(asyncio.get_running_loop().time()))
    async with asyncio.timeout(10):
        assert await written - begun >= 0.02  # of 0.03, for loops may be early by their clock's resolution
    assert [socket.writes for socket in sockets] == [[["a"]]] * 3

    say(sockets, "b")
    await turns()
    assert [socket.writes for socket in sockets] == [[["a"], ["b"]]] * 3, "it went on waiting"


async def test_more_may_come_when_nothing_waits(turn: Turn, sockets: list[Socket]) -> None:
    turn.more_came()
    say(sockets, "a")
    turn.more_came()
    assert sockets[0].writes == []
    await turns()

    assert sockets[0].writes == [["a"]]


async def test_one_that_cannot_be_written_to_keeps_nobody_waiting(
    turn: Turn, sockets: list[Socket], caplog: pytest.LogCaptureFixture
) -> None:
    sockets[0].breaks = True
    after: list[str] = []
    say(sockets, "a")
    turn.afterwards(lambda: after.append("written"))
    await turns()

    assert [socket.writes for socket in sockets] == [[], [["a"]], [["a"]]]
    assert after == ["written"]
    assert "a socket could not be written to" in caplog.text


async def test_where_nothing_is_due_what_is_to_follow_does_not_wait(turn: Turn) -> None:
    after: list[str] = []
    turn.afterwards(lambda: after.append("written"))

    assert after == ["written"]
