"""What people type becomes HTML of a few safe tags, quickly, and never becomes code."""

import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from chat import limits
from chat.text import markup

TAGS = {"p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span"}
NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><script>alert(1)</script>',
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](https://ok.example/\"onmouseover=alert(1))",
    "[x](https://ok.example 'title\" onmouseover=alert(1)')",
    "![x](https://evil.example/pixel.png)",
    "<https://ok.example/<script>>",
    "<javascript:alert(1)>",
    "https://ok.example/<script>alert(1)</script>",
    "https://ok.example/'onload='alert(1)",
    "javascript:alert(1)",
    "`<script>`",
    "```html\n<script>alert(1)</script>\n```",
    "```\"onload=alert(1)\nx\n```",
    "> <script>\n> alert(1)",
    "<!-- --><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<style>*{display:none}</style>",
    "<iframe srcdoc='<script>'></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;",
    "\\<script>",
    "<scr\x00ipt>",
    "<p style='position:fixed'>x</p>",
    "<form action=https://evil.example><input name=password>",
    "[x]: javascript:alert(1)\n\n[x]",
    "1. <li onclick=alert(1)>",
]  # fmt: skip
PEOPLE = {"a": 1, "1a": 2, "<": 3, '"onload=': 4, "aa": 5}
TYPED = "*_`~[]()<>&\\@:/.-+#!|\n \t1a\"'"
texts = st.text(TYPED, max_size=80) | st.text(st.characters(codec="utf-8"), max_size=60) | st.sampled_from(NASTY)


class Safe(HTMLParser):
    """Reads HTML as a browser would, and asserts that nothing in it could run."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        found = dict(attributes)
        allowed = {"a": {"href", "rel"}, "ol": {"start"}, "span": {"class", "data-person"}}.get(tag, set())
        assert set(found) <= allowed, found
        if tag == "a":
            assert "noopener" in (found["rel"] or "")
            href = found.get("href")
            if href is not None:
                assert urlsplit(href).scheme in ("http", "https", "mailto"), href
        if tag == "span":
            assert found.pop("class") == "mention"
            assert re.fullmatch("[0-9]+", found.get("data-person") or "0")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")


def render(text: str) -> str:
    return markup.render(text, PEOPLE).html


def read(html: str) -> str:
    """The text that people see. Fails for HTML that is not safe and balanced."""
    parser = Safe()
    parser.feed(html)
    parser.close()
    assert not parser.open, f"not closed: {parser.open}"
    return parser.text


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_what_would_run_shows_as_text(text: str) -> None:
    read(render(text))


@given(text=texts)
@example(text="<" * 50)
def test_no_text_makes_html_that_could_run(text: str) -> None:
    read(render(text))


@given(before=texts, nasty=st.sampled_from(NASTY), after=texts)
def test_nothing_around_it_makes_it_run(before: str, nasty: str, after: str) -> None:
    read(render(before + nasty + after))


def test_the_reader_of_these_tests_would_see_what_runs() -> None:
    for html in ("<script>", "<p onclick=x>", "<a href='javascript:x' rel='noopener'>", "<!-- x -->", "<p>", "</p>"):
        with pytest.raises(AssertionError):
            read(html)


def test_a_script_shows_as_it_was_typed() -> None:
    assert read(render("<script>alert('x')</script>")) == "<script>alert('x')</script>"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("hi", "<p>hi</p>"),
        ("hi *all*", "<p>hi <em>all</em></p>"),
        ("**x** ~~y~~ `z`", "<p><strong>x</strong> <s>y</s> <code>z</code></p>"),
        ("a\nb", "<p>a<br>\nb</p>"),
        ("a & b", "<p>a &amp; b</p>"),
        ("[a]()", "<p>[a]()</p>"),
        ("*x* [a]( ) b", "<p><em>x</em> [a]( ) b</p>"),
        ("> q", "<blockquote>\n<p>q</p>\n</blockquote>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>'),
        ("```\nx < y\n```", "<pre><code>x &lt; y\n</code></pre>"),
        (
            "https://a.example/b",
            '<p><a href="https://a.example/b" rel="noopener noreferrer nofollow">https://a.example/b</a></p>',
        ),
        ("# not a heading", "<p># not a heading</p>"),
        ("snake_case_name", "<p>snake_case_name</p>"),
        ("a\n\nb", "<p>a</p>\n<p>b</p>"),
    ],
)
def test_the_marks_mean_what_people_expect(text: str, html: str) -> None:
    assert render(text).replace("<br>\n", "<br>") == html.replace("<br>\n", "<br>")


# The short way


plain = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=60)
nearly_marked = st.text("ab #|!?()=\n\t1.'\"-+/w:", max_size=40)


@given(text=plain | nearly_marked)
@example(text="a\n  b \n c")
@example(text="\ta\t\nb")
@example(text="'a' \"b\"")
@example(text="//a.example")
def test_the_short_way_makes_what_the_renderer_makes(text: str) -> None:
    assume(markup._is_plain(text) and text.strip())
    assume(not LIST_MARK_ALONE.search(text))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(markup, "_is_plain", lambda _: False)
        full = render(text)

    assert markup._paragraph(text) == full.replace("<br>\n", "<br>").replace("&nbsp;", "\xa0")


# Where the parser would make an empty list; a person who types it wants to see it.
LIST_MARK_ALONE = re.compile(r"^\s*(?:[-+]|\d+[.)])\s*$", re.MULTILINE)


@pytest.mark.parametrize("text", ["-", "+", "1.", "7)", "-1", "+1", "1.5", "10. November"])
def test_words_do_not_vanish_for_their_likeness_to_a_list(text: str) -> None:
    assert text.split()[-1].strip("1.0") in read(render(text))


# Work


@pytest.mark.parametrize(
    "unit",
    [
        *"* _ ` [ ![ ]( []( [a]( [](< < <a & &amp; \\ ~~ ~~a > (((( @ :// **a `a http:// www. www.a. *_ é 😀".split(),
        *["<http://", "_a_ ", "``` ", "> ", "- ", "1. ", "- - ", "*a **b ", "https://a.b/ ", "[a]: ", "a@b.c "],
        *["\n", "\n\n", " ", "    ", "\t", "a\n", "\n> - 1. ", "\n```\n", " \n", "\u202e"],
    ],
    ids=ascii,
)  # fmt: skip
def test_the_work_grows_no_faster_than_the_text(unit: str) -> None:
    small, large = (steps(lambda size=size: render((unit * size)[:size])) for size in (1000, 8000))

    assert large < 20 * small + 20_000
    assert large < 2_500_000


def test_the_longest_message_is_rendered_whole() -> None:
    assert read(render("<" * limits.MESSAGE_LENGTH)) == "<" * limits.MESSAGE_LENGTH


def steps(work: Callable[[], Any]) -> int:
    """How many calls the work makes, of Python and of C: the same on every machine. Ends what makes far too many."""
    count = 0

    def called(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal count
        if event.endswith("call"):
            count += 1
            if count > 5_000_000:
                raise AssertionError("far too much work")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count
