"""Fixtures that hand out real services and whole chats; each test gets its own and nothing is left behind."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import AsyncClient, Client
from hypothesis import HealthCheck
from hypothesis import settings as property_settings
from pytest_django import DjangoDbBlocker

from tests.environment import on_postgres
from tests.services import Postgres, Redis, Stack, StackMaker
from tests.services.stack import manage

# Of the property tests: no deadline, which a busy machine would miss, and nothing written beside the code. Here, for
# `@given` takes them when a module is imported.
property_settings.register_profile("chat", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
property_settings.load_profile("chat")


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """A PostgreSQL that was started for this run goes as a whole; to drop a database first may take seconds."""
    return on_postgres()


@pytest.fixture
def redis_server() -> Iterator[Redis]:
    """A Redis for this test alone, to be killed and paused at will."""
    with Redis() as redis:
        yield redis


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Postgres]:
    with Postgres() as postgres:
        yield postgres


@pytest.fixture
def postgres(postgres_cluster: Postgres) -> Iterator[Postgres]:
    """The run's PostgreSQL, to be killed and paused at will: it is set right again after the test."""
    yield postgres_cluster
    postgres_cluster.set_right()


@pytest.fixture(scope="session")
def static_root() -> Path:
    """The collected static files, hashed names and all, of this process and of every server that is started."""
    folder = Path(settings.STATIC_ROOT)
    manage("collectstatic", "--noinput", env={name: os.environ[name] for name in ("VAR_DIR", "STATIC_ROOT")})
    return folder


@pytest.fixture(scope="session")
def stack_maker(static_root: Path) -> Iterator[StackMaker]:
    maker = StackMaker(static_root)
    yield maker
    maker.close()


@pytest.fixture(params=["embedded", "distributed"])
def stack(request: pytest.FixtureRequest) -> Stack:
    """A fresh chat, once on SQLite and the in-memory layer and once on PostgreSQL and Redis; servers by `serve()`."""
    return request.getfixturevalue(f"{request.param}_stack")


@pytest.fixture
def embedded_stack(stack_maker: StackMaker) -> Iterator[Stack]:
    with stack_maker.embedded() as stack:
        yield stack
        sys.stdout.write(stack.logs())  # pytest shows it for a test that failed


@pytest.fixture
def distributed_stack(stack_maker: StackMaker, postgres: Postgres, redis_server: Redis) -> Iterator[Stack]:
    with stack_maker.distributed(postgres, redis_server) as stack:
        yield stack
        sys.stdout.write(stack.logs())  # pytest shows it for a test that failed


@pytest.fixture
def client(static_root: Path, client: Client) -> Client:
    """Django's test client; pages name their static files, so these are there."""
    return client


@pytest.fixture
def async_client(static_root: Path, async_client: AsyncClient) -> AsyncClient:
    return async_client


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Between tests SQLite is emptied by DELETE, and the audit log refuses that (test_audit.py puts its guard back)."""
    if connection.vendor == "sqlite":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER chat_auditentry_no_delete")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file, as in production: an in-memory SQLite is shared between threads by other rules of locking."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
