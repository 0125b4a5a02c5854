"""Every bound can be set from the environment; one that is none stops the start with a sentence."""

import importlib.util
import sys
from types import ModuleType

import pytest

from chat import limits


def read_anew(monkeypatch: pytest.MonkeyPatch, **environment: str) -> ModuleType:
    """The module as a process with this environment would have it, beside the one in use."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    spec = importlib.util.spec_from_file_location("limits_read_anew", limits.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert "limits_read_anew" not in sys.modules
    return module


def test_a_bound_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert limits.MESSAGE_LENGTH == 8000

    anew = read_anew(
        monkeypatch, CHAT_MESSAGE_LENGTH=" 500 ", CHAT_TICK_SECONDS="0.5", CHAT_RATE_LIMITS="Off", CHAT_MESSAGE_BURST=""
    )

    assert (anew.MESSAGE_LENGTH, anew.TICK_SECONDS, anew.RATE_LIMITS) == (500, 0.5, False)
    assert anew.MESSAGE_BURST == limits.MESSAGE_BURST
    assert limits.RATE_LIMITS is True


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("CHAT_MESSAGE_LENGTH", "many", "number from 1 to"),
        ("CHAT_MESSAGE_LENGTH", "0", "from 1 to"),
        ("CHAT_MESSAGE_LENGTH", "-5", "from 1 to"),
        ("CHAT_MESSAGE_LENGTH", "1.5", "whole number"),
        ("CHAT_MESSAGE_LENGTH", "1e99", "from 1 to"),
        ("CHAT_PAGE_MESSAGES", "101", "from 1 to 100"),
        ("CHAT_TICK_SECONDS", "0", "from 0.001"),
        ("CHAT_TICK_SECONDS", "nan", "a number"),
        ("CHAT_TICK_SECONDS", "inf", "a number"),
        ("CHAT_TICK_SECONDS", "1 s", "a number"),
        ("CHAT_RATE_LIMITS", "maybe", "on or off"),
    ],
)
def test_a_bound_that_is_none_says_which_and_what_was_expected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    with pytest.raises(ValueError, match=name) as caught:
        read_anew(monkeypatch, **{name: value})

    variable, wanted, came = caught.value.args
    assert variable == name
    assert expected in wanted
    assert came


def test_the_defaults_fit_each_other() -> None:
    assert limits.MESSAGE_LENGTH * 4 * 2 < limits.FRAME_BYTES  # 8,000 emoji, each escaped as it may be, and the rest
    assert limits.FRAME_BYTES <= limits.PART_BYTES
    assert limits.PAGE_MESSAGES <= limits.HISTORY_MESSAGES <= limits.SYNC_MESSAGES
    assert limits.PRESENCE_WHOLE_SECONDS * 2 < limits.PRESENCE_FORGET_SECONDS  # one whole may be lost
    assert limits.PRESENCE_BATCH_SECONDS * 2 + limits.PRESENCE_FRAME_SECONDS < 2  # who left is gone, in any storm
    assert limits.PRESENCE_FORGET_SECONDS + limits.PRESENCE_COUNT_SECONDS < 60  # a dead process is gone
    assert limits.PART_BYTES * 2 < limits.UNREAD_BYTES
