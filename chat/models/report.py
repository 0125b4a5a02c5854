"""A message that somebody reported, and what was done about it."""

from django.conf import settings
from django.db import models

from chat.models.room import Room


class Report(models.Model):
    """`text` is what the message said when it was reported, so that a deletion or an edit does not hide it.

    The words stay here until the room is deleted: they are what the moderators had to judge.
    """

    class Outcome(models.TextChoices):
        DISMISSED = "dismissed"
        DELETED = "deleted"
        MUTED = "muted"
        BANNED = "banned"

    room = models.ForeignKey(Room, models.CASCADE, related_name="reports")
    number = models.BigIntegerField()  # of the message
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    made_at = models.DateTimeField()
    outcome = models.CharField(max_length=9, choices=Outcome, blank=True)  # empty: nobody has handled it yet
    note = models.CharField(max_length=500, blank=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("reporter", "room", "number"), name="report_once"),)
        indexes = (models.Index(fields=("reporter", "made_at"), name="report_by_reporter"),)

    def __str__(self) -> str:
        return f"report of {self.room_id}/{self.number}"
