"""What processes of different versions tell each other: what is new to one is skipped, never fatal."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.wire import announcements
from chat.wire.announcements import (
    Account,
    Active,
    AnyNews,
    AskActive,
    AskPresent,
    Change,
    Changes,
    Counts,
    HerePerson,
    Listed,
    Present,
    Read,
    Typing,
)

NEWS: list[AnyNews] = [
    Changes("k3", 7, 4, 6, 0, [Change(5, "{}", True), Change(6, "{}")]),
    Account("renamed", 3, name="Ana"),
    Present("p", 2, 7, True, [HerePerson(3, "Ana", False)], [4]),
    AskPresent("p", 7),
    Counts("p", {7: 2}),
    AskActive("p", [3, 4]),
    Active("p", [3], [4]),
    Typing(7, 3, "Ana", 4),
    Read(7, 3, 346, False, "p.1"),
    Listed(3),
]


def pack(*items: Any) -> bytes:
    return msgspec.msgpack.encode(list(items))


def test_what_is_told_arrives_as_it_was() -> None:
    assert announcements.decode(announcements.encode(NEWS)) == NEWS


def test_a_type_of_a_later_version_is_skipped_and_its_neighbours_are_heard() -> None:
    known = msgspec.to_builtins(Account("renamed", 3, name="Ana"))

    assert announcements.decode(pack({"t": "poll", "question": "?"}, known)) == [
        None,
        Account("renamed", 3, name="Ana"),
    ]


def test_a_field_of_a_later_version_is_skipped() -> None:
    assert announcements.decode(
        pack({"t": "account", "change": "renamed", "person": 3, "name": "Ana", "why": "x"})
    ) == [NEWS[1]]
    longer = {**msgspec.to_builtins(NEWS[0]), "changes": [[5, "{}", True, "new"], [6, "{}"]]}
    assert announcements.decode(pack(longer)) == [NEWS[0]]


@pytest.mark.parametrize(
    "item",
    [None, 7, "changes", [], {}, {"t": "account"}, {"t": "account", "change": "renamed", "person": "x", "name": 1}],
)
def test_what_is_no_news_is_skipped(item: Any) -> None:
    assert announcements.decode(pack(item)) == [None]


def test_a_change_of_a_later_version_is_heard_as_it_was_said() -> None:
    assert announcements.decode(pack({"t": "account", "change": "merged", "person": 3})) == [Account("merged", 3)]


@pytest.mark.parametrize("body", [b"", b"\xc1", b"{", msgspec.msgpack.encode({"t": "account"}), "text", None, 7])
def test_a_body_that_is_no_list_is_skipped(body: Any) -> None:
    assert announcements.decode(body) == [None]


@given(body=st.binary(max_size=100))
def test_no_bytes_make_it_raise(body: bytes) -> None:
    for news in announcements.decode(body):
        assert news is None or isinstance(news, announcements.News)
