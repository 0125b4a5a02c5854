"""Keeps people's e-mail addresses: one counts only after whoever reads its mail has said that it is theirs."""

from django.db import transaction
from django.utils import timezone

from chat.models import User
from chat.wire.codes import ChatError, Code


def change(person: User, address: str) -> User:
    """Another address, or none; it is not confirmed yet. The same one again keeps its confirmation."""
    with transaction.atomic():
        mine = User.objects.select_for_update().filter(pk=person.pk, kind=User.Kind.MEMBER, is_active=True).first()
        if mine is None:
            raise ChatError(Code.NOT_FOUND)
        if mine.email != address:
            mine.email, mine.email_confirmed_at = address, None
            mine.save(update_fields=("email", "email_confirmed_at"))
        return mine


def confirm(person: int, address: str) -> User:
    """Raises ChatError(not_found) unless the person still gives this address."""
    with transaction.atomic():
        mine = User.objects.select_for_update().filter(pk=person, is_active=True).first()
        if mine is None or not address or mine.email != address:
            raise ChatError(Code.NOT_FOUND)
        if mine.email_confirmed_at is None:
            mine.email_confirmed_at = timezone.now()
            mine.save(update_fields=("email_confirmed_at",))
        return mine
