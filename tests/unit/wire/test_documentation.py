"""The protocol's page names exactly what the code has: no frame, field or code more or less."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from chat import limits, policy
from chat.realtime.greeting import FEATURES
from chat.wire import codec, commands, events
from chat.wire.codes import TEMPORARY, Close, Code

PAGE = (Path(codec.__file__).parent / "README.md").read_text()


def section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert found, f"chat/wire/README.md has no section {title!r}"
    return found[1]


def table(text: str, header: str) -> Iterator[list[str]]:
    """The cells of each row of the table whose first column is called so."""
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith(f"| {header} |"):
            next(lines)
            break
    else:
        raise AssertionError(f"no table of {header}")
    for line in lines:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def shapes(kinds: tuple[type, ...]) -> dict[str, list[str]]:
    return {str(kind.__struct_config__.tag): fields(kind) for kind in kinds}  # type: ignore[attr-defined]


def fields(kind: type) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(kind)]


def documented(title: str) -> dict[str, list[str]]:
    return {quoted(row[0])[0]: quoted(row[1]) for row in table(section(title), "Type")}


def in_any_order(frames: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: sorted(found) for name, found in frames.items()}


def test_every_frame_that_a_client_may_send_is_described_with_its_fields() -> None:
    assert in_any_order(documented("Rich dialect: what a client sends")) == in_any_order(
        shapes(get_args(commands.RichCommand))
    )


def test_every_frame_that_the_server_sends_is_described_with_its_fields() -> None:
    kinds = tuple(kind for kind in events.Event.__subclasses__() if kind.__module__ == events.__name__)

    assert in_any_order(documented("Rich dialect: what the server sends")) == in_any_order(shapes(kinds))


def test_the_objects_within_frames_are_described_with_their_fields() -> None:
    rows = table(section("Rich dialect: what the server sends"), "Object")

    assert {row[0]: quoted(row[1]) for row in rows} == {
        "`user` of `hello`": fields(events.Person),
        "`user` of `message`, `typing`, one of `users`": fields(events.UserRef),
        "one of `reactions`": fields(events.Reaction),
        "`room`": fields(events.Room),
        "one of `here`, `joined`": fields(events.Here),
        "`more` of `history`": fields(events.More),
        "`limits`": ["message", "frame", "burst", "per_second", "edit_seconds"],
    }


def test_every_right_is_described_in_the_order_in_which_it_is_told() -> None:
    rows = table(section("Rich dialect: what the server sends"), "Right")

    assert [quoted(row[0])[0] for row in rows] == [right.value for right in policy.Right] == list(policy._RIGHTS)


def test_the_plain_dialect_is_described_with_its_fields() -> None:
    assert [quoted(row[0])[0] for row in table(section("Plain dialect"), "Field")] == fields(events.PlainMessage)
    assert fields(commands.PlainSend) == ["message"]


def test_every_error_code_is_described_and_whether_it_is_temporary() -> None:
    rows = {quoted(row[0])[0]: row[1] for row in table(section("Error codes"), "Code")}

    assert rows == {code.value: "yes" if code in TEMPORARY else "no" for code in Code}


def test_every_close_code_is_described_and_whether_to_come_back() -> None:
    rows = {int(row[0]): row[2].startswith("yes") for row in table(section("Close codes"), "Code")}

    assert rows == {int(code): 4408 <= code <= 4429 for code in Close}


def test_every_feature_is_named() -> None:
    assert sorted(quoted(section("Not there yet"))[1:]) == sorted(FEATURES)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"1 to {limits.SLUG_LENGTH} code points", limits.SLUG_LENGTH),
        (f"at most {limits.REF_LENGTH} characters", limits.REF_LENGTH),
        (f"`limit` 1 to {limits.HISTORY_MESSAGES} ({limits.PAGE_MESSAGES})", limits.HISTORY_MESSAGES),
        (f"(0 to {limits.HISTORY_MESSAGES}) asks", limits.HISTORY_MESSAGES),
        (f"within {limits.HELLO_SECONDS} s", limits.HELLO_SECONDS),
        (f"up to {limits.WAITING_FRAMES} frames", limits.WAITING_FRAMES),
        (f"more than {limits.SYNC_MESSAGES} messages", limits.SYNC_MESSAGES),
        (f"({limits.PAGE_MESSAGES} messages, by `id`)", limits.PAGE_MESSAGES),
        (f"the {limits.HERE_PEOPLE} that one frame names", limits.HERE_PEOPLE),
        (f"{limits.FRAME_BYTES // 1024} KiB", limits.FRAME_BYTES),
        (f"{limits.PART_BYTES // 1024} KiB", limits.PART_BYTES),
        (f"{limits.MESSAGE_LENGTH:,} emoji", limits.MESSAGE_LENGTH),
        (f"{limits.FRAMES_PER_SECOND} a second ({limits.FRAME_BURST} at once)", limits.FRAME_BURST),
        (f"through {limits.FLOOD_FRAMES} refusals", limits.FLOOD_FRAMES),
        (f"after the first {limits.MENTIONS} names", limits.MENTIONS),
        (f"Both stop at {limits.UNREAD_COUNT}", limits.UNREAD_COUNT),
        ("at most one a second for each room", limits.UNREAD_SECONDS == 1),
        ("within half a second counts", limits.READ_SECONDS == 0.5),
        (f"the first {limits.REACTION_PEOPLE} of them", limits.REACTION_PEOPLE),
        (f"a message takes {limits.REACTION_KINDS} kinds", limits.REACTION_KINDS),
        (f"at most {limits.EMOJI_LENGTH} code points", limits.EMOJI_LENGTH),
    ],
)
def test_the_bounds_that_it_names_are_those_of_the_code(text: str, value: float) -> None:
    assert value
    assert text in PAGE, f"chat/wire/README.md should say: {text}"


def test_the_subprotocol_is_named() -> None:
    assert f"`Sec-WebSocket-Protocol: {codec.SUBPROTOCOL}`" in PAGE
