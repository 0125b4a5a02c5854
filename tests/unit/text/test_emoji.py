"""One emoji is one emoji, however many code points it is made of, and has one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import limits
from chat.text import emoji

KINDS = [
    "👍", "😀", "🫠", "🎉", "✅", "⭐", "👍🏽", "👨‍👩‍👧‍👦", "👩🏿‍🚀", "🧑🏻‍❤️‍💋‍🧑🏿", "🏳️‍🌈", "🏴‍☠️", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇩🇪", "🇨🇳",
    "1️⃣", "#️⃣", "*️⃣", "❤️", "☺️", "✌🏼", "©️", "ℹ️", "👁️‍🗨️", "⛹🏽‍♂️", "🐦‍🔥", "🪿", "🆗", "🅰️", "㊗️", "🀄", "🃏", "🏽",
]  # fmt: skip


@pytest.mark.parametrize("one", KINDS)
def test_one_emoji_stays_as_it_is(one: str) -> None:
    assert emoji.one(one) == one
    assert len(one) <= limits.EMOJI_LENGTH


@pytest.mark.parametrize("one", KINDS)
def test_how_it_was_to_be_shown_makes_no_other_kind(one: str) -> None:
    bare = one.replace("\ufe0f", "")
    assert emoji.one(bare) == one
    assert emoji.one(f"{bare}\ufe0e") == one


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a", "1", "#", "*", ":+1:", "hi", "你", "★", "→", "㎏", "<b>", "\x00", "\ud83d", "\ufe0f",
        "\u200d", "\u20e3", "👍👍", "👍 ", " 👍", "👍a", "👍\n", "👍\u200d", "\u200d👍", "👍\u20e3", "a\u20e3",
        "👍🏽🏽", "1️⃣1️⃣", "🇩", "🇩🇪🇫🇷", "\U000e0067\U000e007f", "👍" + "\ufe0f" * 40, "\u200d".join(["👩"] * 20),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(emoji.NoEmoji, match=r"Expected one emoji\."):
        emoji.one(text)


@given(st.text(st.sampled_from("".join(KINDS)) | st.characters(), max_size=40))
def test_a_spelling_is_settled_bounded_and_without_words(text: str) -> None:
    try:
        spelled = emoji.one(text)
    except emoji.NoEmoji:
        return
    assert emoji.one(spelled) == spelled
    assert 1 <= len(spelled) <= limits.EMOJI_LENGTH
    assert not any(character.isalpha() and ord(character) < 0x2000 for character in spelled)
    assert not any(character.isspace() or character in "<>&\"'" for character in spelled)
