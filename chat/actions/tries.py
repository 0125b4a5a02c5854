"""Counts tries under keys, in the database: the bounds hold over all processes, and over restarts."""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chat import limits
from chat.models import Tries


class Bound(NamedTuple):
    """`tries` at once, and one more each time `wait_seconds` have passed; `about` says of what and by whom."""

    about: tuple[str, ...]
    tries: int
    wait_seconds: float

    @property
    def key(self) -> str:
        return hashlib.sha256(repr(self.about).encode("utf-8", "replace")).hexdigest()

    @property
    def wait(self) -> timedelta:
        return timedelta(seconds=self.wait_seconds)


def take(*bounds: Bound) -> float:
    """Count one try under each of them. Returns 0, or the seconds until there is one (and counts none)."""
    if not limits.RATE_LIMITS:
        return 0
    now = timezone.now()
    with transaction.atomic():
        rows = _locked([bound.key for bound in bounds], now)
        back = {bound: max(rows[bound.key].all_back_at, now) + bound.wait for bound in bounds}
        wait = max((back[bound] - now - bound.tries * bound.wait).total_seconds() for bound in bounds)
        if wait > 0:
            return wait
        for bound in bounds:
            rows[bound.key].all_back_at = back[bound]
        Tries.objects.bulk_update(rows.values(), ["all_back_at"])
        return 0


def give_back(*bounds: Bound) -> None:
    """A try that was counted was none that failed."""
    if limits.RATE_LIMITS:
        for bound in sorted(bounds, key=lambda bound: bound.key):
            Tries.objects.filter(key=bound.key).update(all_back_at=F("all_back_at") - bound.wait)


def _locked(keys: Iterable[str], now: datetime) -> dict[str, Tries]:
    """The rows of these keys, made where there is none, locked in order."""
    ordered = sorted(keys)
    Tries.objects.bulk_create([Tries(key=key, all_back_at=now) for key in ordered], ignore_conflicts=True)
    rows = Tries.objects.select_for_update().filter(key__in=ordered).order_by("key")
    return {row.key: row for row in rows}
