"""Large answers come in parts of a bounded size that together hold everything, in order."""

import json
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import limits
from chat.realtime import parts
from chat.wire import events
from tests.client import History, Sync, read_rich


def message(number: int, seq: int | None = None, size: int = 10) -> events.Message:
    return events.Message(
        number,
        seq or number,
        events.UserRef(1, "Ana"),
        "x" * size,
        f"<p>{'x' * size}</p>",
        "2026-11-20T10:00:00.123Z",
        "",
    )


def sync(messages: list[events.Message], seq: int, *, complete: bool) -> list[Sync]:
    frames = list(parts.sync(messages, seq, complete=complete))
    assert_bounded(frames, messages)
    found = [read_rich(frame) for frame in frames]
    assert all(isinstance(part, Sync) for part in found)
    return found  # type: ignore[return-value]


def assert_bounded(frames: Iterable[str], messages: list[events.Message]) -> None:
    largest = max([len(json.dumps({"m": m.message, "h": m.html})) for m in messages], default=0)
    for frame in frames:
        assert len(frame.encode()) <= max(limits.PART_BYTES, largest + 400) + 300


sizes = st.lists(st.sampled_from([0, 10, 1_000, 8_000, 60_000, 140_000]), max_size=40)


@given(sizes=sizes, steps=st.lists(st.integers(1, 3), min_size=40, max_size=40), beyond=st.integers(0, 5))
def test_a_complete_catch_up_comes_in_parts_whose_seq_is_that_of_their_last_message(
    sizes: list[int], steps: list[int], beyond: int
) -> None:
    seqs = [sum(steps[: index + 1]) for index in range(len(sizes))]
    messages = [message(seq, seq, size) for seq, size in zip(seqs, sizes, strict=True)]
    stand = (seqs[-1] if seqs else 0) + beyond

    found = sync(messages, stand, complete=True)

    assert [m.id for part in found for m in part.messages] == seqs
    assert [part.more for part in found] == [True] * (len(found) - 1) + [False]
    assert all(part.complete for part in found)
    for part in found[:-1]:
        assert part.seq == part.messages[-1].seq
    assert found[-1].seq == stand


@given(sizes=sizes)
def test_a_catch_up_anew_tells_the_number_it_was_read_with(sizes: list[int]) -> None:
    messages = [message(number, number, size) for number, size in enumerate(sizes, 1)]

    found = sync(messages, 99, complete=False)

    assert [m.id for part in found for m in part.messages] == [m.id for m in messages]
    assert {part.seq for part in found} == {99}
    assert [part.more for part in found] == [True] * (len(found) - 1) + [False]
    assert not any(part.complete for part in found)


def test_nothing_to_tell_is_one_empty_part() -> None:
    assert sync([], 7, complete=True) == [Sync([], 7, True, False)]


def test_the_bound_counts_bytes_and_not_letters() -> None:
    wide = [
        events.Message(n, n, events.UserRef(1, "Ana"), "😀" * 8000, "😀" * 8000, "2026-11-20T10:00:00.123Z", "")
        for n in range(1, 11)
    ]

    frames = list(parts.sync(wide, 10, complete=True))

    assert len(frames) > 2
    assert all(len(frame.encode()) <= limits.PART_BYTES + 300 for frame in frames)


@given(sizes=sizes, middle=st.integers(0, 41), more=st.tuples(st.booleans(), st.booleans()))
def test_a_page_of_history_is_one_unbroken_stretch_around_what_was_asked_for(
    sizes: list[int], middle: int, more: tuple[bool, bool]
) -> None:
    messages = [message(number, size=size) for number, size in enumerate(sizes, 1)]

    frame = parts.history("r", messages, events.More(*more), middle)

    assert_bounded([frame], messages) if len(frame) < limits.PART_BYTES else None
    page = read_rich(frame)
    assert isinstance(page, History)
    kept = [m.id for m in page.messages]
    assert kept == list(range(kept[0], kept[-1] + 1)) if kept else not messages
    older, newer = [m.id for m in messages if m.id < middle], [m.id for m in messages if m.id >= middle]
    assert not older or older[-1] in kept
    assert not newer or newer[0] in kept
    assert page.more.before is (more[0] or bool(older and older[0] not in kept))
    assert page.more.after is (more[1] or bool(newer and newer[-1] not in kept))


@pytest.mark.parametrize("middle", [0, 200, 400])
def test_a_page_of_large_messages_stays_within_the_bound(middle: int) -> None:
    messages = [message(number, size=8000) for number in range(150, 250)]

    frame = parts.history("r", messages, events.More(False, False), middle)

    assert limits.PART_BYTES // 3 < len(frame) <= limits.PART_BYTES + 300
