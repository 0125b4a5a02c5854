"""A text speaks to whoever it names behind an @, in any spelling that people would take for the name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import limits
from chat.text import markup, names
from chat.text.mentions import NOBODY, Mentions, readings

ANA, ANA_LI, BO, ZHANG_WEI, DR_WHO, FLOWER = range(1, 7)
PEOPLE = {
    names.key(name): key
    for name, key in {
        "Ana": ANA,
        "Ana Li": ANA_LI,
        "Bo": BO,
        "张伟": ZHANG_WEI,
        "Dr. Who": DR_WHO,
        "Lily 🌸!": FLOWER,
    }.items()
}


def spoken_to(text: str) -> list[int]:
    return list(markup.render(text, PEOPLE).mentions.people)


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@ana", [ANA]),
        ("hi @Ana, and (@BO)!", [ANA, BO]),
        ("@Ana-Li @ana_li @AnaLi", [ANA_LI]),  # each person once
        ("@ana-", [ANA]),
        ("@ana's and @ana’s", [ANA]),
        ("@ana_", [ANA]),
        ("_@ana_ **@bo** ~~@dr.who~~", [ANA, BO, DR_WHO]),
        ("> @ana", [ANA]),
        ("- @ana\n- @bo", [ANA, BO]),
        ("@Dr.Who's box", [DR_WHO]),
        ("@张伟你好", [ZHANG_WEI]),
        ("你好@张伟", []),  # letters before it, as in an e-mail address
        ("你好 @张伟，你好", [ZHANG_WEI]),
        ("@lily-🌸!!", [FLOWER]),
        ("@аnа", [ANA]),  # two letters of another alphabet
        ("@Ａｎａ @ána", [ANA]),
        ("@anabel @anna", []),
        ("ana@bo.example a@ana", []),
        ("@@ana @ ana @-ana", []),
        (r"\@ana", []),
        ("`@ana` ``@bo``", []),
        ("```\n@ana\n```\n~~~\n@bo\n~~~", []),
        ("https://site.example/@ana [to @bo](https://site.example)", []),
        ("@nobody", []),
        ("@", []),
    ],
)
def test_whom_a_text_speaks_to(text: str, people: list[int]) -> None:
    assert spoken_to(text) == people


def test_what_is_marked_is_what_was_typed_and_nothing_behind_it() -> None:
    html = markup.render("@Ana-Li. @张伟你好", PEOPLE).html

    assert html == (
        f'<p><span class="mention" data-person="{ANA_LI}">@Ana-Li</span>.'
        f' <span class="mention" data-person="{ZHANG_WEI}">@张伟</span>你好</p>'
    )


@pytest.mark.parametrize("text", ["@here", "hi @Here!", "@hеre", "(@here)"])
def test_here_speaks_to_everybody(text: str) -> None:
    found = markup.render(text, PEOPLE)

    assert found.mentions == Mentions(here=True)
    assert '<span class="mention">@' in found.html


@pytest.mark.parametrize("text", ["here", "`@here`", "@hereby", "x@here.example"])
def test_what_only_looks_like_it_speaks_to_nobody(text: str) -> None:
    assert markup.render(text, PEOPLE).mentions == NOBODY


def test_who_is_called_so_is_asked_for_by_every_name_that_may_be_meant() -> None:
    assert markup.names_in("hi") == set()
    assert {"ana", names.key("ana li")} <= markup.names_in("@ana-li and @here")
    assert names.key("here") not in markup.names_in("@here")
    assert {"张", "张伟", "张伟你好"} <= markup.names_in("@张伟你好")


def test_a_long_text_of_names_asks_for_so_many_and_no_more() -> None:
    many = " ".join(f"@p{number}" for number in range(1_000))
    assert len(markup.names_in(many)) == limits.MENTIONS
    assert len(markup.names_in("@" + "张" * limits.MESSAGE_LENGTH)) <= limits.NAME_LENGTH
    known = {names.key(f"p{number}"): number for number in range(1_000)}
    assert len(markup.render(many, known).mentions.people) == limits.MENTIONS


@given(name=st.text(min_size=1, max_size=limits.NAME_LENGTH), behind=st.sampled_from(["", " ", ", hi", "\n"]))
def test_everybody_can_be_spoken_to_by_their_username(name: str, behind: str) -> None:
    try:
        key = names.key(names.display_name(name))
    except names.BadName:
        return
    typed = names.username(names.display_name(name))
    if typed[0] not in names.GAPS and typed[-1] not in names.GAPS and len(typed) <= 16 and typed.split() == [typed]:
        assert key in readings(f"@{typed}{behind}", 0)


@given(text=st.text("@ab张 -_.'*`[]()\\", max_size=60))
def test_a_reading_is_a_part_of_the_text(text: str) -> None:
    for at, character in enumerate(text):
        if character == "@":
            for key, end in readings(text, at).items():
                assert at < end <= len(text)
                assert names.key(text[at + 1 : end]) == key


@given(st.booleans(), st.lists(st.integers(1, 2**53), unique=True).map(tuple))
def test_what_is_kept_is_read_as_it_was(here: bool, people: tuple[int, ...]) -> None:
    mentions = Mentions(here, people)

    assert Mentions.unpack(mentions.pack()) == mentions
    assert bool(mentions.pack()) is (mentions != NOBODY)
