"""Two servers on PostgreSQL and Redis behind Debian's nginx, with the very file that a deployment has."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.services import Nginx, Postgres, Redis, Stack, StackMaker
from tests.services.certificate import make

SETTINGS = {"TRUSTED_PROXIES": "127.0.0.1", "CHAT_RATE_LIMITS": "off", "CHAT_TICK_SECONDS": "1"}
_sources = itertools.count(1)


@pytest.fixture(scope="session")
def site(stack_maker: StackMaker, postgres_cluster: Postgres) -> Iterator[Stack]:
    with Redis() as redis, stack_maker.distributed(postgres_cluster, redis) as stack:
        for _ in range(2):
            stack.serve(**SETTINGS)
        yield stack
        for server in stack.servers:
            server.terminate()  # all at once, for each takes its time to say good-bye
        sys.stdout.write(stack.logs())


@pytest.fixture(scope="session")
def nginx(site: Stack) -> Iterator[Nginx]:
    """Before the first two; other tests start more of them."""
    with Nginx(
        [f"127.0.0.1:{server.port}" for server in site.servers[:2]], Path(site.settings["STATIC_ROOT"])
    ) as nginx:
        yield nginx
        sys.stdout.write(nginx.log())


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def room() -> str:
    return f"room-{uuid4().hex[:12]}"


@pytest.fixture
def source() -> str:
    """An address of this machine that nobody else comes from."""
    return f"127.0.1.{next(_sources)}"
