"""A process whose event loop stands still ends, with its stack in the log; one that was only paused does not."""

import time

import pytest

from tests.integration.server.browser import Browser
from tests.services import CHAT, Stack
from tests.services.process import wait_for

STUCK = (*CHAT[:-1], "tests.faults.stuck:application")


@pytest.mark.parametrize(
    ("how", "status", "seen"),
    [("python", 70, "the event loop has stood still for 3 s; its stack:"), ("c", 1, "Timeout (0:00:06)!")],
)
def test_a_loop_that_stands_still_ends_its_process(embedded_stack: Stack, how: str, status: int, seen: str) -> None:
    server = embedded_stack.serve(STUCK, CHAT_WATCHDOG_SECONDS="3")
    with pytest.raises(ConnectionError):
        Browser(server).get(f"/stuck/{how}")

    assert server.wait() == status
    assert seen in server.log()
    assert "tests/faults/stuck.py" in server.log()
    server.start()
    assert Browser(server).get("/healthz").status == 200


def test_a_process_that_was_paused_as_a_whole_goes_on(embedded_stack: Stack) -> None:
    server = embedded_stack.serve(CHAT_WATCHDOG_SECONDS="4")
    server.pause()
    time.sleep(4.5)  # the time is what this is about: longer than that, and far from twice that
    server.resume()

    assert wait_for(lambda: Browser(server).get("/healthz").status == 200, 5)
    server.terminate()
    assert server.wait() == 0
