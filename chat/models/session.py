"""Django's database sessions, with the person in columns of their own.

So one query leads from a cookie to whom it stands for, without unpacking the session first. This module is the
site's SESSION_ENGINE, which is why the store stands beside the model.
"""

import secrets
from datetime import timedelta
from typing import Any, ClassVar, cast

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone

from chat import limits
from chat.models.user import hash_guest_key

GUEST_KEY = "guest_key"
TIE = "tie"


class SessionManager(BaseSessionManager["Session"]):
    def alive(self, session_key: str | None) -> "Session | None":
        """One query: the session with its member and its guest."""
        return (
            self.select_related("user", "guest").filter(session_key=session_key, expire_date__gt=timezone.now()).first()
        )


class Session(AbstractBaseSession):
    """`user` is who is logged in; `guest` is who the session's guest key belongs to, once that row is made.

    `tie` is what open sockets know their session by: unlike the key it lasts as long as the session does.
    """

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
    tie = models.CharField(max_length=32, blank=True)

    objects: ClassVar[SessionManager] = SessionManager()

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        return SessionStore


class SessionStore(DatabaseStore):
    """`row` is the session as it was read, with its people; None for one that is new or gone."""

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def load(self) -> dict[str, Any]:
        self.row = Session.objects.alive(self.session_key)
        if self.row is None:
            self._session_key = None
            return {}
        data: dict[str, Any] = self.decode(self.row.session_data)
        renewed_before = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE - limits.RENEWAL_SECONDS)
        if data and self.row.expire_date < renewed_before:
            self.modified = True  # who comes now and then stays; and what a former SECRET_KEY signed is signed anew
        return data

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        data.setdefault(TIE, secrets.token_hex(16))
        row = cast(Session, super().create_model_instance(data))
        row.user_id = data.get(SESSION_KEY)
        secret = data.get(GUEST_KEY)
        row.guest_id = hash_guest_key(secret) if secret else None
        row.tie = data[TIE]
        return row
