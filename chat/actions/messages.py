"""Writes to rooms' logs, many changes in one transaction. Runs in a thread; knows no socket."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import DatabaseError, OperationalError, transaction
from django.utils import timezone

from chat import policy
from chat.actions import announce
from chat.models import Message, Room, User
from chat.policy import Denied
from chat.queries import log
from chat.queries.rooms import epoch_key
from chat.text import markup
from chat.wire import codec
from chat.wire.announcements import Change, Changes
from chat.wire.codes import ChatError, Code


class Post(NamedTuple):
    """One message that somebody wants in a room; `html` is made of the text before any lock is held."""

    room: int
    author: int
    client_id: UUID
    text: str
    html: str

    @property
    def once(self) -> tuple[UUID, int, int]:
        """What may be in the log one time only."""
        return self.client_id, self.author, self.room


class Posted(NamedTuple):
    number: int


Outcome = Posted | ChatError


def draft(room: int, author: int, client_id: UUID, text: str) -> Post:
    return Post(room, author, client_id, text, markup.render(text))


def post(posts: Sequence[Post]) -> list[Outcome]:
    """Put messages into the logs of their rooms, in the order given; one outcome for each.

    A repeat (same client_id, author and room) gets the number of the first. Announces one `Changes` a room.
    One bad item never fails its neighbours: on an error of the data each runs alone. An OperationalError (the
    database is locked, slow or away) is raised: whether something was saved may then not be known.
    """
    try:
        return _commit(posts)
    except OperationalError:
        raise
    except DatabaseError:
        if len(posts) == 1:
            return [ChatError(Code.INTERNAL)]
        return [outcome for alone in posts for outcome in post([alone])]


def _commit(posts: Sequence[Post]) -> list[Outcome]:
    with transaction.atomic():
        rooms = _lock({item.room for item in posts})
        known = _already_posted(posts)
        authors = User.objects.in_bulk({item.author for item in posts})
        batch = _Batch(rooms, known, authors, timezone.now())
        outcomes = [batch.add(item) for item in posts]
        batch.write()
        return outcomes


def _lock(keys: Iterable[int]) -> dict[int, Room]:
    rooms = Room.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    return {room.pk: room for room in rooms}


def _already_posted(posts: Sequence[Post]) -> dict[tuple[UUID, int, int], int]:
    """Asked with the rooms locked, so that the answer holds until the commit."""
    found = Message.objects.filter(
        client_id__in=[item.client_id for item in posts],
        author__in={item.author for item in posts},
        room__in={item.room for item in posts},
    )
    return {
        (client_id, author, room): number
        for client_id, author, room, number in found.values_list("client_id", "author_id", "room_id", "number")
    }


class _Batch:
    """What one transaction adds, numbered as it comes."""

    def __init__(
        self,
        rooms: dict[int, Room],
        known: dict[tuple[UUID, int, int], int],
        authors: dict[int, User],
        now: datetime,
    ) -> None:
        self._rooms = rooms
        self._known = known
        self._authors = authors
        self._now = now
        self._added: dict[int, list[Message]] = {}

    def add(self, item: Post) -> Outcome:
        if item.once in self._known:
            return Posted(self._known[item.once])
        try:
            room, author = self._allowed(item)
        except Denied as refusal:
            return refusal
        room.last_seq += 1
        room.last_posted_at = self._now
        self._known[item.once] = room.last_seq
        self._added.setdefault(room.pk, []).append(
            Message(
                room=room,
                number=room.last_seq,
                seq=room.last_seq,
                author=author,
                client_id=item.client_id,
                text=item.text,
                html=item.html,
                created_at=self._now,
            )
        )
        return Posted(room.last_seq)

    def _allowed(self, item: Post) -> tuple[Room, User]:
        room, author = self._rooms.get(item.room), self._authors.get(item.author)
        if room is None or author is None:
            raise Denied(Code.NOT_FOUND)
        policy.post(author, room)
        return room, author

    def write(self) -> None:
        if not self._added:
            return
        Message.objects.bulk_create([message for added in self._added.values() for message in added])
        Room.objects.bulk_update([self._rooms[key] for key in self._added], ["last_seq", "last_posted_at"])
        epoch = epoch_key()
        for key, added in self._added.items():
            announce.after_commit(_changes(epoch, self._rooms[key], added))


def _changes(epoch: str, room: Room, added: list[Message]) -> Changes:
    return Changes(
        epoch=epoch,
        room=room.pk,
        after=added[0].seq - 1,
        upto=room.last_seq,
        state_seq=room.state_seq,
        changes=[_change(message) for message in added],
    )


def _change(message: Message) -> Change:
    return codec.change(
        log.message(
            message.number,
            message.seq,
            message.author.pk,
            message.author.display_name,
            message.text,
            message.html,
            message.created_at,
            message.client_id,
            message.edited_at,
            message.deleted_at,
        )
    )
