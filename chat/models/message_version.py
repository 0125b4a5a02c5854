"""What a message said before it was edited."""

from django.db import models

from chat.models.room import Room


class MessageVersion(models.Model):
    """The text that change `seq` gave to message `number`, until a later one replaced it.

    A deletion takes the versions with it: words that are taken back are gone.
    """

    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    number = models.BigIntegerField()
    seq = models.BigIntegerField()
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("room", "number", "seq"), name="message_version_once"),)

    def __str__(self) -> str:
        return f"{self.room_id}/{self.number} as of {self.seq}"
