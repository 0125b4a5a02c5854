"""One change of a room, or of rights in it: under the room's lock, with its own number, written into the audit log.

What policy has to know is read after the lock, so that no two changes and no message slip past each other.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chat.actions import announce
from chat.models import AuditEntry, Room
from chat.policy import Denied
from chat.queries import standings
from chat.queries.rooms import epoch_key
from chat.queries.standings import Known, Pair
from chat.wire.announcements import Changes
from chat.wire.codes import Code


class Scene:
    """A locked room and the people that a change of it is about."""

    def __init__(self, room: Room, people: dict[Pair, Known], now: datetime) -> None:
        self.room = room
        self.now = now
        self._people = people

    def person(self, key: int) -> Known:
        """Raises Denied(not_found) for somebody who is none."""
        known = self._people.get((self.room.pk, key))
        if known is None:
            raise Denied(Code.NOT_FOUND, _("There is no such person."))
        return known

    def record(
        self,
        kind: AuditEntry.Kind,
        by: Known,
        *fields: str,
        to: int | None = None,
        number: int | None = None,
        detail: str = "",
    ) -> None:
        """Save these fields of the room under its next number, keep in the log who did it, and tell the hubs."""
        room = self.room
        room.last_seq += 1
        seq = room.state_seq = room.last_seq
        room.save(update_fields=("last_seq", "state_seq", *fields))
        self.log(kind, by, to=to, number=number, detail=detail)
        news = Changes(epoch=epoch_key(), room=room.pk, after=seq - 1, upto=seq, state_seq=seq, changes=[])
        announce.after_commit(news)

    def log(
        self,
        kind: AuditEntry.Kind,
        by: Known,
        *,
        to: int | None = None,
        number: int | None = None,
        detail: str = "",
    ) -> None:
        """Keep in the log who did what; for what changes neither the room nor anybody's rights in it."""
        AuditEntry.objects.create(
            room=self.room.pk,
            room_title=self.room.title,
            seq=self.room.last_seq,
            kind=kind,
            actor_id=by.person.pk,
            person_id=to,
            number=number,
            detail=detail,
            made_at=self.now,
        )


@contextmanager
def of_room(room: int, *people: int) -> Iterator[Scene]:
    """The room under its lock until the end of the block, with what there is to know of these people.

    The lock is the strongest there is, so that those wait too who only refer to the room (memberships.slip_in).
    Raises Denied(not_found) for a room that is none.
    """
    with transaction.atomic():
        row = Room.objects.select_for_update().exclude(kind=Room.Kind.DELETED).filter(pk=room).first()
        if row is None:
            raise Denied(Code.NOT_FOUND)
        known, _epoch = standings.read({(room, person) for person in people}, lock=True)
        yield Scene(row, known, timezone.now())
