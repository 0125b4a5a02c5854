"""How a person's own rooms stand in their list: starred, muted, hidden, and in which order. Nobody else sees it."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from chat import policy
from chat.actions import reads
from chat.models import Membership, User
from chat.policy import Denied
from chat.queries import rooms
from chat.wire.codes import ChatError, Code

Notify = Membership.Notify


def star(person: User, room: int, *, on: bool) -> None:
    _set(person, room, starred=on)


def mute(person: User, room: int, *, on: bool) -> None:
    _set(person, room, muted=on)


def hide(person: User, room: int) -> None:
    """Until something new is said there; what was said before counts as read."""
    with transaction.atomic():
        reads.keep([reads.NOTHING._replace(room=room, person=person.pk).forward(reads.NOTHING.most, "")])
        _set(person, room, hidden=True)


def show(person: User, room: int) -> None:
    _set(person, room, hidden=False)


def notify(person: User, room: int, level: str) -> None:
    """Raises ChatError(bad_request) for a level that is none."""
    if level not in Notify.values:
        raise ChatError(Code.BAD_REQUEST, f"Expected one of {', '.join(filter(None, Notify.values))}, or nothing.")
    _set(person, room, notify=level)


def sort(person: User, *, by_hand: bool) -> None:
    User.objects.filter(pk=person.pk).update(rooms_by_hand=by_hand)


def move(person: User, room: int, beside: int, *, after: bool) -> None:
    """Put a room right before or after another one; from then on the list is sorted by hand."""
    with transaction.atomic():
        me = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        own = {one.room_id: one for one in rooms.own(me)}
        if room not in own or beside not in own:
            raise _not_theirs()
        order = [key for key in own if key != room]
        if room != beside:
            order.insert(order.index(beside) + after, room)
            for place, key in enumerate(order):
                own[key].place = place
            Membership.objects.bulk_update(own.values(), ("place",))
        sort(me, by_hand=True)


def _set(person: User, room: int, **fields: bool | str) -> None:
    if not _own(person, room).update(**fields):
        raise _not_theirs()


def _own(person: User, room: int) -> QuerySet[Membership]:
    return Membership.objects.filter(policy.visible(person, "room__"), person=person.pk, room=room)


def _not_theirs() -> Denied:
    return Denied(Code.NOT_FOUND, _("This room is not among yours."))
