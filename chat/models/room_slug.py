"""Every slug that a room ever had; its row stays for good, so that none is given out twice."""

from django.db import models

from chat import limits
from chat.models.room import Room


class RoomSlug(models.Model):
    """`room` is where the slug leads; None: nowhere any more (the room is deleted, or was made private since)."""

    slug = models.CharField(max_length=limits.SLUG_LENGTH, primary_key=True)
    room = models.ForeignKey(Room, models.SET_NULL, null=True, related_name="slugs")

    def __str__(self) -> str:
        return self.slug
