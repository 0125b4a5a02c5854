"""Database, Redis, disk, mail server: whether they are there, whole, in time and large enough."""

import secrets
import shutil
import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from redis import Redis, RedisError

from chat import limits
from chat.ops.doctor.finding import Finding, fine, first_line, note, wrong
from chat.queries import migrations
from chat.queries.sql import on_postgres


def database() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
        yield from _database()
    except DatabaseError as error:
        yield wrong("database", first_line(error), "See that it runs, and that DATABASE_URL is right.")


def _database() -> Iterator[Finding]:
    version = ".".join(map(str, connection.get_database_version()))
    yield fine("database", f"{connection.display_name} {version}")
    if missing := migrations.missing():
        yield wrong("database", f"it lacks {'.'.join(min(missing))}", "Run: manage.py migrate")
    if on_postgres():
        yield from _postgres()
    elif _asked("PRAGMA journal_mode") != "wal":
        yield wrong(
            "database", "SQLite's write-ahead log cannot be used here", "Put VAR_DIR on a disk of this machine."
        )


def _postgres() -> Iterator[Finding]:
    if _asked("SHOW server_encoding") != "UTF8":
        yield wrong("database", "its encoding is not UTF8", "Make it anew with ENCODING 'UTF8', and restore a backup.")
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        if _asked(f"SHOW {setting}") == "off":
            yield wrong("database", f"{setting} is off: a crash loses what was confirmed", f"Set {setting} = on.")
    before, theirs, after = datetime.now(UTC), _asked("SELECT clock_timestamp()"), datetime.now(UTC)
    apart = max((before - theirs).total_seconds(), (theirs - after).total_seconds(), 0.0)
    if apart > limits.CLOCK_SECONDS:
        yield wrong("clock", f"{apart:.1f} s from the database's", "Let both machines' clocks be set (NTP).")
    else:
        yield fine("clock", f"within {limits.CLOCK_SECONDS:g} s of the database's")


def _asked(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


def redis() -> Iterator[Finding]:
    for url in settings.REDIS_URLS:
        place = _place(url)
        try:
            with Redis.from_url(url, socket_connect_timeout=2, socket_timeout=limits.LAYER_SECONDS) as client:
                client.ping()
                took = _round_trip(client)
        except RedisError as error:
            yield wrong("redis", f"{place}: {first_line(error)}", "See that it runs, and that REDIS_URL is right.")
            continue
        if took is None:
            yield wrong(
                "redis", f"{place} takes what is published and delivers nothing", "Restart it; look at its log."
            )
        else:
            yield fine("redis", f"{place} passes a message on in {took * 1000:.1f} ms")


def _round_trip(client: "Redis") -> float | None:
    """Seconds from publishing to hearing it; None: never."""
    channel, begun = f"doctor.{secrets.token_hex(8)}", monotonic()
    with client.pubsub() as heard:  # type: ignore[no-untyped-call]
        heard.subscribe(channel)
        heard.get_message(timeout=limits.LAYER_SECONDS)  # that it has subscribed
        begun = monotonic()
        client.publish(channel, "1")
        message = heard.get_message(ignore_subscribe_messages=True, timeout=limits.LAYER_SECONDS)
        return monotonic() - begun if message else None


def _place(url: str) -> str:
    """Where it is, without who may enter."""
    parts = urlsplit(url)
    return f"{parts.hostname or parts.path}{f':{parts.port}' if parts.port else ''}"


def disk() -> Iterator[Finding]:
    folder = Path(settings.VAR_DIR)
    probe = folder / f".doctor.{secrets.token_hex(4)}"
    try:
        probe.touch()
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        yield wrong("disk", f"nothing can be written to {folder}: {error.strerror}", "Let the chat's account own it.")
        return
    seen = f"{free / 2**30:.1f} GiB free in {folder}"
    if free < limits.DISK_BYTES:
        yield wrong("disk", seen, "Make room: without any, nothing that is said can be kept.")
    elif not on_postgres() and free < 2 * _database_bytes():
        yield note("disk", seen, "A restore needs twice the size of the database beside it.")
    else:
        yield fine("disk", seen)
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        yield wrong("static files", "they are not collected: every page would fail", "Run: manage.py collectstatic")


def _database_bytes() -> int:
    path = Path(str(settings.DATABASES["default"]["NAME"]))
    return path.stat().st_size if path.exists() else 0


def mail() -> Iterator[Finding]:
    if not settings.CHAT_MAIL:
        yield fine("mail", "none: nobody can have a new password sent")
        return
    server = get_connection()
    try:
        server.open()
        server.close()
    except (OSError, smtplib.SMTPException) as error:
        yield wrong("mail", f"{settings.EMAIL_HOST}: {first_line(error)}", "See that EMAIL_URL is right.")
    else:
        yield fine("mail", f"{settings.EMAIL_HOST} lets us in")
