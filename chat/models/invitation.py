"""A link that lets those in who have it."""

import hashlib

from django.conf import settings
from django.db import models

from chat.models.room import Room


class Invitation(models.Model):
    """Holds until it expires, is used up or revoked. Of its token only the hash is kept: the table lets nobody in."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="invitations")
    token = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    uses = models.PositiveIntegerField()  # how often it lets somebody in
    used = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(used__lte=models.F("uses")), name="invitation_uses"),)

    def __str__(self) -> str:
        return f"invitation {self.pk} to {self.room_id}"


def hash_token(secret: str) -> str:
    """What the table keeps of a link's secret (random, so that one round without salt is enough)."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
