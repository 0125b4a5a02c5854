"""Whom a message speaks to, by person: what unread mentions are counted from."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from chat.models.room import Room


class Mention(models.Model):
    """Message `number` of the room says `@username`, or, where `person` is None, `@here`: that means everybody.

    So the messages that mention somebody are those with a row of theirs or one of nobody's; one message may have both.
    An author who mentions themselves has a row like others. An edit makes the rows anew, a deletion takes them away.
    The message's own `mentions` says the same the other way round, so that reading a log needs no look in here.
    """

    room = models.ForeignKey(Room, models.CASCADE, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    number = models.BigIntegerField()

    class Meta:
        constraints = (
            # In this order, for it is counted by person, above a number of the room.
            models.UniqueConstraint(fields=("room", "person", "number"), name="mention_once"),
            models.UniqueConstraint(fields=("room", "number"), condition=Q(person=None), name="mention_here_once"),
        )

    def __str__(self) -> str:
        return f"{self.room_id}/{self.number} to {self.person_id or 'everybody'}"
