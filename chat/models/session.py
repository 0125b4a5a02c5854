"""Django's database sessions, with the person in columns of their own.

So one query leads from a cookie to whom it stands for, without unpacking the session first. This module is the
site's SESSION_ENGINE, which is why the store stands beside the model.
"""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from chat.models.user import hash_guest_key

GUEST_KEY = "guest_key"


class Session(AbstractBaseSession):
    """`user` is who is logged in; `guest` is who the session's guest key belongs to, once that row is made."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", db_constraint=False)
    guest = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        to_field="guest_key",
        db_column="guest_key",
        null=True,
        related_name="+",
        db_constraint=False,  # the key is there before its person
    )

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        return SessionStore


class SessionStore(DatabaseStore):
    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        row = cast(Session, super().create_model_instance(data))
        row.user_id = data.get(SESSION_KEY)
        secret = data.get(GUEST_KEY)
        row.guest_id = hash_guest_key(secret) if secret else None
        return row
