"""What was done to a room or to people in it, by whom and when; written once and never changed."""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models


class Unchangeable(TypeError):
    """Somebody tried to change or remove what is written for good."""


class AuditEntries(models.QuerySet["AuditEntry"]):
    def update(self, **_: Any) -> NoReturn:
        raise Unchangeable("an audit entry is not changed")

    def delete(self) -> NoReturn:
        raise Unchangeable("an audit entry is not deleted")

    def bulk_update(self, *_: Any, **__: Any) -> NoReturn:
        raise Unchangeable("an audit entry is not changed")


class AuditEntry(models.Model):
    """Outlives its room, of which it keeps key and title. A trigger in the database refuses changes too."""

    class Kind(models.TextChoices):
        MADE = "made"
        TITLED = "titled"
        RENAMED = "renamed"
        MADE_PRIVATE = "made_private"
        MADE_PUBLIC = "made_public"
        MEMBERS_ONLY = "members_only"
        OPENED = "opened"
        SLOWED = "slowed"
        ARCHIVED = "archived"
        REVIVED = "revived"
        DELETED = "deleted"
        ADDED = "added"
        INVITED = "invited"
        JOINED = "joined"
        REVOKED = "revoked"
        LEFT = "left"
        REMOVED = "removed"
        ROLE = "role"
        MUTED = "muted"
        UNMUTED = "unmuted"
        BANNED = "banned"
        UNBANNED = "unbanned"
        MESSAGE_DELETED = "message_deleted"
        REPORT_HANDLED = "report_handled"

    room = models.BigIntegerField()
    room_title = models.CharField(max_length=100)
    seq = models.BigIntegerField()  # where the room's counter stood after it
    kind = models.CharField(max_length=16, choices=Kind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")  # done to whom
    number = models.BigIntegerField(null=True)  # of a message
    detail = models.CharField(max_length=600, blank=True)
    made_at = models.DateTimeField()

    objects = AuditEntries.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=("room", "id"), name="audit_by_room"),
            models.Index(fields=("room", "person", "id"), name="audit_by_person"),
        )

    def __str__(self) -> str:
        return f"{self.kind} in {self.room} by {self.actor_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise Unchangeable("an audit entry is not changed")
        super().save(*args, **kwargs)

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        raise Unchangeable("an audit entry is not deleted")
