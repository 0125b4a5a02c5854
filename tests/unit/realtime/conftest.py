"""Two processes of one site, for the tests of who is where."""

import pytest

from tests.unit.realtime.processes import Clock, Process, Wire, set_clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return set_clock(monkeypatch)


@pytest.fixture
async def wire(clock: Clock) -> Wire:
    return Wire(clock)


@pytest.fixture
async def one(wire: Wire) -> Process:
    return wire.add("one")


@pytest.fixture
async def other(wire: Wire, one: Process) -> Process:
    return wire.add("other")
