"""What happened to people as a whole, for processes that did not hear of it when it happened."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class AccountEvent(models.Model):
    """Written in the transaction of the change itself; chat.wire.announcements.AccountChange says what each asks for.

    Hearing one twice does no harm. Keys do not commit in their order: who reads on overlaps by some seconds of `at`.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    change = models.CharField(max_length=24)  # an AccountChange
    session_tie = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.change} {self.person_id}"
