"""Removes rows that mean nothing any more."""

from datetime import timedelta

from django.utils import timezone

from chat import limits
from chat.actions import rooms
from chat.models import AccountEvent, Invitation, Restriction, Session, Tries
from chat.queries import invitations


def tidy() -> dict[str, int]:
    """How many rows of each kind are gone."""
    now = timezone.now()
    old = now - timedelta(seconds=limits.EVENT_SECONDS)
    return {
        "sessions": Session.objects.filter(expire_date__lt=now).delete()[0],
        "tries": Tries.objects.filter(all_back_at__lt=now).delete()[0],
        "account events": AccountEvent.objects.filter(at__lt=old).delete()[0],
        "bans and mutes": Restriction.objects.filter(expires_at__lt=now).delete()[0],
        "invitations": Invitation.objects.exclude(invitations.holds()).delete()[0],
        "deleted rooms": rooms.purge(),
    }
