"""Tells what was committed. Knows no hub: the hub of this process registers itself here.

Without a hub (a command of the operator) nothing is sent; the hubs find it with their next look at the numbers.
"""

from collections.abc import Callable, Sequence

from django.db import transaction

from chat.wire.announcements import AnyNews

Listener = Callable[[Sequence[AnyNews]], None]

_listener: Listener | None = None


def register(listener: Listener | None) -> None:
    """`listener` is called from any thread, after the commit, with what belongs to it."""
    global _listener
    _listener = listener


def after_commit(*news: AnyNews) -> None:
    transaction.on_commit(lambda: _tell(news))


def _tell(news: Sequence[AnyNews]) -> None:
    if _listener is not None:
        _listener(news)
