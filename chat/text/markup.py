"""Turns what people type into safe HTML: emphasis, code, quotes, lists and links, nothing that was HTML before.

Two walls: the Markdown parser passes no HTML through, and what it made is cleaned by an allow-list all the same.
Names are marked where they speak to somebody, which the parser has to say: in code and in links an `@` is an `@`.
"""

import html
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

import nh3
from markdown_it import MarkdownIt
from markdown_it.common.utils import mdTrim
from markdown_it.rules_inline import StateInline, link

from chat import limits
from chat.text.mentions import HERE_KEY, NOBODY, Mentions, readings

_TAGS = {"p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "span"}
_SCHEMES = {"http", "https", "mailto"}

# No rule of the parser can fire without one of these; a bare link needs "://" or "www." besides.
_MARK = re.compile(r"[*_`~\[\]<>&\\@\r]")
_LINE_MARK = re.compile(r"\s*(?:[-+]|\d+[.)])\s|\s{4}")
_LINES_MARK = re.compile(rf"^(?:{_LINE_MARK.pattern})|\n[ \t]*\n", re.MULTILINE)

# Deeper than this the parser drops what stands inside; nobody types it, and words must not vanish.
_TOO_DEEP = re.compile(r"^(?:[ \t]*(?:>|[-+*]|\d{1,9}[.)])){10}", re.MULTILINE)

_markdown = MarkdownIt("zero", {"breaks": True, "linkify": True, "maxNesting": 20}).enable(
    ["emphasis", "strikethrough", "backticks", "fence", "blockquote", "list", "link", "linkify", "newline", "escape"]
)
# What has no scheme of its own would lead to this very site.
_markdown.validateLink = re.compile(rf"(?:{'|'.join(sorted(_SCHEMES))}):", re.IGNORECASE).match  # type: ignore[assignment,method-assign]
_markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False})  # type: ignore[union-attr]  # linkify is on


class Rendered(NamedTuple):
    """A text as HTML: of the tags above, with links to http, https and mailto only; and whom it speaks to."""

    html: str
    mentions: Mentions


def names_in(text: str) -> set[str]:
    """The keys of the names that may be mentioned in a text; `@here` is not among them."""
    if "@" not in text:
        return set()
    names = _Names({})
    _render(text, names)
    return names.asked - {HERE_KEY}


def render(text: str, people: Mapping[str, int] | None = None) -> Rendered:
    """Render a message; `people` are those whom it may mention, by the key of their name."""
    if _is_plain(text):
        return Rendered(_paragraph(text), NOBODY)
    names = _Names(people or {})
    return Rendered(_render(text, names), Mentions(names.here, tuple(names.found)))


class _Names:
    """The names of one text: which are known, which were asked for, and which were found, in their order.

    So many are looked at; what comes after them stays text.
    """

    def __init__(self, known: Mapping[str, int]) -> None:
        self.asked: set[str] = set()
        self.found: dict[int, None] = {}
        self.here = False
        self._known = known
        self._left = limits.MENTIONS

    def mark(self, state: StateInline, silent: bool) -> bool:
        """The parser's rule for an `@`: takes the longest name that somebody has, or leaves the place to others."""
        if state.src[state.pos] != "@" or state.linkLevel or not self._left:
            return False
        self._left -= 1
        for key, end in readings(state.src, state.pos).items():
            self.asked.add(key)
            person = self._known.get(key)
            if key == HERE_KEY or person is not None:
                if not silent:
                    self._push(state, end, person)
                state.pos = end
                return True
        return False

    def _push(self, state: StateInline, end: int, person: int | None) -> None:
        token = state.push("mention", "span", 0)
        token.content = state.src[state.pos : end]
        token.meta = {"person": person}
        if person is None:
            self.here = True
        else:
            self.found[person] = None


_NOWHERE = re.compile(r"\(\s*\)")


def _link(state: StateInline, silent: bool) -> bool:
    """The parser's own rule; but `[a]()`, which would lead to this very page, is text."""
    if state.src[state.pos] == "[":
        end = state.md.helpers.parseLinkLabel(state, state.pos, True)
        if end >= 0 and _NOWHERE.match(state.src, end + 1):
            return False
    return link(state, silent)


def _mark_name(state: StateInline, silent: bool) -> bool:
    names: _Names = state.env["names"]
    return names.mark(state, silent)


def _marked_name(_renderer: Any, tokens: Any, index: int, _options: Any, _env: Any) -> str:
    token = tokens[index]
    person = token.meta["person"]
    whose = "" if person is None else f' data-person="{person}"'
    return f'<span class="mention"{whose}>{html.escape(token.content)}</span>'


_markdown.inline.ruler.at("link", _link)
_markdown.inline.ruler.push("mention", _mark_name)
_markdown.add_render_rule("mention", _marked_name)


def _is_plain(text: str) -> bool:
    if _MARK.search(text) or "://" in text or "www." in text.lower():
        return False
    return not (_LINES_MARK.search(text) if "\n" in text else _LINE_MARK.match(text))


def _render(text: str, names: _Names) -> str:
    if _TOO_DEEP.search(text):
        return _paragraph(text)
    return nh3.clean(
        _markdown.render(text, {"names": names}).strip(),
        tags=_TAGS,
        attributes={"*": set(), "a": {"href"}, "ol": {"start"}, "span": {"data-person"}},
        allowed_classes={"span": {"mention"}},
        url_schemes=_SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )


def _paragraph(text: str) -> str:
    """What the renderer makes of text without marks, at a hundredth of its price."""
    lines = [html.escape(line.lstrip(" \t").rstrip(" "), quote=False) for line in mdTrim(text).split("\n")]
    return f"<p>{'<br>'.join(lines)}</p>"
