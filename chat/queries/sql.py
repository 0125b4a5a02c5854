"""What the two databases say differently, for the statements that are SQL of our own."""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db import connection


@cache
def on_postgres() -> bool:
    return connection.vendor == "postgresql"


def table(rows: Collection[tuple[int, ...]]) -> tuple[str, list[Any]]:
    """Whole numbers as a table: arrays to PostgreSQL, as so many parameters to SQLite. There is at least one row."""
    if on_postgres():
        columns = [list(column) for column in zip(*rows, strict=True)]
        return f"SELECT * FROM unnest({', '.join(['%s::bigint[]'] * len(columns))})", columns
    width = len(next(iter(rows)))
    one = f"({', '.join(['%s'] * width)})"
    return f"VALUES {', '.join([one] * len(rows))}", [value for row in rows for value in row]


def in_list(column: str, values: Sequence[Any], kind: str = "bigint") -> tuple[str, list[Any]]:
    if on_postgres():
        return f"{column} = ANY(%s::{kind}[])", [list(values)]
    return f"{column} IN ({', '.join(['%s'] * len(values))})", list(values)


def in_words(column: str, words: Collection[str]) -> tuple[str, list[Any]]:
    """As `in_list`, of texts, and there may be more of them than SQLite takes parameters."""
    if on_postgres():
        return f"{column} = ANY(%s::text[])", [list(words)]
    return f"{column} IN (SELECT value FROM json_each(%s))", [json.dumps(list(words))]


def from_uuid(value: UUID) -> Any:
    return value if on_postgres() else value.hex  # as Django keeps it where there is no type for it


def as_uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(hex=value)


@lru_cache(maxsize=64)  # the messages of a batch share their moment, and the adapting costs more than the row
def from_moment(value: datetime | None) -> Any:
    return None if value is None else connection.ops.adapt_datetimefield_value(value)


def as_moment(value: Any) -> datetime | None:
    """SQLite has moments as text, in UTC; Django turns the text of a column, and of nothing else, into a moment."""
    if value is None:
        return None
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if on_postgres() else moment.replace(tzinfo=UTC)
