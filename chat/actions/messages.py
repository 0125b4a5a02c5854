"""Writes to rooms' logs, many changes in one transaction. Runs in a thread; knows no socket."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import DatabaseError, OperationalError, transaction
from django.utils import timezone

from chat import limits, policy
from chat.actions import announce, rows
from chat.actions.reactions import Reactions
from chat.actions.rows import MentionRow, MessageRow, Place, RoomRow, VersionRow
from chat.models import AuditEntry
from chat.policy import Denied
from chat.queries import log, people, standings
from chat.queries.standings import Known, PersonRow
from chat.text import markup
from chat.text.markup import Rendered
from chat.text.mentions import NOBODY, Mentions
from chat.vitals import vitals
from chat.wire import codec
from chat.wire.announcements import Change, Changes
from chat.wire.codes import ChatError, Code


class Through(NamedTuple):
    """The session that a change comes through, and the person's `sessions_ended` when it was last looked at."""

    tie: str
    sessions_ended: int


class Post(NamedTuple):
    """Somebody says something in a room; once for each `client_id`, author and room."""

    room: int
    author: int
    client_id: UUID
    text: str
    through: Through | None = None
    reply_to: int | None = None  # the number of a message of the same room, which may be deleted


class Edit(NamedTuple):
    room: int
    author: int
    number: int
    text: str
    through: Through | None = None


class Delete(NamedTuple):
    room: int
    author: int
    number: int
    through: Through | None = None


class React(NamedTuple):
    """Somebody puts an emoji under a message, or takes theirs away."""

    room: int
    author: int
    number: int
    emoji: str  # in the spelling of chat.text.emoji
    add: bool
    through: Through | None = None


Item = Post | Edit | Delete | React


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
    texts = [item.text if isinstance(item, Post | Edit) else "" for item in items]
    known = people.called(set().union(*map(markup.names_in, texts)))
    return _commit([_Draft(item, markup.render(text, known)) for item, text in zip(items, texts, strict=True)])


class _Draft(NamedTuple):
    """An item with what its text shows and whom it speaks to, made before any lock is held."""

    item: Item
    rendered: Rendered


def _commit(drafts: Sequence[_Draft]) -> list[Outcome]:
    try:
        with transaction.atomic():
            batch = _Batch([draft.item for draft in drafts])
            outcomes = [batch.add(draft) for draft in drafts]
            batch.write()
    except OperationalError:
        raise
    except DatabaseError:
        if len(drafts) == 1:
            return [ChatError(Code.INTERNAL)]
        return [outcome for alone in drafts for outcome in _commit([alone])]
    vitals.messages += batch.posted
    return outcomes


