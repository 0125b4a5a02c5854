"""Ends sessions, and tells the sockets that were opened with them."""

from django.db import transaction

from chat.actions import account_events
from chat.models import Session, User
from chat.wire.announcements import AccountChange


def end(session_key: str | None) -> None:
    """Log out: the session and what was opened with it. Announces `Account`. One that is gone already is let go."""
    with transaction.atomic():
        session = Session.objects.select_related("user", "guest").filter(session_key=session_key).first()
        if session is None:
            return
        person = session.user if session.user_id else session.guest
        if person is not None:
            User.objects.select_for_update().get(pk=person.pk)  # first, as everybody does who ends sessions
        ended, _ = Session.objects.filter(pk=session.pk).delete()
        if ended:
            account_events.record(AccountChange.LOGGED_OUT, person, session.tie)


def end_all(person: User) -> None:
    """Log out everywhere. Announces `Account`."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=person.pk)
        forget(person)
        account_events.record(AccountChange.LOGGED_OUT_EVERYWHERE, person)


def forget(person: User, *, but: str = "") -> None:
    """Remove a member's sessions, except the one of this tie."""
    sessions = Session.objects.filter(user=person)
    (sessions.exclude(tie=but) if but else sessions).delete()
