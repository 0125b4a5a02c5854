"""The short way in takes whole, small, masked texts, and leaves every other byte as it is."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatsite.frames import small_texts


def framed(payload: bytes, first: int = 0x81, *, masked: bool = True, wide: bool | None = None) -> bytes:
    size = len(payload)
    mask = os.urandom(4) if masked else b""
    bit = 0x80 if masked else 0
    if wide is None:
        wide = size >= 126
    head = bytes((first, bit | (126 if wide else size))) + (size.to_bytes(2, "big") if wide else b"")
    body = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload)) if masked else payload
    return head + mask + body


@given(st.lists(st.text(max_size=1000).filter(lambda text: len(text.encode()) <= 4096), max_size=5), st.data())
def test_texts_come_out_as_they_were_sent(texts: list[str], data: st.DataObject) -> None:
    frames = [framed(text.encode()) for text in texts]
    whole = b"".join(frames)
    cut = data.draw(st.integers(0, len(whole)))

    found, taken = small_texts(whole[:cut])

    assert found == texts[: len(found)]
    assert taken == sum(map(len, frames[: len(found)]))
    assert len(found) == len(texts) or taken + len(frames[len(found)]) > cut, "a whole frame was left"


@pytest.mark.parametrize(
    "frame",
    [
        framed(b"x", 0x01),  # the first of several fragments
        framed(b"x", 0x80),  # a fragment
        framed(b"x", 0x82),  # binary
        framed(b"x", 0x88),
        framed(b"x", 0x89),
        framed(b"x", 0xC1),  # a reserved bit
        framed(b"x", masked=False),
        framed(b"x", wide=True),  # a length told in more bytes than it needs
        framed(b"x" * 5000),  # not small
        framed(b"\xff"),
        framed("é".encode()[:1]),
    ],
)
def test_what_is_unusual_is_left_alone(frame: bytes) -> None:
    usual = framed(b"hi")

    assert small_texts(frame) == ([], 0)
    assert small_texts(usual + frame + usual) == (["hi"], len(usual))
