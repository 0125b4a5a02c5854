"""Finds out who someone is, from what a browser or client brings."""

from datetime import datetime
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY
from django.utils.crypto import constant_time_compare

from chat.models import AccountEvent, Session, User
from chat.models.session import GUEST_KEY, SessionStore
from chat.models.user import hash_guest_key
from chat.text import names
from chat.wire.announcements import Account


class Visitor:
    """Who stands behind a session: a person, or only the secret of a guest who has no row yet, or neither.

    A person may be deactivated: policy.be_here says whether they may be here. `tie` is the session's.
    """

    def __init__(self, user: User | None, guest_key: str | None, tie: str = "") -> None:
        self.user = user
        self.guest_key = guest_key
        self.tie = tie


def of_session(session_key: str) -> Visitor:
    """One query: the session with its member and its guest.

    Unlike Channels' own look-up it keeps to Django's rules for a rotated secret key and never flushes a session.
    """
    session = Session.objects.alive(session_key)
    if session is None:
        return Visitor(None, None)
    data = SessionStore().decode(session.session_data)
    member = member_of(session, data)
    if member is not None:
        return Visitor(member, None, session.tie)
    return Visitor(session.guest if session.guest_id else None, data.get(GUEST_KEY), session.tie)


def member_of(session: Session, data: dict[str, Any]) -> User | None:
    """Who is logged in there, by the session's row and what it holds: None after a change of password."""
    member = session.user
    return member if member is not None and _still_valid(member, data.get(HASH_SESSION_KEY, "")) else None


def of_guest_key(secret: str) -> User | None:
    """The guest, deactivated or not."""
    return User.objects.filter(guest_key=hash_guest_key(secret)).first()


def of_name(name: str) -> User | None:
    """Whoever has this name, in any spelling that people would take for it."""
    return User.objects.filter(username_key=names.key(name)).first()


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


def _still_valid(user: User, known_hash: str) -> bool:
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(known_hash, candidate) for candidate in hashes)
