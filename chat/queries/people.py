"""Finds out who someone is, from what a browser or client brings."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from chat.models import AccountEvent, Session, User
from chat.models.user import hash_guest_key
from chat.queries.sql import in_words
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


def called(keys: Collection[str]) -> dict[str, int]:
    """Who has these names, by the names' keys: people who are still there."""
    if not keys:
        return {}
    listed, values = in_words("username_key", keys)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT username_key, id FROM chat_user WHERE is_active AND {listed}", values)  # noqa: S608 - constants
        return dict(cursor.fetchall())


def reachable_at(address: str) -> list[User]:
    """The members who have said that this e-mail address is theirs, and who can log in."""
    found = User.objects.filter(
        email__iexact=address, email_confirmed_at__isnull=False, kind=User.Kind.MEMBER, is_active=True
    )
    return [person for person in found.order_by("pk") if person.has_usable_password()]


def events_since(moment: datetime) -> dict[int, Account]:
    """What happened to people since then, by the event's key, in no order that counts; names are those of now."""
    rows = AccountEvent.objects.filter(at__gte=moment).order_by("pk")
    return {
        pk: Account(change, person, tie, name or "")
        for pk, change, person, tie, name in rows.values_list(
            "pk", "change", "person", "session_tie", "person__display_name"
        )
    }


class Presently(NamedTuple):
    """How it is with somebody at the moment. `ties` are those of the sessions that lead to them."""

    is_active: bool
    is_guest: bool
    sessions_ended: int
    ties: frozenset[str]

    def holds(self, tie: str) -> bool:
        """Whether a socket of that tie is still theirs; a guest's may have been opened with a key, without any."""
        return tie in self.ties or (self.is_guest and not tie)


def presently(people: Collection[int]) -> dict[int, Presently]:
    """How it is with each of these people, whatever was heard of them; three statements."""
    rows = list(User.objects.filter(pk__in=people).values_list("pk", "is_active", "kind", "sessions_ended"))
    ties: dict[int, set[str]] = {pk: set() for pk, *_ in rows}
    sessions = Session.objects.filter(expire_date__gt=timezone.now())
    for of in ("user", "guest__pk"):
        for pk, tie in sessions.filter(**{f"{of}__in": list(ties)}).values_list(of, "tie"):
            ties[pk].add(tie)
    return {
        pk: Presently(active, kind == User.Kind.GUEST, ended, frozenset(ties[pk])) for pk, active, kind, ended in rows
    }


class _Password:
    """As much of a user as Django's session hash is made of."""

    _get_session_auth_hash = AbstractBaseUser._get_session_auth_hash  # type: ignore[attr-defined]

    def __init__(self, encoded: str) -> None:
        self.password = encoded
