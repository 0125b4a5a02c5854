"""How rooms and people may be called, and which spellings count as one name."""

import re
import secrets
import unicodedata

from chat import limits

# Letters that read as Latin ones, from Unicode's confusables (UTS #39); only those that whole words can be made of.
_LOOK_ALIKES = str.maketrans(
    dict(
        zip(
            "авеёіјкмнорсԁтухѕһԛԝѵαβεικνορτυχωıɡ01|",
            "abeeijkmhopcdtyxshqwvabeiknoptuxwigoll",
            strict=True,
        )
    )
)
KEY_LENGTH = 240
GAPS = "_-.·'’"  # what words of a name may be joined by, beside blanks
_GAPS = re.compile(rf"[\s{re.escape(GAPS)}]+")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, format, surrogates, private, unassigned, separators
_JOINERS = "\u200c\u200d"

_SLUG_CHARACTERS = "abcdefghijklmnopqrstuvwxyz234567"
_SLUG_CHARACTERS_MADE_UP = 20  # a hundred bits
_MADE_UP_SLUG = re.compile(f"~[{_SLUG_CHARACTERS}]{{{_SLUG_CHARACTERS_MADE_UP}}}")

_MOODS = """
    Amber Bold Brave Breezy Bright Calm Candid Cheery Clever Cosy Curious Daring Dapper Eager Early Easy Fair Fleet
    Fond Frank Gentle Glad Golden Happy Honest Humble Jolly Keen Kind Lively Lucky Merry Mellow Mild Neat Nimble
    Noble Patient Placid Plucky Polite Proud Quick Quiet Ready Rosy Sage Serene Silver Sincere Smooth Snug Spry
    Steady Still Sunny Swift Tidy Trusty Upbeat Warm Witty Zesty
""".split()
_ANIMALS = """
    Badger Beaver Bison Bittern Bunting Cormorant Crane Curlew Deer Dolphin Dormouse Dove Eagle Egret Falcon Ferret
    Finch Fox Gannet Gecko Grebe Gull Hare Hawk Hedgehog Heron Ibis Jay Kestrel Kite Koala Lark Linnet Lynx Magpie
    Marten Mole Moose Newt Nightjar Otter Owl Panda Pelican Petrel Pika Plover Puffin Quail Rabbit Raven Robin Seal
    Shrew Siskin Sparrow Squirrel Stork Swallow Swan Tern Thrush Tortoise Wren
""".split()


class BadName(ValueError):
    """What was given cannot be a name; the text says what one looks like."""


def slug(spelling: str) -> str:
    """The one spelling of a room's name: NFKC, case folding, NFKC; or a made-up slug as it is.

    Raises BadName unless 1 to 64 Unicode letters, marks, digits, `_` and `-` come out (protocol: rooms).
    """
    if _MADE_UP_SLUG.fullmatch(spelling):
        return spelling
    return public_slug(spelling)


def public_slug(spelling: str) -> str:
    """As `slug`, of a name that people may choose. Raises BadName."""
    if len(spelling) <= 4 * limits.SLUG_LENGTH:
        folded = _fold_case(spelling)
        if 1 <= len(folded) <= limits.SLUG_LENGTH and all(_in_slug(character) for character in folded):
            return folded
    raise BadName(f"A room's name has 1 to {limits.SLUG_LENGTH} letters, digits, - and _.")


def slug_of_words(typed: str) -> str:
    """The slug for what a person typed as a room's name, where blanks stand between words. Raises BadName."""
    return public_slug("-".join(typed.split()))


def made_up_slug() -> str:
    """A slug for a room that is not public: nobody chooses it, and nobody guesses it."""
    return "~" + "".join(secrets.choice(_SLUG_CHARACTERS) for _ in range(_SLUG_CHARACTERS_MADE_UP))


def is_made_up_slug(slug: str) -> bool:
    return slug.startswith("~")


