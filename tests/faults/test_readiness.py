"""Whether a server says that it is ready follows what happens to Redis and the database, and is told in time."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.conftest import within
from tests.integration.server.browser import Browser
from tests.services import ServerProcess, Stack
from tests.services.process import wait_for

SETTINGS = {"CHAT_READY_KEPT_SECONDS": "0", "CHAT_READY_SECONDS": "1", "CHAT_ECHO_SECONDS": "0.5"}
READY = (200, "ready", "ok", "ok")


def _told(server: ServerProcess) -> tuple[int, str, str, str]:
    page = Browser(server).get("/readyz")
    told = json.loads(page.text)
    return page.status, told["status"], told["database"], told["layer"]


def _becomes(server: ServerProcess, expected: tuple[int, str, str, str], seconds: float = 10) -> bool:
    return wait_for(lambda: _told(server) == expected, seconds)


@contextmanager
def _away(store: object, how: str) -> Iterator[None]:
    begin, end = {"killed": ("kill", "start"), "frozen": ("pause", "resume")}[how]
    getattr(store, begin)()
    try:
        yield
    finally:
        getattr(store, end)()


@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_without_redis_a_server_is_degraded_and_goes_on_being_ready(distributed_stack: Stack, how: str) -> None:
    server = distributed_stack.serve(**SETTINGS)
    assert _becomes(server, READY)

    with _away(distributed_stack.redis, how):
        assert _becomes(server, (200, "degraded", "ok", "away"))
        assert Browser(server).get("/").status == 200

    assert _becomes(server, READY, 20)


@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_without_its_database_a_server_is_not_ready_and_says_so_in_time(distributed_stack: Stack, how: str) -> None:
    server = distributed_stack.serve(**SETTINGS)
    assert _becomes(server, READY)

    with _away(distributed_stack.postgres, how):
        for _ in range(3):
            with within(1):
                assert _told(server) == (503, "not ready", "away", "ok")
        with within(0.2):
            assert Browser(server).get("/healthz").status == 200

    assert _becomes(server, READY)
    assert "Traceback" not in server.log()
