"""Fields that several forms about rooms have."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chat import limits
from chat.text import names
from chat.web.rooms import wording


def title(**options: Any) -> forms.CharField:
    wrong = _("A title has 1 to %(most)s characters, and nothing invisible.")
    return _Named(names.room_title, wrong, limits.TITLE_LENGTH, label=_("Title"), widget=_line(), **options)


def topic() -> forms.CharField:
    wrong = _("A topic has at most %(most)s characters, and nothing invisible.")
    return _Named(names.room_topic, wrong, limits.TOPIC_LENGTH, label=_("Topic"), required=False, widget=_line())


def slug() -> forms.CharField:
    return _Named(
        names.slug_of_words,
        _("This name has 1 to %(most)s letters, digits, - and _."),
        limits.SLUG_LENGTH,
        label=_("Name in the address"),
        widget=_line(autocapitalize="none", spellcheck="false"),
        help_text=_("Letters, digits, - and _. A name that a room has or had cannot be taken."),
    )


class _Named(forms.CharField):
    """What `clean` of chat.text.names takes; `wrong` says in the reader's language what it does not."""

    def __init__(self, clean: Callable[[str], str], wrong: str | Promise, most: int, **options: Any) -> None:
        super().__init__(max_length=most, **options)
        self._clean, self._wrong = clean, wrong

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        try:
            return self._clean(typed)
        except names.BadName:
            raise forms.ValidationError(str(self._wrong) % {"most": self.max_length}) from None


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
