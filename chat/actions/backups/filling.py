"""Rows of a backup into tables, and out of them, in SQL of our own: as many in one statement as a part holds."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from django.db import connection
from django.db.models import Field

from chat.actions.backups import tables
from chat.actions.backups.archive import Unusable
from chat.actions.backups.tables import Table
from chat.queries.sql import from_moment, from_uuid, on_postgres


def empty(every: Collection[Table]) -> None:
    """Not TRUNCATE, which would keep out those who read."""
    with connection.cursor() as cursor:
        for table in reversed(list(every)):
            cursor.execute(f"DELETE FROM {quoted(table.name)}")
        if on_postgres():
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else each row's check would wait in memory for the end


def insertion(table: Table, columns: list[str]) -> Callable[[bytes], int]:
    """What puts a part's lines into the table, and says how many they were."""
    decode = tables.decoder([table.fields.get(column) for column in columns]).decode
    added = {name: field for name, field in table.fields.items() if name not in columns and _needs_a_value(field)}
    defaults = [field.get_default() for field in added.values()]
    places = [place for place, column in enumerate(columns) if column in table.fields]
    into = [*(columns[place] for place in places), *added]
    prepared = [(at, prepare) for at, name in enumerate(into) if (prepare := _preparation(table.fields[name]))]

    def values(row: tuple[Any, ...]) -> list[Any]:
        given = [row[place] for place in places] + defaults
        for at, prepare in prepared:
            if given[at] is not None:
                given[at] = prepare(given[at])
        return given

    def insert(part: bytes) -> int:
        try:
            rows = [decode(line) for line in part.splitlines()]
        except msgspec.MsgspecError as error:
            raise Unusable(f"The backup holds a row that is none of {table.name} ({error}).") from None
        _insert(table.name, into, map(values, rows))
        return len(rows)

    return insert


def _insert(into: str, columns: list[str], rows: Iterable[list[Any]]) -> None:
    names = ", ".join(map(quoted, columns))
    with connection.cursor() as cursor:
        if on_postgres():
            with connection.wrap_database_errors, cursor.copy(f"COPY {quoted(into)} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {quoted(into)} ({names}) VALUES ({places})", list(rows))


def _needs_a_value(field: "Field[Any, Any]") -> bool:
    """Whether the database has none of its own for a column that an older backup lacks."""
    return not field.null and not field.has_db_default()


def _preparation(field: "Field[Any, Any]") -> Callable[[Any], Any] | None:
    """What makes a value one of this database's, if anything must. Not Django's own, which costs more than the row."""
    kind = tables.kind(field)
    if kind is UUID:
        return from_uuid
    if kind is datetime:
        return from_moment
    return partial(field.get_db_prep_save, connection=connection) if kind in (Any, date) else None


def spare_given_keys(every: Collection[Table]) -> None:
    """The next key is above all that were ever given, here or in the backup (SQLite sees to that by itself)."""
    if not on_postgres():
        return
    with connection.cursor() as cursor:
        for table in every:
            key = str(table.model._meta.pk.column)
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [quoted(table.name), key])
            [(sequence,)] = cursor.fetchall()
            if sequence is not None:
                cursor.execute(
                    f"SELECT setval(%s, greatest(max({quoted(key)}), (SELECT last_value FROM {sequence})))"
                    f" FROM {quoted(table.name)} HAVING count(*) > 0",
                    [sequence],
                )


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)
