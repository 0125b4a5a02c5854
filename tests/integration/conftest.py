"""The cast in the database, what was announced, and whole chats that many tests of a module share."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chat.actions import announce
from chat.wire.announcements import AnyNews
from tests import cast as cast_module
from tests.cast import Cast
from tests.services import Postgres, Redis, Stack, StackMaker


@pytest.fixture
def cast(db: None) -> Cast:
    return cast_module.gather()


@pytest.fixture
def announced() -> Iterator[list[AnyNews]]:
    """What was announced after a commit, in its order."""
    heard: list[AnyNews] = []
    announce.register(heard.extend)
    yield heard
    announce.register(None)


@pytest.fixture(scope="module", params=["embedded", "distributed"])
def shared_stack(
    request: pytest.FixtureRequest, stack_maker: StackMaker, postgres_cluster: Postgres
) -> Iterator[Stack]:
    """One chat for all tests of a module; they keep out of each other's way by the names of their rooms."""
    with _stack(request.param, stack_maker, postgres_cluster) as stack:
        yield stack
        print(stack.logs())  # noqa: T201 - pytest shows it for a test that failed


@contextmanager
def _stack(kind: str, maker: StackMaker, postgres: Postgres) -> Iterator[Stack]:
    if kind == "embedded":
        with maker.embedded() as stack:
            yield stack
    else:
        with Redis() as redis, maker.distributed(postgres, redis) as stack:
            yield stack
