"""A server that the tests of a module share, a room of its own for each, and a look into the log after each."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.services import CHAT, DAPHNE, ServerProcess, Stack, complaints

TICK_SECONDS = 0.5

# For modules of tests that stock Daphne passes too: what is promised without our server's extension.
ON_ANY_SERVER = pytest.mark.parametrize(
    ("shared_stack", "server"),
    [("embedded", CHAT), ("distributed", CHAT), ("embedded", DAPHNE)],
    ids=["embedded", "distributed", "embedded-daphne"],
    indirect=True,
    scope="module",
)


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, shared_stack: Stack) -> ServerProcess:
    """Without rates, so that tests need not wait; with a quick tick."""
    argv = getattr(request, "param", CHAT)
    return shared_stack.serve(argv, CHAT_RATE_LIMITS="off", CHAT_TICK_SECONDS=str(TICK_SECONDS))


@pytest.fixture
def room() -> str:
    return f"room-{uuid4().hex[:12]}"


@pytest.fixture
def may_log_errors() -> None:
    """For a test whose point the server logs as an error."""


@pytest.fixture(autouse=True)
def _no_traceback(request: pytest.FixtureRequest) -> Iterator[None]:
    """No test makes the shared server raise."""
    if "server" not in request.fixturenames or "may_log_errors" in request.fixturenames:
        yield
        return
    server: ServerProcess = request.getfixturevalue("server")
    before = len(server.log())
    yield
    said = server.log()[before:]
    assert not complaints(said), said
