"""Looks into a stack's database past the chat, and holds a lock on it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg

from tests.services import Stack


def query(stack: Stack, statement: str) -> list[tuple[Any, ...]]:
    """All rows of one statement."""
    url = stack.settings["DATABASE_URL"]
    if stack.kind == "embedded":
        with closing(_sqlite(url)) as connection:
            return connection.execute(statement).fetchall()
    with psycopg.connect(url) as connection:
        return connection.execute(statement.encode()).fetchall()


@contextmanager
def sqlite_lock(stack: Stack) -> Iterator[None]:
    """Hold SQLite's write lock, as a second process that does not let go of it."""
    with closing(_sqlite(stack.settings["DATABASE_URL"])) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.rollback()


def _sqlite(url: str) -> sqlite3.Connection:
    return sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=10)
