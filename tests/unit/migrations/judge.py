"""Whether an older version of the chat can go on while a migration is applied, and after it.

chat/migrations/README.md tells the rules to those who write one. Judged is what an operation says, on the state that it
meets; no database is asked, so that the answer is the same for all of them.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

from django.db.migrations import Migration, operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.fields import FieldOperation
from django.db.migrations.operations.models import ModelOperation
from django.db.migrations.state import ProjectState
from django.db.models import Field, ManyToManyField

_ALWAYS_FINE = (
    operations.AlterModelManagers,
    operations.AlterModelOptions,
    operations.AlterModelTableComment,
    operations.CreateModel,
    operations.RemoveConstraint,
    operations.RemoveIndex,
    operations.RenameIndex,
)
_TAKES_AWAY = {
    operations.AlterModelTable: "renames a table",
    operations.DeleteModel: "removes a table",
    operations.RemoveField: "removes a column",
    operations.RenameField: "renames a column",
    operations.RenameModel: "renames a table",
}
_HARD_SQL = re.compile(r"\b(DROP|RENAME|TRUNCATE|LOCK|ALTER\s+(COLUMN|TYPE)|SET\s+NOT\s+NULL)\b", re.IGNORECASE)
_ROWS = (operations.RunPython, operations.RunSQL)

Problem = tuple[str, str]  # the operation, as `accepted` names it, and what is wrong with it


def judge(migration: Migration, state: ProjectState) -> list[Problem]:
    """What is wrong with it on that state, but for what it accepts itself; and what it accepts without need."""
    found = list(_problems(migration, state.clone()))
    accepted: dict[str, str] = getattr(migration, "accepted", {})
    left = [(key, why) for key, why in found if not accepted.get(key, "").strip()]
    return left + [(key, "is accepted, but nothing is wrong") for key in accepted.keys() - {key for key, _ in found}]


def _problems(migration: Migration, state: ProjectState) -> Iterator[Problem]:
    new: set[str] = set()  # tables that no older version knows
    for operation in migration.operations:
        for key, why in _judge_one(operation, migration.app_label, state):
            if _model_of(operation) not in new:
                yield key, why
        if isinstance(operation, operations.CreateModel):
            new.add(operation.name_lower)
        operation.state_forwards(migration.app_label, state)
    changes = [one for one in migration.operations if not isinstance(one, _ROWS) and _model_of(one) not in new]
    if changes and any(isinstance(one, operations.RunPython) for one in migration.operations):
        yield "RunPython", "changes rows while the table is locked: put it into a migration of its own"


def _judge_one(operation: Operation, app: str, state: ProjectState) -> Iterator[Problem]:
    key = _key(operation)
    match operation:
        case operations.SeparateDatabaseAndState():
            for inner in operation.database_operations:
                yield from _judge_one(inner, app, state)
            for inner in operation.state_operations:
                yield from _judge_state_only(inner, app, state)
        case operations.AddField():
            if not isinstance(operation.field, ManyToManyField) and not _may_be_left_out(operation.field):
                yield key, "adds a column that the older version does not fill: give it null=True or a db_default"
        case operations.AlterField():
            old = state.models[app, operation.model_name_lower].fields[operation.name]
            for why in _narrowed(old, operation.field):
                yield key, why
        case operations.AddConstraint() | operations.AlterUniqueTogether():
            yield key, "adds a rule that rows of the older version may break"
        case operations.AddIndex():
            yield key, "keeps those who write waiting until the index is built"
        case operations.RunPython() | operations.RunSQL():
            if not operation.reversible:
                yield key, "cannot be taken back: give it a reverse, if only a noop"
            if isinstance(operation, operations.RunSQL) and _HARD_SQL.search(str(operation.sql)):
                yield key, "takes away or locks what the older version needs"
        case _ if type(operation) in _TAKES_AWAY:
            yield key, f"{_TAKES_AWAY[type(operation)]} that the older version reads and writes"
        case _ if not isinstance(operation, _ALWAYS_FINE):
            yield key, "is of a kind that nobody has thought about yet"


def _judge_state_only(operation: Operation, app: str, state: ProjectState) -> Iterator[Problem]:
    """The code forgets a column that stays: what the newer version writes has to do without it."""
    if isinstance(operation, operations.RemoveField):
        field = state.models[app, operation.model_name_lower].fields[operation.name]
        if not _may_be_left_out(field):
            yield _key(operation), "forgets a column that has to be filled: first give it null=True or a db_default"


def _narrowed(old: "Field[Any, Any]", new: "Field[Any, Any]") -> Iterator[str]:
    if old.get_internal_type() != new.get_internal_type():
        yield "changes a column's type under the older version"
    if (new.db_column or "") != (old.db_column or ""):
        yield "renames a column that the older version reads and writes"
    if old.null and not new.null:
        yield "forbids the NULL that the older version may write"
    if new.unique and not old.unique:
        yield "adds a rule that rows of the older version may break"
    if (new.max_length or math.inf) < (old.max_length or math.inf):
        yield "makes a column shorter than what the older version writes"
    if old.has_db_default() and not _may_be_left_out(new):
        yield "takes away the default that the older version relies on"


def _may_be_left_out(field: "Field[Any, Any]") -> bool:
    return field.null or field.has_db_default()


def _key(operation: Operation) -> str:
    kind = type(operation).__name__
    match operation:
        case operations.RunPython():
            return f"{kind} {operation.code.__name__}"
        case FieldOperation():
            return f"{kind} {operation.model_name}.{operation.name}"
        case operations.AddConstraint():
            return f"{kind} {operation.constraint.name}"
        case operations.AddIndex():
            return f"{kind} {operation.index.name}"
        case operations.RenameModel():
            return f"{kind} {operation.old_name}"
        case ModelOperation():
            return f"{kind} {operation.name}"
        case _:
            return kind


def _model_of(operation: Operation) -> str:
    named = getattr(operation, "model_name", None) or getattr(operation, "name", "")
    return str(named).lower()
