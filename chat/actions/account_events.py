"""Tells of what happens to people as a whole: a row for those who come late, an announcement for all others."""

from chat.actions import announce
from chat.models import AccountEvent, User
from chat.wire.announcements import Account, AccountChange


def record(change: AccountChange, person: User | None, tie: str = "") -> None:
    """Within the transaction of the change. Announces `Account`."""
    AccountEvent.objects.create(person=person, change=change, session_tie=tie)
    name = person.display_name if person else ""
    announce.after_commit(Account(change, person.pk if person else None, tie, name))
