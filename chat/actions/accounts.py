"""Makes guests and changes names."""

import secrets
from collections.abc import Callable, Iterator

from django.db import IntegrityError, transaction

from chat.actions import announce
from chat.models import User
from chat.models.user import hash_guest_key
from chat.queries import people
from chat.text import names
from chat.wire.announcements import Renamed
from chat.wire.codes import ChatError, Code


def fresh_guest_key() -> str:
    return secrets.token_urlsafe(24)


def guest(guest_key: str, wished: str = "", before_making: Callable[[], None] = lambda: None) -> User:
    """The guest whom this secret belongs to, made at the first call; named as wished, as far as it is free.

    `before_making` may refuse a new one.
    """
    known = people.of_guest_key(guest_key)
    if known is not None:
        return known
    before_making()
    for name in _candidates(wished):
        user = User(kind=User.Kind.GUEST, guest_key=hash_guest_key(guest_key))
        user.take_name(name)
        user.set_unusable_password()
        try:
            with transaction.atomic():
                user.save(force_insert=True)
            return user
        except IntegrityError:  # the name is taken, or another tab of the same guest was quicker
            known = people.of_guest_key(guest_key)
            if known is not None:
                return known
    raise ChatError(Code.UNAVAILABLE, "No free name was found; try again.")


def rename(user: User, typed: str) -> User:
    """Give a person another name. Raises ChatError(bad_request) for a name that is none or that someone else has."""
    try:
        name = names.display_name(typed)
    except names.BadName as error:
        raise ChatError(Code.BAD_REQUEST, str(error)) from None
    try:
        with transaction.atomic():
            mine = User.objects.select_for_update().get(pk=user.pk)
            if mine.display_name == name:
                return mine
            mine.take_name(name)
            mine.save(update_fields=("display_name", "username", "username_key"))
            announce.after_commit(Renamed(person=mine.pk, name=name))
            return mine
    except IntegrityError:
        raise ChatError(Code.BAD_REQUEST, "Somebody here has this name, or one that looks like it.") from None


def _candidates(wished: str) -> Iterator[str]:
    """The wished name, then with suffixes; without a wish, made-up ones, with ever longer suffixes."""
    try:
        base = names.display_name(wished) if wished else ""
    except names.BadName:
        base = ""
    if base:
        yield base
        yield from (names.with_suffix(base, number) for number in range(2, 6))
    else:
        yield from (names.made_up() for _ in range(3))
    for digits in (2, 3, 4, 6, 9, 9, 9):
        yield names.with_suffix(base or names.made_up(), 10 ** (digits - 1) + secrets.randbelow(9 * 10 ** (digits - 1)))
