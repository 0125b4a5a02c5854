"""A chat of two servers that lives for the whole run, rooms of each test's own, and people with a window each."""

import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest
from selenium.webdriver.chrome.webdriver import WebDriver

from tests.browser.driver import empty, open_window
from tests.browser.person import Person
from tests.services import Postgres, Redis, ServerProcess, Stack, StackMaker

# So that words come as fast as a test types, and the counts of the start page need not be waited for.
SETTINGS = {"TRUSTED_PROXIES": "127.0.0.1", "CHAT_RATE_LIMITS": "off", "CHAT_PRESENCE_COUNT_SECONDS": "0.2"}

Windows = Callable[[str], WebDriver]
_rooms = itertools.count(1)


@pytest.fixture(scope="session")
def site(static_root: Path) -> Iterator[Stack]:
    """One chat with stores of its own, since other tests kill theirs. No test may break it; each has its own rooms."""
    with ExitStack() as opened:
        postgres, redis = opened.enter_context(Postgres()), opened.enter_context(Redis())
        maker = StackMaker(static_root)
        opened.callback(maker.close)
        stack = opened.enter_context(maker.distributed(postgres, redis))
        stack.serve(**SETTINGS)
        stack.serve(**SETTINGS)
        yield stack
        for server in stack.servers:
            if server.is_running:
                server.terminate()  # all at once, for each takes its time to say good-bye


@pytest.fixture
def server(site: Stack) -> ServerProcess:
    return site.servers[0]


@pytest.fixture
def other_server(site: Stack) -> ServerProcess:
    return site.servers[1]


@pytest.fixture(scope="session")
def third_server(site: Stack) -> ServerProcess:
    return site.serve(**SETTINGS)


@pytest.fixture
def mortal(third_server: ServerProcess) -> Iterator[ServerProcess]:
    """One more server of the site, which tests may kill and start again."""
    yield third_server
    third_server.resume()
    if not third_server.is_running:
        third_server.start()


@pytest.fixture
def room() -> str:
    """The name of a room that nobody has been in."""
    return f"room-{next(_rooms)}"


@pytest.fixture(scope="session")
def windows() -> Iterator[Windows]:
    """A window of its own profile for each name, opened when it is first asked for and used by one test at a time."""
    with ExitStack() as opened:
        yield cache(lambda name: opened.enter_context(open_window()))


@pytest.fixture
def ana(windows: Windows) -> Iterator[Person]:
    with _sitting_at(windows("ana")) as ana:
        yield ana


@pytest.fixture
def bo(windows: Windows) -> Iterator[Person]:
    with _sitting_at(windows("bo")) as bo:
        yield bo


@pytest.fixture
def cy(windows: Windows) -> Iterator[Person]:
    with _sitting_at(windows("cy")) as cy:
        yield cy


@contextmanager
def _sitting_at(window: WebDriver) -> Iterator[Person]:
    """A new person each time, about whose pages the browser has nothing to complain at the end."""
    person = Person(window)
    try:
        yield person
        complaints = person.complaints()
    finally:
        empty(window, person.origins)
    assert complaints == [], "the browser complains of the page"


@pytest.fixture(autouse=True)
def _said_by_servers(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the site's servers wrote during the test, for pytest to show if it failed."""
    if "site" not in request.fixturenames:
        yield
        return
    stack: Stack = request.getfixturevalue("site")
    before = {server: len(server.log()) for server in stack.servers}
    yield
    for server in stack.servers:
        sys.stdout.write(f"--- {server.url}\n{server.log()[before.get(server, 0) :]}")
