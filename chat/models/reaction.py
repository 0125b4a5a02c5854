"""What people answer a message with, without words."""

from django.conf import settings
from django.db import models

from chat import limits
from chat.models.room import Room


class Reaction(models.Model):
    """One person's emoji under message `number` of the room, since change `seq`; a deletion takes them along."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    number = models.BigIntegerField()
    emoji = models.CharField(max_length=limits.EMOJI_LENGTH)  # as chat.text.emoji spells it
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    seq = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("room", "number", "emoji", "person"), name="reaction_once"),)

    def __str__(self) -> str:
        return f"{self.emoji} for {self.room_id}/{self.number}"
