"""What a backup holds of the database: the tables in an order in which they can be filled, and what is in a row.

It is read off the models, so that a new one is kept without a word here.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

import msgspec
from django.apps import apps
from django.db.models import Field, ForeignKey, GeneratedField, Model

from chat.models import Epoch, Tries

# The life that a database is in is never restored, and guesses at passwords stay counted.
LEFT_ALONE: tuple[type[Model], ...] = (Epoch, Tries)

_KINDS: dict[str, Any] = {
    "AutoField": int,
    "BigAutoField": int,
    "SmallAutoField": int,
    "IntegerField": int,
    "BigIntegerField": int,
    "SmallIntegerField": int,
    "PositiveIntegerField": int,
    "PositiveBigIntegerField": int,
    "PositiveSmallIntegerField": int,
    "BooleanField": bool,
    "CharField": str,
    "TextField": str,
    "SlugField": str,
    "FileField": str,
    "FloatField": float,
    "DateField": date,
    "DateTimeField": datetime,
    "UUIDField": UUID,
    "JSONField": Any,
}


@dataclass(frozen=True)
class Table:
    model: type[Model]

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def fields(self) -> dict[str, "Field[Any, Any]"]:
        """By the names of their columns."""
        return {str(one.column): one for one in self.model._meta.local_concrete_fields if not _is_derived(one)}


def every() -> list[Table]:
    """Each table behind those that it refers to."""
    models = [one for one in apps.get_models(include_auto_created=True) if one._meta.managed and not one._meta.proxy]
    ordered: list[type[Model]] = []
    for model in models:
        _place(model, ordered, ())
    return [Table(model) for model in ordered if model not in LEFT_ALONE]


def decoder(fields: "list[Field[Any, Any] | None]") -> "msgspec.json.Decoder[tuple[Any, ...]]":
    """Reads one row of these fields (None: whatever it holds) and refuses all else."""
    kinds = tuple(Any if field is None else _type(field) for field in fields)
    return msgspec.json.Decoder(tuple[kinds])  # type: ignore[valid-type]


def kind(field: "Field[Any, Any]") -> Any:
    """The Python type of its values."""
    while isinstance(field, ForeignKey):
        field = field.target_field
    internal = field.get_internal_type()
    assert internal in _KINDS, f"{field}: a {internal} has no place in a backup yet"
    return _KINDS[internal]


def _is_derived(field: "Field[Any, Any]") -> bool:
    return isinstance(field, GeneratedField)


def _place(model: type[Model], ordered: list[type[Model]], waiting: tuple[type[Model], ...]) -> None:
    assert model not in waiting, f"{model} refers to itself by way of {waiting}: there is no order to fill them in"
    if model in ordered:
        return
    for field in model._meta.local_concrete_fields:
        if isinstance(field, ForeignKey) and field.related_model is not model:
            _place(field.related_model, ordered, (*waiting, model))
    ordered.append(model)


def _type(field: "Field[Any, Any]") -> Any:
    return kind(field) | None if field.null else kind(field)
