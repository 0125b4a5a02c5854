"""A link that lets people sign up where not everybody may."""

import hashlib

from django.conf import settings
from django.db import models
from django.utils import timezone


class SignUpLink(models.Model):
    token_hash = models.CharField(max_length=64, unique=True, editable=False)  # the table alone lets nobody in
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    uses_left = models.PositiveIntegerField()
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"sign-up link {self.pk}"

    @property
    def is_usable(self) -> bool:
        return self.uses_left > 0 and self.expires_at > timezone.now()


def hash_link_token(token: str) -> str:
    """What the table keeps of a token (random, so that one round without salt is enough)."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
