"""A room and the counter of its changes."""

from django.db import models
from django.db.models import Q

from chat import limits


class Room(models.Model):
    """A public room is everybody's to see; a private one its members'; a direct one belongs to one set of people.

    Of a deleted room the row stays until its messages are gone; no rule lets anybody see that kind.
    """

    class Kind(models.TextChoices):
        PUBLIC = "public"
        PRIVATE = "private"
        DIRECT = "direct"
        DELETED = "deleted"

    slug = models.CharField(max_length=limits.SLUG_LENGTH, unique=True)
    title = models.CharField(max_length=100, blank=True)  # of a direct room: none, it is called by its people
    topic = models.CharField(max_length=250, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.PUBLIC)
    members_only = models.BooleanField(default=False)  # of a public room: all may read, members may write
    slow_seconds = models.PositiveIntegerField(default=0)  # between two messages of one person; 0: no such rule
    # Of a direct room: whose it is, so that there is one for one set of people.
    direct_key = models.CharField(max_length=250, unique=True, null=True, editable=False)  # noqa: DJ001 - NULLs are not equal
    # The number of the newest change, raised in the transaction that makes the change, under this row's lock.
    last_seq = models.BigIntegerField(default=0)
    # The number of the newest change of the room itself or of rights in it.
    state_seq = models.BigIntegerField(default=0)
    last_posted_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index("kind", models.F("last_posted_at").desc(), name="room_by_activity"),)
        constraints = (
            models.CheckConstraint(condition=Q(last_seq__gte=models.F("state_seq")), name="room_state_seq"),
            models.CheckConstraint(
                condition=Q(kind="direct", direct_key__isnull=False)
                | Q(kind="deleted")
                | Q(kind__in=("public", "private"), direct_key=None),
                name="room_direct_key",
            ),
        )

    def __str__(self) -> str:
        return self.slug

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None
