"""Finds the links that let people into rooms."""

from django.db.models import F, Q
from django.utils import timezone

from chat import limits
from chat.models import Invitation, User
from chat.models.invitation import hash_token
from chat.policy import Standing
from chat.queries import standings


def holds() -> Q:
    return Q(revoked_at=None, expires_at__gt=timezone.now(), used__lt=F("uses"))


def of_secret(secret: str) -> Invitation | None:
    """The link with that secret, with its room and its maker, as long as it holds."""
    return Invitation.objects.filter(holds(), token=hash_token(secret)).select_related("room", "made_by").first()


def standing(invitation: Invitation, person: User) -> Standing:
    """How somebody who has the link stands in its room."""
    known, _ = standings.read([(invitation.room_id, person.pk)])
    return known[invitation.room_id, person.pk].standing


def of_room(room: int) -> list[Invitation]:
    """The links of a room that hold, newest first."""
    found = Invitation.objects.filter(holds(), room=room).select_related("made_by").order_by("-pk")
    return list(found[: limits.ROOM_INVITATIONS])
