"""Makes a backup: all rows as of one moment, then the uploads, while the chat goes on."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

from chat import limits
from chat.actions.backups import tables
from chat.actions.backups.archive import ROWS, UPLOADS, Manifest, Writer
from chat.actions.backups.tables import Table
from chat.queries.sql import on_postgres

_ROWS_AT_ONCE = 1_000
_encode = msgspec.json.Encoder().encode


def uploads() -> Path:
    return Path(settings.VAR_DIR) / UPLOADS


def save(out: IO[bytes]) -> dict[str, int]:
    """Write a backup; how many rows of each table and how many files it holds.

    The files come after the rows: whatever a row refers to was there before it.
    """
    counts: dict[str, int] = {}
    with _moment():
        every = tables.every()
        archive = Writer(out, _manifest(every))
        for table in every:
            counts[table.name] = 0
            for number, (part, rows) in enumerate(_parts(table)):
                archive.add(f"{ROWS}/{table.name}/{number:06}.jsonl", part)
                counts[table.name] += rows
    counts["files"] = _add_files(archive)
    archive.close()
    return counts


def _manifest(every: list[Table]) -> Manifest:
    applied = sorted(MigrationRecorder(connection).applied_migrations())
    return Manifest(datetime.now(UTC), applied, {table.name: list(table.fields) for table in every})


@contextmanager
def _moment() -> Iterator[None]:
    """All that is read within sees the database at one moment, and nobody waits for it."""
    if on_postgres():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")  # transaction.atomic would keep out all who write (settings: IMMEDIATE)
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _parts(table: Table) -> Iterator[tuple[bytes, int]]:
    """Rows by their key, a line each; and how many."""
    names = [field.attname for field in table.fields.values()]
    rows = table.model._base_manager.order_by("pk").values_list(*names)
    part, count = bytearray(), 0
    for row in rows.iterator(_ROWS_AT_ONCE):
        part += _encode(row) + b"\n"
        count += 1
        if len(part) > limits.BACKUP_PART_BYTES // 16:
            yield bytes(part), count
            part, count = bytearray(), 0
    if part:
        yield bytes(part), count


def _add_files(archive: Writer) -> int:
    count = 0
    for folder, _, names in os.walk(uploads()):
        for path in sorted(Path(folder, name) for name in names):
            try:
                file = path.open("rb")
            except FileNotFoundError:  # removed since
                continue
            with file:
                archive.add_file(f"{UPLOADS}/{path.relative_to(uploads()).as_posix()}", file, path.stat().st_size)
            count += 1
    return count
