"""What a line of the log looks like, and what it never shows."""

import json
import logging
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from chat.ops import logs
from tests.services import complaints

SECRETS = {"token", "uidb64"}  # what addresses call that which is as good as a key


def line(style: logs.Format, message: str, *args: object, name: str = "chat.test", **options: object) -> str:
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, None)
    vars(record).update(options)
    return logs.formatter(style).format(record)


def routes(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[tuple[str, set[str]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, before + str(pattern.pattern))
        else:
            yield before + str(pattern.pattern), set(pattern.pattern.converters)


def test_every_address_that_holds_a_secret_is_masked() -> None:
    holding = [(route, names) for route, names in routes(get_resolver().url_patterns) if names & SECRETS]
    assert len(holding) >= 4
    for route, names in holding:
        path = route
        for name in names:
            path = path.replace(f"<{name}>", "s3cret")
        for style in ("human", "json"):
            assert "s3cret" not in line(style, "Not Found: %s", path), route


@pytest.mark.parametrize("path", ["/account/reset/sent/", "/chat/invite/", "/account/", "/chat/garden/7"])
def test_other_addresses_are_shown_as_they_are(path: str) -> None:
    assert line("human", "Not Found: %s", path).endswith(f"Not Found: {path}")


def test_a_line_for_people_begins_with_when_how_bad_and_who() -> None:
    shown = line("human", "the %s failed", "layer")

    assert shown.split(" ", 1)[1] == "WARNING chat.test: the layer failed"


def test_a_line_for_machines_is_one_object() -> None:
    told = json.loads(line("json", "the %s\nfailed", "layer"))

    assert told.pop("timestamp").endswith("Z")
    assert told == {"event": "the layer\nfailed", "level": "warning", "logger": "chat.test"}


@pytest.mark.parametrize(
    ("name", "traceback"), [("chat.test", True), ("django.request", False), ("django.security.DisallowedHost", False)]
)
@pytest.mark.parametrize("style", ["human", "json"])
def test_a_refused_request_leaves_no_traceback(style: logs.Format, name: str, traceback: bool) -> None:
    try:
        raise ValueError("no such thing: /invite/s3cret/")
    except ValueError as error:
        shown = line(style, "it failed", name=name, exc_info=(type(error), error, error.__traceback__))

    assert ("Traceback" in shown) is traceback
    assert "s3cret" not in shown


def test_what_a_stranger_writes_makes_no_line_of_its_own() -> None:
    assert logs._shown("a\nERROR b") == r"'a\nERROR b'"
    assert logs._shown("plain") == "plain"


@pytest.mark.parametrize("style", ["human", "json"])
def test_tests_find_mistakes_in_either_format(style: logs.Format) -> None:
    assert complaints(line(style, "it failed", levelno=logging.ERROR, levelname="ERROR"))
    assert not complaints(line(style, "it was refused"))
