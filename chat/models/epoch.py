"""The life that this database is in; a restored backup begins a new one."""

import secrets

from django.db import models


def _fresh_key() -> str:
    return secrets.token_hex(4)


class Epoch(models.Model):
    """The newest row counts. Its key is part of every room's epoch on the wire and of every group's name."""

    key = models.CharField(max_length=16, unique=True, default=_fresh_key)
    began_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.key
