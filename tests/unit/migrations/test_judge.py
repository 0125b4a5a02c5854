"""No migration breaks the version that still runs while it is applied; and the judge knows what would."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from tests.unit.migrations.judge import judge

BASE = "0004_rooms"  # before it there was no version to go on
LOADER = MigrationLoader(None)
LATER = sorted(name for app, name in LOADER.disk_migrations if app == "chat" and name > BASE)


def test_the_base_is_there() -> None:
    assert ("chat", BASE) in LOADER.disk_migrations


@pytest.mark.parametrize("name", LATER)
def test_an_older_version_goes_on_while_it_is_applied(name: str) -> None:
    state = LOADER.project_state(("chat", name), at_end=False)

    problems = judge(LOADER.disk_migrations["chat", name], state)

    told = "\n".join(f"  {operation}: {why}" for operation, why in problems)
    assert not problems, f"{name} would break the version that runs (chat/migrations/README.md):\n{told}"


@pytest.mark.django_db
def test_the_models_have_all_their_migrations() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def migration(*given: Any, accepted: dict[str, str] | None = None) -> Migration:
    made = Migration("0099_later", "chat")
    made.operations = list(given)
    if accepted is not None:
        made.accepted = accepted  # type: ignore[attr-defined]
    return made


@pytest.fixture
def before() -> ProjectState:
    """A table of an older version."""
    state = ProjectState()
    fields: list[tuple[str, Any]] = [
        ("id", models.BigAutoField(primary_key=True)),
        ("slug", models.CharField(max_length=64)),
        ("topic", models.CharField(max_length=250, null=True)),  # noqa: DJ001
        ("colour", models.CharField(max_length=9, db_default="red")),
    ]
    operations.CreateModel("Room", fields).state_forwards("chat", state)
    return state


def noop(*_: Any) -> None: ...


ROOM = [("id", models.BigAutoField(primary_key=True))]

FINE: dict[str, list[Any]] = {
    "a new table": [
        operations.CreateModel("Star", ROOM),
        operations.AddField("star", "weight", models.IntegerField()),
        operations.AddConstraint("star", models.UniqueConstraint(fields=("weight",), name="star_once")),
        operations.AddIndex("star", models.Index(fields=("weight",), name="star_by_weight")),
    ],
    "a column that may be empty": [operations.AddField("room", "mood", models.TextField(null=True))],  # noqa: DJ001
    "a column with a default": [operations.AddField("room", "mood", models.TextField(db_default=""))],
    "people of a room": [operations.AddField("room", "friends", models.ManyToManyField("chat.Room"))],
    "a longer column": [operations.AlterField("room", "slug", models.CharField(max_length=65))],
    "a column that may be empty now": [
        operations.AlterField("room", "slug", models.CharField(max_length=64, null=True))
    ],
    "rows": [operations.RunPython(noop, noop)],
    "rows by SQL": [operations.RunSQL("UPDATE chat_room SET slug = lower(slug)", operations.RunSQL.noop)],
    "a column that the code forgets": [
        operations.SeparateDatabaseAndState(state_operations=[operations.RemoveField("room", "topic")])
    ],
    "one rule less": [
        operations.SeparateDatabaseAndState(
            state_operations=[operations.AddConstraint("room", models.UniqueConstraint(fields=("slug",), name="once"))]
        ),
        operations.RemoveConstraint("room", "once"),
    ],
}

BREAKING: dict[str, tuple[list[Any], str, str]] = {
    "a column that has to be filled": (
        [operations.AddField("room", "mood", models.TextField(default=""))], "AddField room.mood", "does not fill"
    ),
    "a column less": ([operations.RemoveField("room", "topic")], "RemoveField room.topic", "removes a column"),
    "a column renamed": ([operations.RenameField("room", "topic", "about")], "RenameField room.topic", "renames"),
    "a table less": ([operations.DeleteModel("Room")], "DeleteModel Room", "removes a table"),
    "a table renamed": ([operations.RenameModel("Room", "Place")], "RenameModel Room", "renames a table"),
    "a table called otherwise": ([operations.AlterModelTable("room", "r")], "AlterModelTable room", "renames a table"),
    "another type": (
        [operations.AlterField("room", "slug", models.IntegerField())], "AlterField room.slug", "type under"
    ),
    "another column": (
        [operations.AlterField("room", "slug", models.CharField(max_length=64, db_column="s"))],
        "AlterField room.slug", "renames a column",
    ),
    "no more NULL": (
        [operations.AlterField("room", "topic", models.CharField(max_length=250))], "AlterField room.topic", "NULL"
    ),
    "unique": (
        [operations.AlterField("room", "slug", models.CharField(max_length=64, unique=True))],
        "AlterField room.slug", "a rule",
    ),
    "shorter": (
        [operations.AlterField("room", "slug", models.CharField(max_length=9))], "AlterField room.slug", "shorter"
    ),
    "no more default": (
        [operations.AlterField("room", "colour", models.CharField(max_length=9))], "AlterField room.colour", "default"
    ),
    "a rule": (
        [operations.AddConstraint("room", models.UniqueConstraint(fields=("slug",), name="once"))],
        "AddConstraint once", "a rule",
    ),
    "an index": (
        [operations.AddIndex("room", models.Index(fields=("slug",), name="by_slug"))], "AddIndex by_slug", "waiting"
    ),
    "rows for good": ([operations.RunPython(noop)], "RunPython noop", "taken back"),
    "SQL for good": ([operations.RunSQL("UPDATE chat_room SET slug = ''")], "RunSQL", "taken back"),
    "SQL that takes away": (
        [operations.RunSQL("ALTER TABLE chat_room DROP COLUMN topic", operations.RunSQL.noop)], "RunSQL", "takes away"
    ),
    "rows and table at once": (
        [operations.AddField("room", "mood", models.TextField(db_default="")), operations.RunPython(noop, noop)],
        "RunPython", "of its own",
    ),
    "a full column that the code forgets": (
        [operations.SeparateDatabaseAndState(state_operations=[operations.RemoveField("room", "slug")])],
        "RemoveField room.slug", "forgets a column",
    ),
    "a column less behind the code's back": (
        [operations.SeparateDatabaseAndState(database_operations=[operations.RemoveField("room", "topic")])],
        "RemoveField room.topic", "removes a column",
    ),
    "something new": ([operations.AlterOrderWithRespectTo("room", None)], "AlterOrderWithRespectTo room", "nobody"),
}  # fmt: skip


@pytest.mark.parametrize("what", FINE)
def test_what_an_older_version_does_not_notice_is_let_through(before: ProjectState, what: str) -> None:
    assert judge(migration(*FINE[what]), before) == []


@pytest.mark.parametrize("what", BREAKING)
def test_what_would_break_an_older_version_is_refused(before: ProjectState, what: str) -> None:
    given, operation, why = BREAKING[what]

    [(key, told)] = judge(migration(*given), before)

    assert key == operation
    assert why in told


def test_one_can_be_accepted_for_a_reason_and_only_where_there_is_need(before: ProjectState) -> None:
    drop = operations.RemoveField("room", "topic")

    assert judge(migration(drop, accepted={"RemoveField room.topic": "not read since 0007"}), before) == []
    assert len(judge(migration(drop, accepted={"RemoveField room.topic": " "}), before)) == 1
    [(key, why)] = judge(migration(accepted={"RemoveField room.topic": "not read since 0007"}), before)
    assert (key, why) == ("RemoveField room.topic", "is accepted, but nothing is wrong")
