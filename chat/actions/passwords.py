"""Sets passwords: only ones that are worth it, and whoever else was logged in with the old one no longer is."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from chat import limits
from chat.actions import account_events, sessions
from chat.models import User
from chat.wire.announcements import AccountChange
from chat.wire.codes import ChatError, Code


class WeakPassword(ChatError):
    """`reasons` are whole sentences in the reader's language."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(Code.BAD_REQUEST, " ".join(reasons))
        self.reasons = reasons


def hashed(password: str, person: User) -> str:
    """What the table keeps; slow on purpose, so never within a transaction. Raises WeakPassword."""
    check(password, person)
    return make_password(password)


def check(password: str, person: User) -> None:
    """Whether this may become the person's password. Raises WeakPassword."""
    if len(password) > limits.PASSWORD_LENGTH:
        raise WeakPassword([f"A password has at most {limits.PASSWORD_LENGTH} characters."])
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise WeakPassword(error.messages) from None


def change(person: User, password: str, tie: str = "") -> User:
    """Give a member another password; all sessions but the one of this tie end.

    Raises WeakPassword, ChatError(not_found) for one who is no member any more. Announces `Account`.
    """
    encoded = hashed(password, person)
    with transaction.atomic():
        mine = User.objects.select_for_update().filter(pk=person.pk, deleted_at=None, kind=User.Kind.MEMBER).first()
        if mine is None:
            raise ChatError(Code.NOT_FOUND)
        mine.password = encoded
        mine.save(update_fields=("password",))
        sessions.forget(mine, but=tie)
        account_events.record(AccountChange.PASSWORD_CHANGED, mine, tie)
        return mine
