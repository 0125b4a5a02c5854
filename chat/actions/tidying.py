"""Removes rows that mean nothing any more."""

from datetime import timedelta

from django.utils import timezone

from chat import limits
from chat.models import AccountEvent, Session, Tries


def tidy() -> dict[str, int]:
    """How many rows of each kind are gone."""
    now = timezone.now()
    old = now - timedelta(seconds=limits.EVENT_SECONDS)
    return {
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
        "tries": Tries.objects.filter(all_back_at__lt=now).delete()[0],
        "account events": AccountEvent.objects.filter(at__lt=old).delete()[0],
    }
