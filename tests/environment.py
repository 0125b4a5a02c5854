"""Prepares the environment before Django's settings are read; a pytest plugin, since a conftest would come too late.

The tests in this process use SQLite in a file, or, with TEST_DATABASE=postgres, a PostgreSQL started for them. Then
only those tests run that touch this database, for the others would tell nothing new.
"""

import os
import signal
from collections.abc import Generator

import pytest

from tests.services import Postgres
from tests.services.process import new_folder, remove_folder

_DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback"}


def on_postgres() -> bool:
    name = os.environ.get("TEST_DATABASE", "sqlite")
    if name not in ("sqlite", "postgres"):
        raise pytest.UsageError(f"TEST_DATABASE: expected sqlite or postgres, got {name!r}")
    return name == "postgres"


@pytest.hookimpl(wrapper=True)  # around pytest-django's, which reads the settings
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that fixtures tidy up when CI loses its patience
    _forget_the_developers_settings()
    folder = new_folder("tests")
    early_config.add_cleanup(lambda: remove_folder(folder))
    (folder / "static").mkdir()
    os.environ |= {"VAR_DIR": str(folder), "STATIC_ROOT": str(folder / "static"), "SECRET_KEY": "only-for-tests-" * 4}
    if on_postgres():
        postgres = Postgres().__enter__()
        early_config.add_cleanup(postgres.__exit__)
        os.environ["DATABASE_URL"] = postgres.url()
    return (yield)


def _forget_the_developers_settings() -> None:
    ours = (
        "DATABASE_URL",
        "REDIS_URL",
        "DEBUG",
        "TLS",
        "HSTS",
        "TRUSTED_PROXIES",
        "HOST",
        "PORT",
        "LOG_FORMAT",
        "LOG_LEVEL",
    )
    for name in list(os.environ):
        if name in ours or name.startswith(("ALLOWED_", "CHAT_", "EMAIL_", "METRICS_", "SECRET_KEY")):
            del os.environ[name]


def pytest_report_header() -> str:
    return f"in-process database: {'PostgreSQL (only the tests that use it)' if on_postgres() else 'SQLite'}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not on_postgres():
        return
    others = [item for item in items if not _touches_the_database(item)]
    items[:] = [item for item in items if _touches_the_database(item)]
    config.hook.pytest_deselected(items=others)


def _touches_the_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & _DATABASE_FIXTURES)
