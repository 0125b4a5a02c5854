"""Two people on two servers, or on one, with what breaks between them."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.services import ServerProcess, Stack

# A lost announcement is found with the next look at the numbers, once a second, and read some 100 ms later.
FOUND_SECONDS = 1.5
# What a busy test machine may add.
SLACK_SECONDS = 1.5


@pytest.fixture
def two(distributed_stack: Stack) -> tuple[ServerProcess, ServerProcess]:
    """Two servers on one Redis and one PostgreSQL."""
    return distributed_stack.serve(CHAT_RATE_LIMITS="off"), distributed_stack.serve(CHAT_RATE_LIMITS="off")


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Fails what took longer; `seconds` is a promise, not a measure of speed."""
    before = time.monotonic()
    yield
    took = time.monotonic() - before
    assert took <= seconds + SLACK_SECONDS, f"took {took:.1f} s, promised {seconds:g} s"
