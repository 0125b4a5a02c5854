"""Cuts what is too much for one frame into parts of a bounded size, each message encoded once."""

from collections.abc import Iterator, Sequence

import msgspec

from chat import limits
from chat.wire import codec, events

_Encoded = tuple[events.Message, msgspec.Raw]


def sync(messages: Sequence[events.Message], seq: int, *, complete: bool) -> Iterator[str]:
    """The frames of one catch-up: each about PART_BYTES at most, at least one.

    Complete: each part's `seq` is that of its last message, the last part's where the reader then stands.
    """
    encoded = [(message, codec.raw(message)) for message in messages]
    while True:
        part = _fitting(encoded, limits.PART_BYTES)
        encoded = encoded[len(part) :]
        part_seq = part[-1][0].seq if complete and encoded else seq
        yield codec.encode(events.Sync([raw for _, raw in part], part_seq, complete, more=bool(encoded)))
        if not encoded:
            return


def history(ref: str, messages: Sequence[events.Message], more: events.More, middle: int) -> str:
    """One frame with as many messages as fit, those nearest to the id `middle` first."""
    encoded = [(message, codec.raw(message)) for message in messages]
    older = [pair for pair in encoded if pair[0].id < middle]
    newer = [pair for pair in encoded if pair[0].id >= middle]
    budget = limits.PART_BYTES // (2 if older and newer else 1)
    kept_older = _fitting(older[::-1], budget)[::-1]
    kept_newer = _fitting(newer, budget)
    more = events.More(more.before or len(kept_older) < len(older), more.after or len(kept_newer) < len(newer))
    return codec.encode(events.History(ref, [raw for _, raw in kept_older + kept_newer], more))


def _fitting(encoded: Sequence[_Encoded], budget: int) -> list[_Encoded]:
    """The first of them that fit, but one at least."""
    size = 0
    for index, (_, raw) in enumerate(encoded):
        size += len(bytes(raw)) + 1
        if index and size > budget:
            return list(encoded[:index])
    return list(encoded)
