"""Two processes of one site, for the tests of who is where; and rights as the model of a room has them."""

import pytest

from chat import policy
from tests.unit.realtime.processes import Clock, Process, Wire, set_clock


@pytest.fixture(autouse=True)
def _rights_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a read asks for is the viewer; the model says what it means."""
    monkeypatch.setattr(policy, "visible", lambda viewer: viewer)


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
