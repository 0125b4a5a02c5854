"""Whether the rows of a backup fit the tables of now, told by the migrations that had been applied to each."""

from collections.abc import Collection

from django.db import connection
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from chat.actions.backups.archive import Unusable

Name = tuple[str, str]  # app, migration

# After these, rows from before are still right: what is missing in them has a default, what is too much is dropped.
_HARMLESS: tuple[type[Operation], ...] = (
    operations.AddConstraint,
    operations.AddField,
    operations.AddIndex,
    operations.AlterField,
    operations.AlterModelManagers,
    operations.AlterModelOptions,
    operations.CreateModel,
    operations.DeleteModel,
    operations.RemoveConstraint,
    operations.RemoveField,
    operations.RemoveIndex,
)


def check(migrations: Collection[Name]) -> None:
    """Raises Unusable for a backup with these migrations where it cannot be restored."""
    loader = MigrationLoader(connection)
    here, theirs = set(loader.applied_migrations), set(migrations)
    if missing := set(loader.disk_migrations) - here:
        raise Unusable(f"The database lacks {_first(missing)}: run `manage.py migrate` before.")
    if newer := theirs - here:
        raise Unusable(f"The backup is of a newer version of this chat, with {_first(newer)}: update first.")
    for name in sorted(here - theirs):
        if not all(isinstance(one, _HARMLESS) for one in loader.disk_migrations[name].operations):
            raise Unusable(
                f"The backup was made before {_first({name})}, which changed what is in the rows:"
                " restore it with the version that made it, then update."
            )


def _first(names: set[Name]) -> str:
    return ".".join(min(names))
