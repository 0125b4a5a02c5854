"""Tells of what happens to people as a whole: a row for those who come late, an announcement for all others."""

from django.db.models import F

from chat.actions import announce
from chat.models import AccountEvent, User
from chat.wire.announcements import Account, AccountChange

_ENDS_NOTHING = {AccountChange.RENAMED, AccountChange.RIGHTS_CHANGED}


def record(change: AccountChange, person: User | None, tie: str = "") -> None:
    """Within the transaction of the change. Announces `Account`.

    What may end sessions is counted in the person's row, which the writer locks: whoever commits first has come first.
    """
    if person is not None and change not in _ENDS_NOTHING:
        User.objects.filter(pk=person.pk).update(sessions_ended=F("sessions_ended") + 1)
    AccountEvent.objects.create(person=person, change=change, session_tie=tie)
    name = person.display_name if person else ""
    announce.after_commit(Account(change, person.pk if person else None, tie, name))
