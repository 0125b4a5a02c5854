"""Which of the code's migrations the database lacks."""

from functools import cache

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def missing() -> set[tuple[str, str]]:
    """(app, name) of the newest ones that were not applied. Those of newer code, which may be there too, do no harm."""
    return set(_newest()) - set(MigrationRecorder(connection).applied_migrations())


@cache
def _newest() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = MigrationLoader(None).graph.leaf_nodes()
    return found
