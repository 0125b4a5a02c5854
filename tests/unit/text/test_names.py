"""Which spellings make one name, and what is no name at all."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import limits
from chat.text import names
from chat.text.names import BadName

typed = st.text(st.characters(codec="utf-8"), max_size=80)
words = st.text(st.characters(categories=["L", "M", "N", "Zs"]), max_size=50)


def slug_or_none(spelling: str) -> str | None:
    try:
        return names.slug(spelling)
    except BadName:
        return None


def name_or_none(spelling: str) -> str | None:
    try:
        return names.display_name(spelling)
    except BadName:
        return None


# Rooms


@pytest.mark.parametrize(
    ("spelling", "slug"),
    [
        ("lobby", "lobby"),
        ("Lobby", "lobby"),
        ("LOBBY", "lobby"),
        ("聊天室", "聊天室"),
        ("Straße", "strasse"),
        ("ﬁne", "fine"),
        ("Ｌobby", "lobby"),
        ("cafe\u0301", "café"),
        ("a-b_c", "a-b_c"),
        ("٣", "٣"),
        ("किताब", "किताब"),
        ("x" * 64, "x" * 64),
        ("聊" * 64, "聊" * 64),
    ],
)
def test_spellings_of_one_room_lead_to_one_slug(spelling: str, slug: str) -> None:
    assert names.slug(spelling) == slug


@pytest.mark.parametrize(
    "spelling",
    [
        *"a/b ~abc . .. a.b a%20b <script> a:b a,b 😀 ½ ²x½".split(),
        *["", " ", "a b", "a\x00", "a\n", "a\u200b", "a\u202e", "a\u00a0b", "\ufffd"],
        *["x" * 65, "聊" * 65, "ß" * 40, "\ufdfa", "x" * 100_000],
    ],
    ids=ascii,
)
def test_what_is_no_room_name_is_refused(spelling: str) -> None:
    with pytest.raises(BadName):
        names.slug(spelling)


@given(spelling=typed | words)
def test_a_slug_is_its_own_slug(spelling: str) -> None:
    slug = slug_or_none(spelling)
    if slug is not None:
        assert names.slug(slug) == slug
        assert 1 <= len(slug) <= limits.SLUG_LENGTH
        assert all(character in "_-" or unicodedata.category(character)[0] in "LMN" for character in slug)


@given(spelling=words)
def test_case_and_width_make_no_other_room(spelling: str) -> None:
    slug = slug_or_none(spelling)
    if slug is not None:
        assert slug_or_none(unicodedata.normalize("NFC", spelling)) == slug
        assert slug_or_none(unicodedata.normalize("NFKC", spelling)) == slug


def test_blanks_between_typed_words_become_hyphens() -> None:
    assert names.slug_of_words("  Book   club ") == "book-club"
    with pytest.raises(BadName):
        names.slug_of_words("   ")


# People


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Ana", "Ana"),
        ("  Ana \n Li ", "Ana Li"),
        ("O’Brien", "O’Brien"),
        ("李小龙", "李小龙"),
        ("cafe\u0301", "café"),
        ("<script>", "<script>"),
        ("😀", "😀"),
        ("x" * 40, "x" * 40),
    ],
)
def test_a_name_is_shown_as_typed_with_blanks_evened_out(typed: str, name: str) -> None:
    assert names.display_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        *"... - '' \u0301".split(),
        *["", " ", "\n", "x" * 41, "a\x00", "a\x07b", "a\u202eb", "a\u200bb", "\u200d", "a\ue000", "a\ufeff", "\ud800"],
    ],
    ids=ascii,
)
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(BadName):
        names.display_name(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana", "ana"),
        ("Ana", "ANA"),
        ("Ana", "Аna"),  # a Cyrillic A
        ("Ana", "Αna"),  # a Greek one
        ("Ana", "Ａna"),
        ("Ana", "Ána"),
        ("Ana", "A n a"),
        ("Ana", "A-na"),
        ("Ana Li", "AnaLi"),
        ("Ana Li", "Ana_Li"),
        ("Paul", "Pau1"),
        ("Bob", "B0b"),
        ("Straße", "STRASSE"),
    ],
)
def test_names_that_people_would_take_for_one_another_share_a_key(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Ana", "Anna"), ("Ana", "Ena"), ("李", "王"), ("Ana 2", "Ana 3"), ("Иван", "Ivan")]
)
def test_names_that_nobody_confuses_stay_apart(one: str, other: str) -> None:
    assert names.key(one) != names.key(other)


@given(typed=typed | words)
def test_every_name_has_a_key_and_fits_its_columns(typed: str) -> None:
    name = name_or_none(typed)
    if name is not None:
        assert names.display_name(name) == name
        assert len(name) <= limits.NAME_LENGTH
        assert 0 < len(names.key(name)) <= 240
        assert " " not in names.username(name)
        assert names.key(names.username(name)) == names.key(name)


def test_a_name_that_unfolds_into_a_book_is_refused() -> None:
    """U+FDFA is a sentence of 18 letters in one."""
    with pytest.raises(BadName):
        names.display_name("\ufdfa" * limits.NAME_LENGTH)


@given(name=st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40), number=st.integers(2, 10**9))
def test_a_suffix_keeps_a_name_within_its_length(name: str, number: int) -> None:
    suffixed = names.with_suffix(name, number)
    assert suffixed.endswith(f" {number}")
    assert len(suffixed) <= limits.NAME_LENGTH


def test_made_up_names_are_names_that_differ() -> None:
    made_up = {names.made_up() for _ in range(200)}

    assert len(made_up) > 100
    for name in made_up:
        assert names.display_name(name) == name
        assert len(names.with_suffix(name, 10**8)) <= limits.NAME_LENGTH


@pytest.mark.parametrize(("one", "other"), [("Paul", "PauI"), ("Il", "ll"), ("Bernard", "Bemard"), ("Owen", "Ovven")])
def test_names_that_look_alike_as_they_are_written_share_a_look(one: str, other: str) -> None:
    assert names.look(one) == names.look(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Kai", "Kal"), ("Ali", "All"), ("Mia", "Mla"), ("Ana", "Ena"), ("Eli", "Ell")]
)
def test_names_with_an_i_where_another_has_an_l_look_different(one: str, other: str) -> None:
    assert names.look(one) != names.look(other)
    assert names.key(one) != names.key(other)


@given(typed=typed | words)
def test_every_name_has_a_look_and_it_fits_its_column(typed: str) -> None:
    name = name_or_none(typed)
    if name is not None:
        assert 0 < len(names.look(name)) <= names.KEY_LENGTH


@pytest.mark.parametrize(
    "name", ["Admin", "ADMIN", "Аdmin", "a d m i n", "AdmIn", "Staff", "everyone", "Deleted person"]
)
def test_the_sites_own_voice_cannot_be_taken(name: str) -> None:
    assert names.is_reserved(name)


@pytest.mark.parametrize("name", ["Ana", "Adminna", "Rooth", "Staffan", "Allan"])
def test_other_names_can(name: str) -> None:
    assert not names.is_reserved(name)


@pytest.mark.parametrize(
    ("name", "expected"), [("quiet otter jones", "QO"), ("小明", "小"), ("😀 ana", "😀A"), ("  ana ", "A"), ("", "")]
)
def test_initials_are_those_that_the_page_makes(name: str, expected: str) -> None:
    assert names.initials(name) == expected


# Rooms that are not public, and what rooms are called


def test_a_made_up_slug_is_taken_as_it_is_and_cannot_be_chosen() -> None:
    made = {names.made_up_slug() for _ in range(100)}

    assert len(made) == 100
    for slug in made:
        assert names.slug(slug) == slug
        assert names.is_made_up_slug(slug)
        for choose in (names.public_slug, names.slug_of_words):
            with pytest.raises(BadName):
                choose(slug)


@pytest.mark.parametrize("slug", ["~", "~" + "a" * 19, "~" + "a" * 21, "~" + "A" * 20, "~" + "1" * 20, "a~" + "a" * 19])
def test_what_only_looks_like_a_made_up_slug_is_none(slug: str) -> None:
    with pytest.raises(BadName):
        names.slug(slug)


@given(typed=typed | words)
def test_a_title_or_topic_is_its_own_and_shows_all_that_it_holds(typed: str) -> None:
    for clean, most in ((names.room_title, limits.TITLE_LENGTH), (names.room_topic, limits.TOPIC_LENGTH)):
        try:
            line = clean(typed)
        except BadName:
            continue
        assert clean(line) == line
        assert len(line) <= most
        assert "\n" not in line
        assert "\x00" not in line
        assert "\u202e" not in line


def test_a_topic_may_be_empty_and_a_title_not() -> None:
    assert names.room_topic("  ") == ""
    for blank in ("", "  ", "\u200d", "\u0301"):
        with pytest.raises(BadName):
            names.room_title(blank)
