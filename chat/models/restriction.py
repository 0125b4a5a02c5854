"""What somebody may not do in a room, for a time or for good."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from chat.models.room import Room


class Restriction(models.Model):
    """A ban keeps a person out of the room, a mute keeps them from writing there.

    A guest's ban may go for every guest who comes from the same address; then it has to end, for an address has other
    people tomorrow. What has expired counts for nothing and is cleared away when the room's next one is made.
    """

    class Kind(models.TextChoices):
        BAN = "ban"
        MUTE = "mute"

    room = models.ForeignKey(Room, models.CASCADE, related_name="restrictions", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=4, choices=Kind)
    address = models.CharField(max_length=64, blank=True)  # a guest's `User.came_from`
    reason = models.CharField(max_length=500, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("room", "person", "kind"), name="restriction_once"),
            models.CheckConstraint(condition=Q(kind="ban") | Q(expires_at__isnull=False), name="restriction_mute_ends"),
            models.CheckConstraint(
                condition=Q(address="") | Q(kind="ban", expires_at__isnull=False), name="restriction_address_ends"
            ),
        )
        indexes = (models.Index(fields=("room", "address"), name="restriction_by_address", condition=~Q(address="")),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id} in {self.room_id}"
