"""A room and the counter of its changes."""

from django.db import models
from django.db.models import Q

from chat import limits


class Room(models.Model):
    class Kind(models.TextChoices):
        PUBLIC = "public"
        PRIVATE = "private"
        DIRECT = "direct"

    slug = models.CharField(max_length=limits.SLUG_LENGTH, unique=True)
    title = models.CharField(max_length=100)
    topic = models.CharField(max_length=250, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PUBLIC)
    # The number of the newest change, raised in the transaction that makes the change, under this row's lock.
    last_seq = models.BigIntegerField(default=0)
    # The number of the newest change of the room itself or of rights in it.
    state_seq = models.BigIntegerField(default=0)
    last_posted_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index("kind", models.F("last_posted_at").desc(), name="room_by_activity"),)
        constraints = (models.CheckConstraint(condition=Q(last_seq__gte=models.F("state_seq")), name="room_state_seq"),)

    def __str__(self) -> str:
        return self.slug

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None
