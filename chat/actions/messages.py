"""Writes to rooms' logs, many changes in one transaction. Runs in a thread; knows no socket."""

from collections.abc import Callable, Iterable, Sequence
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
    """Somebody says something in a room; once for each `client_id`, author and room."""

    room: int
    author: int
    client_id: UUID
    text: str


class Edit(NamedTuple):
    room: int
    author: int
    number: int
    text: str


class Delete(NamedTuple):
    room: int
    author: int
    number: int


Item = Post | Edit | Delete


class Posted(NamedTuple):
    number: int


class Done(NamedTuple):
    """`seq` of the change; of the last one before, where there was nothing to change."""

    seq: int


Outcome = Posted | Done | ChatError


def commit(items: Sequence[Item]) -> list[Outcome]:
    """Make changes in the logs of their rooms, in the order given; one outcome for each.

    A repeated post gets the number of the first, whatever it says now. A change that changes nothing takes no number.
    Announces one `Changes` a room. One bad item never fails its neighbours: on an error of the data each runs alone.
    An OperationalError (the database is locked, slow or away) is raised: what was saved may then not be known.
    """
    drafts = [_Draft(item, "" if isinstance(item, Delete) else markup.render(item.text)) for item in items]
    return _commit(drafts)


class _Draft(NamedTuple):
    """An item with the HTML of its text, made before any lock is held."""

    item: Item
    html: str


def _commit(drafts: Sequence[_Draft]) -> list[Outcome]:
    try:
        with transaction.atomic():
            batch = _Batch(_lock({draft.item.room for draft in drafts}), [draft.item for draft in drafts])
            outcomes = [batch.add(draft) for draft in drafts]
            batch.write()
            return outcomes
    except OperationalError:
        raise
    except DatabaseError:
        if len(drafts) == 1:
            return [ChatError(Code.INTERNAL)]
        return [outcome for alone in drafts for outcome in _commit([alone])]


def _lock(keys: Iterable[int]) -> dict[int, Room]:
    rooms = Room.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
    return {room.pk: room for room in rooms}


class _Batch:
    """What one transaction changes, numbered as it comes; all that it reads is read with the rooms locked."""

    def __init__(self, rooms: dict[int, Room], items: Sequence[Item]) -> None:
        self._rooms = rooms
        self._authors = User.objects.in_bulk({item.author for item in items})
        self._posted = _already_posted([item for item in items if isinstance(item, Post)])
        self._messages = _by_number([item for item in items if not isinstance(item, Post)])
        self._new: list[Message] = []
        self._changed: dict[int, Message] = {}
        self._changes: dict[int, list[Change]] = {}
        self._now: datetime = timezone.now()

    def add(self, draft: _Draft) -> Outcome:
        try:
            room, author = self._rooms.get(draft.item.room), self._authors.get(draft.item.author)
            if room is None or author is None:
                raise Denied(Code.NOT_FOUND)
            match draft.item:
                case Post() as item:
                    return self._post(room, author, item, draft.html)
                case Edit() as item:
                    return self._edit(room, author, item, draft.html)
                case Delete() as item:
                    return self._delete(room, author, item)
        except ChatError as refusal:
            return refusal

    def _post(self, room: Room, author: User, item: Post, html: str) -> Outcome:
        once = item.client_id, author.pk, room.pk
        if once in self._posted:
            return Posted(self._posted[once])
        policy.post(author, room)
        message = Message(
            room=room, author=author, client_id=item.client_id, text=item.text, html=html, created_at=self._now
        )
        message.number = self._number(room, message)
        room.last_posted_at = self._now
        self._new.append(message)
        self._posted[once] = message.number
        self._messages[room.pk, message.number] = message
        self._tell(message)
        return Posted(message.number)

    def _edit(self, room: Room, author: User, item: Edit, html: str) -> Outcome:
        message = self._existing(room, author, item.number, policy.edit)
        if message.text == item.text:
            return Done(message.seq)
        message.text, message.html, message.edited_at = item.text, html, self._now
        return self._change(room, message)

    def _delete(self, room: Room, author: User, item: Delete) -> Outcome:
        message = self._messages.get((room.pk, item.number))
        if message is not None and message.deleted_at is not None and message.author_id == author.pk:
            return Done(message.seq)
        message = self._existing(room, author, item.number, policy.delete)
        message.text, message.html, message.deleted_at = "", "", self._now
        return self._change(room, message)

    def _existing(self, room: Room, author: User, number: int, allow: Callable[[User, Room, Message], None]) -> Message:
        policy.see(author, room)
        message = self._messages.get((room.pk, number))
        if message is None or message.deleted_at is not None:
            raise Denied(Code.NOT_FOUND)
        allow(author, room, message)
        return message

    def _change(self, room: Room, message: Message) -> Done:
        self._number(room, message)
        if message.pk is not None:
            self._changed[message.pk] = message
        self._tell(message)
        return Done(message.seq)

    def _number(self, room: Room, message: Message) -> int:
        room.last_seq += 1
        message.seq = room.last_seq
        return room.last_seq

    def _tell(self, message: Message) -> None:
        """Encoded at once: a later change in this same batch is a frame of its own."""
        self._changes.setdefault(message.room_id, []).append(codec.change(log.message_of(message)))

    def write(self) -> None:
        if not self._changes:
            return
        Message.objects.bulk_create(self._new)
        if self._changed:
            fields = ["seq", "text", "html", "edited_at", "deleted_at"]
            Message.objects.bulk_update(self._changed.values(), fields)
        Room.objects.bulk_update([self._rooms[key] for key in self._changes], ["last_seq", "last_posted_at"])
        epoch = epoch_key()
        for key, changes in self._changes.items():
            announce.after_commit(_changes(epoch, self._rooms[key], changes))


def _already_posted(posts: Sequence[Post]) -> dict[tuple[UUID, int, int], int]:
    if not posts:
        return {}
    found = Message.objects.filter(
        client_id__in={item.client_id for item in posts},
        author__in={item.author for item in posts},
        room__in={item.room for item in posts},
    )
    rows = found.values_list("client_id", "author_id", "room_id", "number")
    return {(client_id, author, room): number for client_id, author, room, number in rows}


def _by_number(items: Sequence[Edit | Delete]) -> dict[tuple[int, int], Message]:
    if not items:
        return {}
    wanted = {(item.room, item.number) for item in items}
    found = Message.objects.select_related("author").filter(
        room__in={room for room, _ in wanted}, number__in={number for _, number in wanted}
    )
    return {(message.room_id, message.number): message for message in found}


def _changes(epoch: str, room: Room, changes: list[Change]) -> Changes:
    return Changes(
        epoch=epoch,
        room=room.pk,
        after=changes[0].seq - 1,
        upto=room.last_seq,
        state_seq=room.state_seq,
        changes=changes,
    )
