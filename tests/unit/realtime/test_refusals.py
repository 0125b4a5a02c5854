"""What a line tells of a socket that is not let in, and how many such lines there are."""

from typing import Any

import pytest

from chat import limits
from chat.realtime.refusals import Refusals


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def refusals(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Refusals:
    """Two lines at once, and one a second."""
    monkeypatch.setattr(limits, "REFUSAL_LINES", 2)
    monkeypatch.setattr(limits, "REFUSAL_LINES_PER_SECOND", 1)
    return Refusals(clock)


def scope(path: str = "/ws/chat/garden/") -> dict[str, Any]:
    return {
        "path": path,
        "query_string": b"name=s3cret",
        "client": ["192.0.2.7", 0],
        "request_id": "some-id",
        "headers": [(b"cookie", b"session=s3cret")],
    }


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [record.msg for record in caplog.records if isinstance(record.msg, dict)]


@pytest.fixture(autouse=True)
def _log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")


def test_a_line_tells_why_and_from_where_and_no_secret(refusals: Refusals, caplog: pytest.LogCaptureFixture) -> None:
    refusals.note(scope(), 403, origin="https://evil.example")

    [line] = told(caplog)
    assert (line["event"], line["code"], line["path"]) == ("socket refused", 403, "/ws/chat/garden/")
    assert (line["address"], line["id"], line["origin"]) == ("192.0.2.7", "some-id", "https://evil.example")
    assert "s3cret" not in str(line)


def test_of_many_only_so_many_make_a_line_and_the_next_tells_how_many_did_not(
    refusals: Refusals, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(500):
        refusals.note(scope(), 4429)
    assert [line["left_out"] for line in told(caplog)] == [0, 0]

    clock.now = 1.0
    refusals.note(scope(), 4429)
    clock.now = 2.0
    refusals.note(scope(), 4429)
    assert [line["left_out"] for line in told(caplog)[2:]] == [498, 0]


def test_what_a_stranger_chose_is_cut_and_makes_no_line_of_its_own(
    refusals: Refusals, caplog: pytest.LogCaptureFixture
) -> None:
    refusals.note(scope("/ws/\nERROR " + "聊" * 5_000), 4404, origin="http://" + "x" * 5_000)

    [line] = told(caplog)
    assert len(line["path"]) == len(line["origin"]) == limits.LOGGED_LENGTH
    assert line["path"].startswith("/ws/%0AERROR%20%E8%81%8A")
