"""Makes guests and members, and changes what they are: names, preferences, rights, whether they are here at all."""

import secrets
from collections.abc import Callable, Iterator

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction

from chat import policy
from chat.actions import account_events, memberships, passwords, sessions, sign_up_links
from chat.models import User
from chat.models.user import hash_address, hash_guest_key
from chat.policy import Denied
from chat.queries import people
from chat.text import names
from chat.wire.announcements import AccountChange
from chat.wire.codes import ChatError, Code


class NameTaken(ChatError):
    """Somebody has the name or one like it, or it is kept for the site itself: nobody is told which."""

    def __init__(self) -> None:
        super().__init__(Code.BAD_REQUEST, "Somebody here has this name, or one that looks like it.")


def fresh_guest_key() -> str:
    return secrets.token_urlsafe(24)


def guest(
    guest_key: str, wished: str = "", before_making: Callable[[], None] = lambda: None, address: str | None = None
) -> User:
    """The guest whom this secret belongs to, made at the first call; named as wished, as far as it is free.

    `before_making` may refuse a new one. `address` is where they come from, if it is known.
    Raises Denied where there are no guests, and for one who is deactivated.
    """
    known = people.of_guest_key(guest_key)
    policy.be_here(known)
    if known is not None:
        return known
    before_making()
    for name in _candidates(wished):
        user = User(kind=User.Kind.GUEST, guest_key=hash_guest_key(guest_key))
        user.came_from = hash_address(address) if address else ""
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


def came_from(guest: User, address: str) -> None:
    """Note where a guest comes from now, if that is another place than the last time."""
    hashed = hash_address(address)
    if guest.is_guest and guest.came_from != hashed:
        guest.came_from = hashed
        User.objects.filter(pk=guest.pk).update(came_from=hashed)


def rename(user: User, typed: str) -> User:
    """Give a person another name. Raises ChatError(bad_request) for a name that is none, NameTaken."""
    name = _name(typed)
    try:
        with transaction.atomic():
            mine = _locked(user)
            if mine.display_name == name:
                return mine
            _take_name(mine, name)
            mine.save(update_fields=_NAMES)
            account_events.record(AccountChange.RENAMED, mine)
            return mine
    except IntegrityError:
        raise NameTaken from None


def sign_up(name: str, password: str, *, email: str = "", guest: User | None = None, token: str | None = None) -> User:
    """A member of that name, who may log in.

    Who was here as a guest keeps the row, and with it what they have said; the guest's secret is no longer good for
    anything, and all sockets opened with it end. `token` is that of a sign-up link, where one is needed.
    Raises Denied, ChatError(bad_request) for a name that is none, NameTaken, WeakPassword. Announces `Account`.
    """
    policy.sign_up(invited=token is not None)
    person = User() if guest is None else guest
    typed = _name(name)
    encoded = passwords.hashed(password, User(display_name=typed, username=names.username(typed), email=email))
    try:
        with transaction.atomic():
            if token is not None:
                sign_up_links.use(token)
            if guest is not None:
                person = _locked(guest)
                if not person.is_guest:
                    raise Denied(Code.FORBIDDEN, "This is no guest any more.")
                policy.be_here(person)
            return _become_member(person, typed, encoded, email)
    except IntegrityError:
        raise NameTaken from None


def add(name: str, password: str, *, is_staff: bool = False, is_superuser: bool = False) -> User:
    """A member made by the staff or the operator. Raises as `sign_up`, but any free name will do."""
    typed = _name(name)
    person = User(display_name=typed, username=names.username(typed), is_staff=is_staff, is_superuser=is_superuser)
    encoded = passwords.hashed(password, person)
    try:
        with transaction.atomic():
            return _become_member(person, typed, encoded, "")
    except IntegrityError:
        raise NameTaken from None


def prefer(user: User, *, language: str, time_zone: str) -> User:
    """What a person wants to read in; both are checked by whoever asks, and empty for no wish."""
    with transaction.atomic():
        mine = _locked(user)
        mine.language, mine.time_zone = language, time_zone
        mine.save(update_fields=("language", "time_zone"))
        return mine


def set_rights(user: User, *, is_staff: bool, is_superuser: bool) -> User:
    """Who belongs to the staff; a superuser always does. Announces `Account`."""
    with transaction.atomic():
        mine = _locked(user)
        mine.is_staff, mine.is_superuser = is_staff or is_superuser, is_superuser
        mine.save(update_fields=("is_staff", "is_superuser"))
        account_events.record(AccountChange.RIGHTS_CHANGED, mine)
        return mine


def deactivate(user: User) -> User:
    """Until somebody of the staff lets them back in. Announces `Account`."""
    with transaction.atomic():
        mine = _locked(user)
        if mine.is_active:
            mine.is_active = False
            mine.save(update_fields=("is_active",))
            account_events.record(AccountChange.DEACTIVATED, mine)
        return mine


def reactivate(user: User) -> User:
    with transaction.atomic():
        mine = _locked(user)
        mine.is_active = True
        mine.save(update_fields=("is_active",))
        return mine


def delete(user: User) -> None:
    """Forget who somebody was; what they have said stays, by nobody. Their rooms go to others, as if they had left.

    Announces `Account`, and what leaving announces. First they are deactivated, so that they enter nothing meanwhile;
    where it ends half-way, the staff can do it again.
    """
    deactivate(user)
    memberships.leave_everywhere(user)
    with transaction.atomic():
        mine = _locked(user)
        mine.scrub()
        mine.save()
        mine.groups.clear()
        mine.user_permissions.clear()
        sessions.forget(mine)
        about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(mine.pk))
        about.update(object_repr="", change_message="")
        account_events.record(AccountChange.DELETED, mine)


def _become_member(person: User, name: str, encoded: str, email: str) -> User:
    was_guest, former_name = person.pk is not None, person.display_name
    _take_name(person, name)
    person.kind, person.guest_key, person.came_from = User.Kind.MEMBER, None, ""
    person.password, person.email = encoded, email
    person.save()
    if was_guest:
        account_events.record(AccountChange.PASSWORD_CHANGED, person)
        if former_name != name:
            account_events.record(AccountChange.RENAMED, person)
    return person


def _locked(user: User) -> User:
    """The person as they are, until the end of the transaction. Raises ChatError(not_found) for one who was deleted."""
    mine = User.objects.select_for_update().filter(pk=user.pk, deleted_at=None).first()
    if mine is None:
        raise ChatError(Code.NOT_FOUND)
    return mine


_NAMES = ("display_name", "username", "username_key", "username_look")


def _name(typed: str) -> str:
    try:
        return names.display_name(typed)
    except names.BadName as error:
        raise ChatError(Code.BAD_REQUEST, str(error)) from None


def _take_name(person: User, name: str) -> None:
    if names.is_reserved(name) and not person.is_staff:
        raise NameTaken
    person.take_name(name)


def _candidates(wished: str) -> Iterator[str]:
    """The wished name, then with suffixes; without a wish, made-up ones, with ever longer suffixes."""
    try:
        base = names.display_name(wished) if wished and not names.is_reserved(wished) else ""
    except names.BadName:
        base = ""
    if base:
        yield base
        yield from (names.with_suffix(base, number) for number in range(2, 6))
    else:
        yield from (names.made_up() for _ in range(3))
    for digits in (2, 3, 4, 6, 9, 9, 9):
        yield names.with_suffix(base or names.made_up(), 10 ** (digits - 1) + secrets.randbelow(9 * 10 ** (digits - 1)))