class _Batch:
    """What one transaction changes, numbered as it comes; all that it reads is read with the rooms locked."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._rooms = rows.lock_rooms({item.room for item in items})
        self._people, self._epoch = standings.read(
            {(item.room, item.author) for item in items if item.room in self._rooms},
            slow={room.pk for room in self._rooms.values() if room.slow_seconds},
            lock=True,
        )
        self._posted = rows.already_posted([item.client_id for item in items if isinstance(item, Post)])
        self._messages = rows.messages({place for item in items if (place := _about(item))})
        reacts = [item for item in items if isinstance(item, React)]
        self._reactions = Reactions(
            {place for place, message in self._messages.items() if message.has_reactions},
            {item.author for item in reacts},
            len(reacts),
        )
        self._new: list[MessageRow] = []
        self._changed: dict[int, MessageRow] = {}
        self._versions: list[VersionRow] = []
        self._versions_kept: dict[tuple[int, int], int] = {}
        self._mentions_before: dict[Place, Mentions] = {}
        self._audit: list[AuditEntry] = []
        self._changes: dict[int, list[Change]] = {}
        self._now = timezone.now()

    @property
    def posted(self) -> int:
        return len(self._new)

    def add(self, draft: _Draft) -> Outcome:
        try:
            room = self._rooms.get(draft.item.room)
            known = self._people.get((draft.item.room, draft.item.author))
            if room is None or known is None:
                raise Denied(Code.NOT_FOUND)
            match draft.item:
                case Post() as item:
                    return self._post(room, known, item, draft.rendered)
                case Edit() as item:
                    return self._edit(room, known, item, draft.rendered)
                case Delete() as item:
                    return self._delete(room, known, item)
                case React() as item:
                    return self._react(room, known, item)
        except ChatError as refusal:
            return refusal

    def _post(self, room: RoomRow, known: Known, item: Post, rendered: Rendered) -> Outcome:
        author = known.person
        once = item.client_id.int, author.pk, room.pk
        if once in self._posted:
            vitals.repeats += 1
            return Posted(self._posted[once])
        self._be_logged_in(item, author)
        policy.post(author, room, known.standing, known.last_said_at, self._now)
        if item.reply_to is not None and (room.pk, item.reply_to) not in self._messages:
            raise Denied(Code.NOT_FOUND)
        number = self._next(room)
        message = MessageRow(None, room.pk, number, number, author, item.client_id, item.text, rendered.html, self._now)
        message.reply_to = item.reply_to
        self._speak_to(message, rendered.mentions)
        room.posted = True
        if room.slow_seconds:
            self._people[room.pk, author.pk] = known._replace(last_said_at=self._now)
        self._new.append(message)
        self._posted[once] = number
        self._messages[room.pk, number] = message
        self._tell(message)
        return Posted(number)

    def _edit(self, room: RoomRow, known: Known, item: Edit, rendered: Rendered) -> Outcome:
        self._be_logged_in(item, known.person)
        message = self._messages.get((room.pk, item.number))
        if message is None or message.deleted_at is not None:
            raise Denied(Code.NOT_FOUND)
        policy.edit(known.person, room, known.standing, message.author.pk, message.created_at, self._now)
        if message.text == item.text:
            return Done(message.seq)
        written_at = message.edited_at or message.created_at
        self._versions.append(VersionRow(room.pk, message.number, message.seq, message.text, written_at))
        self._versions_kept[room.pk, message.number] = limits.MESSAGE_VERSIONS
        message.text, message.html, message.edited_at = item.text, rendered.html, self._now
        self._speak_to(message, rendered.mentions)
        return self._change(room, message)

    def _delete(self, room: RoomRow, known: Known, item: Delete) -> Outcome:
        self._be_logged_in(item, known.person)
        message = self._messages.get((room.pk, item.number))
        if message is None:
            raise Denied(Code.NOT_FOUND)
        facts = known.person, room, known.standing, message.author.pk, message.created_at, self._now
        if message.deleted_at is not None:  # to those who could have done it the repeat tells that it is done
            if not policy.allows(policy.delete, *facts):
                raise Denied(Code.NOT_FOUND)
            return Done(message.seq)
        policy.delete(*facts)
        message.text, message.html, message.deleted_at = "", "", self._now
        self._speak_to(message, NOBODY)
        if message.has_reactions:
            self._reactions.clear((room.pk, message.number))
            message.has_reactions = False
        self._versions_kept[room.pk, message.number] = 0
        done = self._change(room, message)
        if message.author.pk != known.person.pk:
            self._audit.append(_deletion(room, known, message, self._now))
        return done

    def _react(self, room: RoomRow, known: Known, item: React) -> Outcome:
        person, place = known.person, (room.pk, item.number)
        self._be_logged_in(item, person)
        message = self._messages.get(place)
        if message is None or message.deleted_at is not None:
            raise Denied(Code.NOT_FOUND)
        policy.react(person, room, known.standing)
        if self._reactions.has(place, item.emoji, person) is item.add:
            return Done(message.seq)
        if item.add:
            self._reactions.make_room(place, item.emoji)
            self._reactions.add(place, item.emoji, person, room.last_seq + 1)
        else:
            self._reactions.remove(place, item.emoji, person)
        message.has_reactions = self._reactions.any(place)
        return self._change(room, message)

    def _be_logged_in(self, item: Item, person: PersonRow) -> None:
        """Most of the time a comparison of two numbers; the sessions are asked for where one has ended meanwhile."""
        through = item.through
        if through is not None and through.sessions_ended != person.sessions_ended:
            now = people.presently([person.pk]).get(person.pk)
            policy.go_on(holds=now is not None and now.holds(through.tie))

    def _speak_to(self, message: MessageRow, mentions: Mentions) -> None:
        if message.mentions != mentions:
            self._mentions_before.setdefault((message.room, message.number), message.mentions)
            message.mentions = mentions

    def _change(self, room: RoomRow, message: MessageRow) -> Done:
        message.seq = self._next(room)
        if message.pk is not None:
            self._changed[message.pk] = message
        self._tell(message)
        return Done(message.seq)

    def _next(self, room: RoomRow) -> int:
        room.last_seq += 1
        return room.last_seq

    def _tell(self, message: MessageRow) -> None:
        """Encoded at once: a later change in this same batch is a frame of its own."""
        event = log.message(
            self._reactions.told((message.room, message.number)) if message.has_reactions else [],
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
            message.reply_to,
            message.mentions.pack(),
        )
        self._changes.setdefault(message.room, []).append(codec.change(event))

    def write(self) -> None:
        if not self._changes:
            return
        rows.insert_messages(self._new)
        rows.update_messages(list(self._changed.values()))
        rows.replace_mentions(
            _mention_rows(self._mentions_before),
            _mention_rows({place: self._messages[place].mentions for place in self._mentions_before}),
        )
        self._reactions.write()
        rows.insert_versions(self._versions)
        rows.keep_versions(self._versions_kept)
        AuditEntry.objects.bulk_create(self._audit)
        rows.update_rooms([self._rooms[key] for key in self._changes], self._now)
        announce.after_commit(
            *(_news(self._epoch, self._rooms[key], changes) for key, changes in self._changes.items())
        )


def _about(item: Item) -> Place | None:
    """The message that has to be there already."""
    number = item.reply_to if isinstance(item, Post) else item.number
    return None if number is None else (item.room, number)


def _mention_rows(mentions: Mapping[Place, Mentions]) -> set[MentionRow]:
    return {
        MentionRow(*place, person)
        for place, those in mentions.items()
        for person in (*those.people, *([None] if those.here else []))
    }


def _deletion(room: RoomRow, known: Known, message: MessageRow, now: datetime) -> AuditEntry:
    return AuditEntry(
        room=room.pk,
        room_title=room.title,
        seq=message.seq,
        kind=AuditEntry.Kind.MESSAGE_DELETED,
        actor_id=known.person.pk,
        person_id=message.author.pk,
        number=message.number,
        made_at=now,
    )


def _news(epoch: str, room: RoomRow, changes: list[Change]) -> Changes:
    return Changes(
        epoch=epoch,
        room=room.pk,
        after=changes[0].seq - 1,
        upto=room.last_seq,
        state_seq=room.state_seq,
        changes=changes,
    )
