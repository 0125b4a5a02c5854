"""Which session a socket's cookies name: as Django would read them for a page, and none where there is none."""

import pytest
from django.test import override_settings

from chat.realtime.entrance import session_key

KEY = "abcdefghijklmnopqrstuvwxyz012345"


def key_of(*headers: str) -> str | None:
    return session_key([(b"host", b"x"), *((b"cookie", header.encode("latin-1")) for header in headers)])


@pytest.mark.parametrize(
    "headers",
    [
        [f"session={KEY}"],
        [f"csrf=x; session={KEY}; theme=dark"],
        ["csrf=x", f"session={KEY}"],
        [f'session="{KEY}"'],
        [f'prefs={{"a":1,"b":[2]}}; session={KEY}'],  # of another application on this host
        [f"bad[key]=x; session={KEY}; =; ;;"],
        [f"name=J\xf6rg; session={KEY}"],
        [f"expires=x; path=/; session={KEY}"],
    ],
)
def test_the_session_is_found_whatever_stands_beside_it(headers: list[str]) -> None:
    assert key_of(*headers) == KEY


@pytest.mark.parametrize(
    "header",
    [
        *["", "session=", "session", "other=1", "Session=" + KEY, "session=a'b"],
        *['session="\\000abc"', "session=" + "x" * 4000, "session=\xe9" + KEY[1:]],
    ],
)
def test_what_is_no_session_is_none(header: str) -> None:
    assert key_of(header) is None
    assert key_of() is None


def test_under_tls_only_the_cookie_bound_to_the_host_counts() -> None:
    with override_settings(SESSION_COOKIE_NAME="__Host-session"):
        assert key_of(f"session={KEY}") is None
        assert key_of(f"session=x; __Host-session={KEY}") == KEY