def room_title(typed: str) -> str:
    """A room's title as it will be shown, blanks evened out. Raises BadName."""
    title = " ".join(unicodedata.normalize("NFC", typed).split())
    if not 1 <= len(title) <= limits.TITLE_LENGTH:
        raise BadName(f"A room's title has 1 to {limits.TITLE_LENGTH} characters.")
    if _hides_something(title) or not any(unicodedata.category(character)[0] in "LNSP" for character in title):
        raise BadName("A room's title cannot be made of invisible or control characters.")
    return title


def room_topic(typed: str) -> str:
    """What a room is about, in one line; may be empty. Raises BadName."""
    topic = " ".join(unicodedata.normalize("NFC", typed).split())
    if len(topic) > limits.TOPIC_LENGTH:
        raise BadName(f"A room's topic has at most {limits.TOPIC_LENGTH} characters.")
    if _hides_something(topic):
        raise BadName("A room's topic cannot contain invisible or control characters.")
    return topic


def display_name(typed: str) -> str:
    """A person's name as it will be shown, blanks evened out. Raises BadName."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name or len(name) > limits.NAME_LENGTH:
        raise BadName(f"A name has 1 to {limits.NAME_LENGTH} characters.")
    if any(unicodedata.category(character) in _UNSEEN for character in name):
        raise BadName("A name cannot contain invisible or control characters.")
    if len(key(name)) > KEY_LENGTH:  # one letter of a name may stand for a sentence (U+FDFA)
        raise BadName("A name cannot be that long when it is written out.")
    if not key(name) or not any(unicodedata.category(character)[0] in "LNS" for character in name):
        raise BadName("A name needs at least one letter or digit.")
    return name


def username(name: str) -> str:
    """What an @mention of that name says: no blanks."""
    return name.replace(" ", "-")


def key(name: str) -> str:
    """What two names share when people would take one for the other: case, width, accents, gaps, look-alikes."""
    folded = unicodedata.normalize("NFD", _GAPS.sub("", _fold_case(name)))
    bare = "".join(character for character in folded if unicodedata.category(character) not in ("Mn", "Cf"))
    return unicodedata.normalize("NFC", bare.translate(_LOOK_ALIKES) or folded)


def look(name: str) -> str:
    """What two names share when they look alike as they are written, though nobody would say that they are the same.

    A capital I is an l, but an i is none: `PauI` is taken for `Paul`, `Kai` not for `Kal`. As `key`, so that a name in
    other letters still looks the same, and never longer.
    """
    return key(_fold_width(name).replace("I", "l")).replace("rn", "m").replace("vv", "w")


def is_reserved(name: str) -> bool:
    """Whether a name would be taken for the site's own voice, or for a mention of many."""
    return key(name) in _RESERVED or look(name) in _RESERVED


def initials(name: str) -> str:
    """What stands for a person without a picture: the first characters of the first two words."""
    return "".join(word[0] for word in name.split()[:2]).upper()


def made_up() -> str:
    """A friendly name for someone who gave none."""
    return f"{secrets.choice(_MOODS)} {secrets.choice(_ANIMALS)}"


def with_suffix(name: str, number: int) -> str:
    """`Ana` when there is an Ana already: `Ana 2`; cut so that it stays within the length of a name."""
    suffix = f" {number}"
    return name[: limits.NAME_LENGTH - len(suffix)].rstrip() + suffix


def _fold_case(text: str) -> str:
    return unicodedata.normalize("NFKC", _fold_width(text).casefold())


def _fold_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _hides_something(line: str) -> bool:
    """Joiners are let pass: words of many scripts, and emoji, are written with them."""
    return any(unicodedata.category(character) in _UNSEEN and character not in _JOINERS for character in line)


def _in_slug(character: str) -> bool:
    return character in "_-" or unicodedata.category(character) in (
        "Lu",
        "Ll",
        "Lt",
        "Lm",
        "Lo",
        "Mn",
        "Mc",
        "Me",
        "Nd",
    )


_RESERVED = frozenset(
    fold(name)
    for fold in (key, look)
    for name in """
        admin administrator moderator mod staff root system server support security webmaster operator owner
        all everyone everybody channel room here nobody guest deleted deletedperson deleteduser
    """.split()
)
