"""Where a text speaks to somebody: an `@` and a name, which counts in any spelling that people would take for it.

Who is called so is for others to know: here a name is the key that its spellings share (chat.text.names).
"""

import unicodedata
from typing import NamedTuple, Self

from chat import limits
from chat.text import names

HERE = "here"  # nobody can be called so; it speaks to everybody in the room
HERE_KEY = names.key(HERE)

# Of one @name, the shortest: a name in a script without blanks may end at any of its letters.
_READINGS = 16


class Mentions(NamedTuple):
    """Whom a message speaks to: everybody (`here`), and people by key, in the order of the text."""

    here: bool = False
    people: tuple[int, ...] = ()

    def pack(self) -> str:
        """As a message keeps it, and `unpack` reads it; empty for nobody."""
        if not self.here and not self.people:  # as most messages
            return ""
        return " ".join([*([HERE] if self.here else []), *map(str, self.people)])

    @classmethod
    def unpack(cls, packed: str) -> Self:
        words = packed.split()
        here = words[:1] == [HERE]
        return cls(here, tuple(int(word) for word in words[here:]))


NOBODY = Mentions()


def readings(text: str, at: int) -> dict[str, int]:
    """The names that may be meant by the `@` at that place, by key, each with where it ends; the longest first.

    Where a name ends cannot be told without knowing who there is: names hold points and hyphens, and 你好 may follow
    one without a blank. None at all behind a letter or digit, for that is an e-mail address.
    """
    if at and (text[at - 1].isalnum() or text[at - 1] == "@"):
        return {}
    stretch = text[at + 1 : at + 1 + 2 * limits.NAME_LENGTH].split(maxsplit=1)
    if not stretch or text[at + 1].isspace() or text[at + 1] in names.GAPS:
        return {}
    name = stretch[0]
    ends = [end for end in range(1, len(name) + 1) if _is_edge(name, end)][:_READINGS]
    found = {names.key(name[:end]): at + 1 + end for end in ends}
    return dict(reversed(found.items()))


def _is_edge(name: str, end: int) -> bool:
    last = name[end - 1]
    if last in names.GAPS or end > limits.NAME_LENGTH:
        return False
    if end == len(name):
        return True
    following = name[end]
    return not _belongs_to_the_last(following) and not (_holds_on(last) and _holds_on(following))


def _holds_on(character: str) -> bool:
    """Whether a word goes on between two such letters."""
    return character.isalnum() and not _has_no_blanks(character)


def _has_no_blanks(letter: str) -> bool:
    """Thai, Lao, Myanmar, Khmer; Chinese, Japanese, Korean (whose particles follow a name at once)."""
    return (
        "\u0e00" <= letter <= "\u0eff"
        or "\u1000" <= letter <= "\u109f"
        or "\u1780" <= letter <= "\u17ff"
        or "\u2e80" <= letter <= "\ufaff"
        or letter >= "\U00020000"
    )


def _belongs_to_the_last(character: str) -> bool:
    return unicodedata.category(character) in ("Mn", "Mc", "Me", "Cf")
