"""The audit log is written once: neither the code nor the database changes it."""

from importlib import import_module
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction

from chat import limits, migrations
from chat.actions import rooms
from chat.models import AuditEntry, Room
from chat.models.audit_entry import Unchangeable
from chat.queries import audit
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(cast: Cast) -> AuditEntry:
    return AuditEntry.objects.get(room=cast.den.pk)


def test_the_model_refuses_every_way_to_change_or_remove_an_entry(entry: AuditEntry) -> None:
    entry.detail = "other"
    everything = AuditEntry.objects.all()
    for change in (
        entry.save,
        entry.delete,
        everything.delete,
        lambda: everything.update(detail="other"),
        lambda: AuditEntry.objects.bulk_update([entry], ["detail"]),
        lambda: AuditEntry.objects.update_or_create(pk=entry.pk, defaults={"detail": "other"}),
    ):
        with pytest.raises(Unchangeable):
            change()


@pytest.mark.parametrize("statement", ["UPDATE chat_auditentry SET detail = 'other'", "DELETE FROM chat_auditentry"])
def test_the_database_refuses_it_too(entry: AuditEntry, statement: str) -> None:
    with transaction.atomic():
        if connection.vendor == "sqlite" and statement.startswith("DELETE"):
            _put_back_the_guard_that_tests_take_away()
        with (
            pytest.raises(DatabaseError, match="the audit log is not changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
        transaction.set_rollback(True)


def _put_back_the_guard_that_tests_take_away() -> None:
    [name] = [path.stem for path in Path(migrations.__path__[0]).glob("*_rooms.py")]
    migration = import_module(f"chat.migrations.{name}")
    with connection.cursor() as cursor:
        cursor.execute(next(one for one in migration.PROTECTION["sqlite"] if "BEFORE DELETE" in one))


def test_the_log_comes_newest_first_by_pages(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LIST_ROWS", 2)
    for seconds in (1, 2, 3):
        rooms.set_slow(cast.mia, cast.den.pk, seconds)

    first = audit.of_room(cast.den.pk)
    second = audit.of_room(cast.den.pk, first.entries[-1].pk)

    assert [entry.detail for entry in first.entries] == ["3", "2"]
    assert [(entry.kind, entry.detail) for entry in second.entries] == [("slowed", "1"), ("made", "private")]
    assert (first.more, second.more) == (True, False)
    assert [entry.seq for entry in first.entries] == [3, 2]
    assert len(audit.of_site().entries) == 2


def test_the_log_outlives_its_room(cast: Cast) -> None:
    rooms.delete(cast.olga, cast.den.pk)

    entries = audit.of_site().entries

    assert (entries[0].kind, entries[0].room_title, entries[0].actor) == ("deleted", "Den", cast.olga)
    assert not Room.objects.filter(pk=cast.den.pk).exists()
