"""A message: its place in the room's log never changes, its state may."""

from django.conf import settings
from django.db import models

from chat.models.room import Room

CHANGED = models.Q(seq__gt=models.F("number"))  # both are counted by the room's one counter


class Message(models.Model):
    room = models.ForeignKey(Room, models.CASCADE, related_name="messages", db_index=False)
    number = models.BigIntegerField()  # of the change that created it: the wire's `id`
    seq = models.BigIntegerField()  # of the last change to it
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    client_id = models.UUIDField()
    text = models.TextField()  # as it came
    html = models.TextField()  # made of it by chat.text.markup
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)  # a tombstone: words gone, place kept
    reply_to = models.BigIntegerField(null=True)  # the number of a message of the same room
    # Whom the text speaks to, as the frame tells it and chat.text.mentions writes it; who counts reads Mention.
    mentions = models.TextField(blank=True, db_default="")
    has_reactions = models.BooleanField(db_default=False)  # whether it is worth a look at Reaction

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("room", "number"), name="message_place"),
            # client_id first: our own are ordered by time, so that the index grows at its right edge only.
            models.UniqueConstraint(fields=("client_id", "author", "room"), name="message_once"),
        )
        indexes = (
            # What was never changed is found by its place.
            models.Index(fields=("room", "seq"), name="message_changed", condition=CHANGED),
            # When somebody said something last, for slow mode; and what every foreign key has.
            models.Index(fields=("author", "room", "number"), name="message_by_author"),
        )

    def __str__(self) -> str:
        return f"{self.room_id}/{self.number}"
