"""Removes messages that are older than the site keeps them, with all that hangs on them, while people talk.

A message that is gone takes no number: no log changes, it merely begins later. Who still shows one keeps it until the
page is loaded again; whatever they do with it is answered `not_found`.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from time import monotonic
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model

from chat import limits
from chat.models import Message, Report, Room
from chat.queries.sql import on_postgres


def hanging_on_messages() -> list[type[Model]]:
    """The models whose rows are about one message, by its room and number, and mean nothing without it.

    A report is not among them: its words are what the moderators had to judge.
    """
    models = [one for one in apps.get_app_config("chat").get_models() if one not in (Message, Report)]
    return [one for one in models if {"room_id", "number"} <= {field.attname for field in one._meta.local_fields}]


def count(before: datetime) -> dict[str, int]:
    """What `prune` would remove now."""
    with _at_leisure():
        rooms = _rooms()
        messages = sum(Message.objects.filter(room=room, created_at__lt=before).count() for room in rooms)
        return {"messages": messages, "reports": _judged(before).count()}


def prune(before: datetime, rest: Callable[[float], object]) -> dict[str, int]:
    """Remove what was said before that moment, and the reports that were handled before; how many rows of each kind.

    `rest` is called after each batch with the seconds that it took, so that those who write come in between.
    """
    counts: Counter[str] = Counter(messages=0)
    with _at_leisure(), _overwriting():
        for room in _rooms():
            while numbers := _oldest(room, before):
                begun = monotonic()
                counts.update(_remove(room, numbers))
                rest(monotonic() - begun)
        counts["reports"] = _judged(before).delete()[0]
    return dict(counts)


def _rooms() -> list[int]:
    return list(Room.objects.exclude(kind=Room.Kind.DELETED).order_by("pk").values_list("pk", flat=True))


def _judged(before: datetime) -> Any:
    return Report.objects.filter(handled_at__lt=before)


def _oldest(room: int, before: datetime) -> list[int]:
    """Numbers rise with time, but for clocks that disagree: then one is found in a later run."""
    oldest = Message.objects.filter(room=room).order_by("number").values_list("number", "created_at")
    return [number for number, at in oldest[: limits.PRUNED_MESSAGES] if at < before]


def _remove(room: int, numbers: list[int]) -> dict[str, int]:
    """Under the room's lock, as every change of a message, so that nothing is hung on one that goes."""
    with transaction.atomic():
        Room.objects.select_for_update(no_key=True).filter(pk=room).first()
        gone = {
            str(model._meta.verbose_name_plural): model._base_manager.filter(room=room, number__in=numbers).delete()[0]
            for model in hanging_on_messages()
        }
        return gone | {"messages": Message.objects.filter(room=room, number__in=numbers).delete()[0]}


@contextmanager
def _at_leisure() -> Iterator[None]:
    """Without the bound for a statement that keeps pages and sockets quick."""
    if not on_postgres():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        [(usual,)] = cursor.fetchall()
        cursor.execute("SET statement_timeout = 0")
        yield
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [usual])


@contextmanager
def _overwriting() -> Iterator[None]:
    """SQLite leaves what it deletes in the file until the place is needed, unless it is told to wipe it."""
    if on_postgres():
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete = ON")
        yield
        cursor.execute("PRAGMA secure_delete = OFF")
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
