"""Puts a backup into the live database: in one transaction, with everybody reading on until it is through.

Who writes waits until the end, or is told that it is not to be had now. Then a new epoch has begun, so all sockets
start anew. Keys that have been given out are not given again, over the restore.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from django.contrib.contenttypes.models import ContentType
from django.core.management.sql import emit_post_migrate_signal
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from chat import limits
from chat.actions import epochs
from chat.actions.backups import archive, filling, schema, tables
from chat.actions.backups.archive import UPLOADS, Manifest, Reader, Unusable
from chat.actions.backups.filling import quoted
from chat.actions.backups.saving import uploads
from chat.actions.backups.tables import Table
from chat.models import AuditEntry, Room, Session
from chat.queries.sql import on_postgres

_LOCKING_TRIES = 5


def check(file: IO[bytes]) -> Manifest:
    """Read the whole file. Raises Unusable for one that cannot be restored here."""
    reader = Reader(file)
    schema.check(reader.manifest.migrations)
    for _ in reader.parts():
        pass
    return reader.manifest


def restore(file: IO[bytes], *, end_sessions: bool = False) -> dict[str, int]:
    """Replace what there is by what the file holds, all or nothing; how many rows of each table and how many files.

    With `end_sessions` nobody's session is restored: members log in again, guests are strangers.
    Raises Unusable, also where the database does not let go.
    """
    try:
        with _much_memory(), transaction.atomic():
            every = tables.every()
            _keep_others_from_writing(every)
            counts = _replace(Reader(file), every, {Session._meta.db_table} if end_sessions else set())
            epochs.begin()
    except IntegrityError as error:
        raise Unusable(f"The backup does not fit together ({_first_line(error)}).") from error
    except OperationalError as error:
        raise Unusable(
            f"The database did not let it happen ({str(error).splitlines()[0]}); nothing changed."
        ) from error
    _settle()
    return counts


def _replace(reader: Reader, every: list[Table], left_out: set[str]) -> dict[str, int]:
    manifest = reader.manifest
    schema.check(manifest.migrations)
    with _audit_log_open():
        filling.empty(every)
    brought = [table for table in every if table.name in manifest.columns]
    insert = {table.name: filling.insertion(table, manifest.columns[table.name]) for table in brought}
    counts = dict.fromkeys([*insert, "files"], 0)
    for path, content in reader.parts():
        match path.parts:
            case (archive.ROWS, table, _) if table in left_out:
                pass
            case (archive.ROWS, table, _) if table in insert:
                counts[table] += insert[table](archive.read_all(content))
            case (archive.UPLOADS, *_):
                _put_file(content, uploads() / path.relative_to(UPLOADS))
                counts["files"] += 1
            case _:
                raise Unusable(f"The backup has a part called {str(path)!r}, which is unknown here.")
    filling.spare_given_keys(every)
    emit_post_migrate_signal(verbosity=0, interactive=False, db=connection.alias)  # what an older backup lacks
    ContentType.objects.clear_cache()
    return counts


# Locks and memory


@contextmanager
def _much_memory() -> Iterator[None]:
    """SQLite's own 2 MB are filled again and again by the indexes of a long log, each page written many times."""
    if on_postgres():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        [(usual,)] = cursor.fetchall()
        cursor.execute(f"PRAGMA cache_size = {-limits.RESTORE_CACHE_BYTES // 1024}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {usual}")


def _keep_others_from_writing(every: list[Table]) -> None:
    """Until the end of the transaction others only read. On SQLite it does that already.

    Rooms first, as every change does it; if we still meet somebody crosswise, we begin again.
    """
    if not on_postgres():
        return
    names = sorted((table.name for table in every), key=lambda name: name != Room._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute(f"SET LOCAL lock_timeout = {int(limits.RESTORE_WAIT_SECONDS * 1000 / _LOCKING_TRIES)}")
    for tries_left in reversed(range(_LOCKING_TRIES)):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {', '.join(map(quoted, names))} IN EXCLUSIVE MODE")
            return
        except OperationalError:
            if not tries_left:
                raise


@contextmanager
def _audit_log_open() -> Iterator[None]:
    """The database refuses that an audit entry is removed; only a restore may, and puts the guard back."""
    table = AuditEntry._meta.db_table
    with connection.cursor() as cursor:
        if on_postgres():
            cursor.execute(f"ALTER TABLE {quoted(table)} DISABLE TRIGGER USER")
            yield
            cursor.execute(f"ALTER TABLE {quoted(table)} ENABLE TRIGGER USER")
        else:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table])
            guards = cursor.fetchall()
            for name, _ in guards:
                cursor.execute(f"DROP TRIGGER {quoted(name)}")
            yield
            for _, statement in guards:
                cursor.execute(statement)


# Files and the end


def _put_file(content: IO[bytes], path: Path) -> None:
    """Whole or not at all. One that is there already is the same: a name is never given to another."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        archive.copy(content, fresh)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _settle() -> None:
    """Afterwards, so that those who come back find the database quick."""
    with suppress(DatabaseError), connection.cursor() as cursor:  # without it, it is restored all the same
        if on_postgres():
            with transaction.atomic():
                cursor.execute("SET LOCAL statement_timeout = 0")
                cursor.execute("ANALYZE")
        else:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")  # what is large keeps nobody waiting
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
