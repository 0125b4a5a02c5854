"""Fields that several forms about rooms have."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat import limits
from chat.web.rooms import wording


def title(**options: Any) -> forms.CharField:
    return forms.CharField(label=_("Title"), max_length=limits.TITLE_LENGTH, widget=_line(), **options)


def topic() -> forms.CharField:
    return forms.CharField(label=_("Topic"), max_length=limits.TOPIC_LENGTH, required=False, widget=_line())


def slug() -> forms.CharField:
    return forms.CharField(
        label=_("Name in the address"),
        max_length=limits.SLUG_LENGTH,
        widget=_line(autocapitalize="none", spellcheck="false"),
        help_text=_("Letters, digits, - and _. A name that a room has or had cannot be taken."),
    )


def person(label: Any = _("Name")) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=4 * limits.NAME_LENGTH, widget=_line(autocapitalize="none", spellcheck="false")
    )


def reason(label: Any, *, required: bool = False) -> forms.CharField:
    return forms.CharField(label=label, max_length=limits.REASON_LENGTH, required=required, widget=_line())


def seconds(
    label: Any, choices: Iterable[int], most: int, *, first: str | Promise | None = None
) -> forms.TypedChoiceField:
    """A length of time out of some; `first` is what the choice of none is called."""
    options: list[tuple[int | str, Any]] = [(one, _Duration(one)) for one in choices if one <= most]
    if first is not None:
        options.insert(0, ("", first))
    return forms.TypedChoiceField(label=label, choices=options, coerce=int, empty_value=None, required=first is None)


class _Duration:
    """A length of time, worded in the reader's language when it is shown."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    def __str__(self) -> str:
        return wording.duration(self._seconds)


def _line(**attributes: str) -> forms.TextInput:
    return forms.TextInput({"dir": "auto", "autocomplete": "off", **attributes})
