"""Rows of a backup into tables, and out of them, in SQL of our own: as many in one statement as a part holds."""

from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any

import msgspec
from django.db import connection
from django.db.models import Field

from chat.actions.backups import tables
from chat.actions.backups.archive import Unusable
from chat.actions.backups.tables import Table
from chat.queries.sql import on_postgres


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
    constants = [_prepare(field)(field.get_default()) for field in added.values()]
    kept = [(place, _prepare(table.fields[name])) for place, name in enumerate(columns) if name in table.fields]
    into = [*(name for name in columns if name in table.fields), *added]

    def insert(part: bytes) -> int:
        try:
            rows = [decode(line) for line in part.splitlines()]
        except msgspec.MsgspecError as error:
            raise Unusable(f"The backup holds a row that is none of {table.name} ({error}).") from None
        _insert(table.name, into, ([*(prepare(row[place]) for place, prepare in kept), *constants] for row in rows))
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


def _prepare(field: "Field[Any, Any]") -> Callable[[Any], Any]:
    if tables.is_the_same_everywhere(field):
        return _as_it_is
    return partial(field.get_db_prep_save, connection=connection)


def _as_it_is(value: Any) -> Any:
    return value


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
