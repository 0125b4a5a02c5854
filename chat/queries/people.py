"""Finds out who someone is, from what a browser or client brings."""

from django.contrib.auth import HASH_SESSION_KEY
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chat.models import Session, User
from chat.models.session import GUEST_KEY, SessionStore
from chat.models.user import hash_guest_key


class Visitor:
    """Who stands behind a session: a person, or only the secret of a guest who has no row yet, or neither."""

    def __init__(self, user: User | None, guest_key: str | None) -> None:
        self.user = user
        self.guest_key = guest_key


def of_session(session_key: str) -> Visitor:
    """One query: the session with its member and its guest.

    Unlike Channels' own look-up it keeps to Django's rules for a rotated secret key and never flushes a session.
    """
    session = (
        Session.objects.select_related("user", "guest")
        .filter(session_key=session_key, expire_date__gt=timezone.now())
        .first()
    )
    if session is None:
        return Visitor(None, None)
    data = SessionStore().decode(session.session_data)
    if session.user is not None and _still_valid(session.user, data.get(HASH_SESSION_KEY, "")):
        return Visitor(session.user, None)
    guest = session.guest if session.guest_id else None
    return Visitor(guest if guest and guest.is_active else None, data.get(GUEST_KEY))


def of_guest_key(secret: str) -> User | None:
    return User.objects.filter(guest_key=hash_guest_key(secret), is_active=True).first()


def _still_valid(user: User, known_hash: str) -> bool:
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return user.is_active and any(constant_time_compare(known_hash, candidate) for candidate in hashes)
