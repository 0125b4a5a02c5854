"""Who belongs to a room, and as what."""

from django.conf import settings
from django.db import models

from chat.models.room import Room


class Membership(models.Model):
    """A person of a room.

    Private and direct rooms are seen by those alone who have a row here. A public room needs none to be seen, nor to
    write in it unless it is for members only: a person with an account gets one by entering, so that the room is
    among theirs; a guest gets one by an invitation only, with the role `guest`. That role means a person without an
    account, who can neither moderate nor own a room; a guest who signs up keeps the row and counts as a member.
    In a direct room all are equal: the roles of a direct room are `member` and `guest`.
    """

    class Role(models.TextChoices):
        OWNER = "owner"
        MODERATOR = "moderator"
        MEMBER = "member"
        GUEST = "guest"

    class Notify(models.TextChoices):
        """Of what in this room its person wants to be notified."""

        DEFAULT = "", "as in other rooms"
        ALL = "all"
        MENTIONS = "mentions"
        NOTHING = "nothing"

    room = models.ForeignKey(Room, models.CASCADE, related_name="memberships", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=9, choices=Role, default=Role.MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)
    # The number up to which this person has read the room; who joins begins where it stands. None: all of it, by one
    # who was here before places were kept, until they read there the next time.
    read = models.BigIntegerField(null=True)
    # How the room stands in this person's list; nobody else is told.
    starred = models.BooleanField(default=False, db_default=False)
    muted = models.BooleanField(default=False, db_default=False)
    hidden = models.BooleanField(default=False, db_default=False)  # while nothing is unread; ends when that is read
    place = models.PositiveIntegerField(null=True)  # where the list is sorted by hand; None: behind those that have one
    notify = models.CharField(max_length=8, choices=Notify, blank=True, default=Notify.DEFAULT, db_default="")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("room", "person"), name="membership_once"),)

    def __str__(self) -> str:
        return f"{self.person_id} in {self.room_id}: {self.role}"
