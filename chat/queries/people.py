"""Finds out who someone is, from what a browser or client brings."""

from datetime import datetime
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.crypto import constant_time_compare

from chat.models import AccountEvent, Session, User
from chat.models.user import hash_guest_key
from chat.text import names
from chat.wire.announcements import Account


def member_of(session: Session, data: dict[str, Any]) -> User | None:
    """Who is logged in there, by the session's row and what it holds: None after a change of password."""
    member = session.user
    return member if member is not None and opened_with(member.password, data.get(HASH_SESSION_KEY, "")) else None


def opened_with(password: str, known_hash: str) -> bool:
    """Whether a session that knows this hash was opened with that (encoded) password.

    The secret key may have been rotated since: Django's SECRET_KEY_FALLBACKS still count.
    """
    secret: Any = _Password(password)
    kind = AbstractBaseUser
    hashes = [kind.get_session_auth_hash(secret), *kind.get_session_auth_fallback_hash(secret)]
    return any(constant_time_compare(known_hash, candidate) for candidate in hashes)


def of_key(key: int) -> User:
    return User.objects.get(pk=key)


def of_guest_key(secret: str) -> User | None:
    """The guest, deactivated or not."""
    return User.objects.filter(guest_key=hash_guest_key(secret)).first()


def of_name(name: str) -> User | None:
    """Whoever has this name, in any spelling that people would take for it."""
    try:
        key = names.key(names.display_name(name))
    except names.BadName:
        return None
    return User.objects.filter(username_key=key).first()


def reachable_at(address: str) -> list[User]:
    """The members who have said that this e-mail address is theirs, and who can log in."""
    found = User.objects.filter(
        email__iexact=address, email_confirmed_at__isnull=False, kind=User.Kind.MEMBER, is_active=True
    )
    return [person for person in found.order_by("pk") if person.has_usable_password()]


def events_since(moment: datetime) -> list[Account]:
    """What happened to people since then, in no order that counts; names are those of now."""
    rows = AccountEvent.objects.filter(at__gte=moment).order_by("pk")
    return [
        Account(change, person, tie, name or "")
        for change, person, tie, name in rows.values_list("change", "person", "session_tie", "person__display_name")
    ]


class _Password:
    """As much of a user as Django's session hash is made of."""

    _get_session_auth_hash = AbstractBaseUser._get_session_auth_hash  # type: ignore[attr-defined]

    def __init__(self, encoded: str) -> None:
        self.password = encoded
