"""Finds rooms: by slug, by what may be seen, and where their numbers stand."""

from collections.abc import Collection, Hashable
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from chat import limits, policy
from chat.models import AuditEntry, Epoch, Membership, Restriction, Room, RoomSlug, User
from chat.policy import STRANGER, Denied, Reader, Somebody, Standing, Viewer
from chat.queries import standings, unread
from chat.queries.entering import RoomRow
from chat.queries.log import timestamp
from chat.wire import events
from chat.wire.codes import ChatError, Close, Code


class Numbers(NamedTuple):
    room: int
    seq: int
    state_seq: int


class Seen(NamedTuple):
    """A room that somebody may see, and how they stand in it."""

    room: Room
    standing: Standing


def find(viewer: Viewer, slug: str) -> Seen:
    """The room of that slug, or of that old one: then its own slug is another.

    Raises Denied: not_found, the same whether it is hidden or absent; forbidden, banned from a public room.
    """
    rooms = _with_standing(viewer)
    return _seen(viewer, rooms.filter(slug=slug).first() or rooms.filter(slugs__slug=slug).first())


def of_key(viewer: Viewer, room: int) -> Seen:
    """As `find`, by key."""
    return _seen(viewer, _with_standing(viewer).filter(pk=room).first())


def exists(slug: str) -> bool:
    """Whether any room has or had that slug: a question for those who make rooms, never for an answer to people."""
    return RoomSlug.objects.filter(slug=slug).exists() or Room.objects.filter(slug=slug).exists()


class Found(NamedTuple):
    rooms: list[Room]
    more: bool


def directory(viewer: Viewer, search: str = "", page: int = 1, *, length: int) -> Found:
    """The public rooms that say all these words in their name, title or topic; newest activity first."""
    rooms = Room.objects.filter(policy.visible(viewer), kind=Room.Kind.PUBLIC, archived_at=None)
    for word in search[: limits.SEARCH_LENGTH].replace("\x00", " ").split():
        rooms = rooms.filter(Q(slug__icontains=word) | Q(title__icontains=word) | Q(topic__icontains=word))
    rooms = rooms.order_by(F("last_posted_at").desc(nulls_last=True), "-pk")
    first = (min(max(page, 1), limits.LIST_PAGES) - 1) * length
    found = list(rooms[first : first + length + 1])
    return Found(found[:length], more=len(found) > length)


class Joined(NamedTuple):
    """A room that a person belongs to, and how it stands in their list."""

    room: Room
    title: str  # of a direct room: its other people
    own: Membership
    unread: int
    mentions: int

    @property
    def is_hidden(self) -> bool:
        return self.own.hidden and not self.unread


def joined(viewer: Viewer) -> list[Joined]:
    """The rooms that a person belongs to, in the order of their list; three queries, two where no room is direct."""
    if viewer is None:
        return []
    memberships = list(own(viewer))
    titles = direct_titles(viewer, [one.room_id for one in memberships if one.room.kind == Room.Kind.DIRECT])
    counts = unread.counts([(viewer.pk, one.room_id) for one in memberships])
    nothing = unread.Unread("", 0, 0)
    return [
        Joined(
            one.room, titles.get(one.room_id, one.room.title), one, *counts.get((viewer.pk, one.room_id), nothing)[1:]
        )
        for one in memberships
    ]


def own(viewer: User) -> QuerySet[Membership]:
    """A person's own rooms, with the rooms: by hand, where they want it so, then newest activity first."""
    found = Membership.objects.filter(policy.visible(viewer, "room__"), person=viewer.pk).select_related("room")
    by_hand = [F("place").asc(nulls_last=True)] if viewer.rooms_by_hand else []
    activity = Coalesce("room__last_posted_at", "room__created_at").desc()
    return found.order_by(*by_hand, activity, "-room")[: limits.JOINED_ROOMS]


def direct_titles(viewer: Reader | None, rooms: Collection[int]) -> dict[int, str]:
    """What these direct rooms are called for one of their people: the names of the others."""
    if not rooms:
        return {}
    others = _named().filter(room__in=rooms).select_related("person")
    if viewer is not None:
        others = others.exclude(person=viewer.pk)
    names: dict[int, list[str]] = {}
    for other in others:
        names.setdefault(other.room_id, []).append(other.person.display_name)
    return {room: ", ".join(found) for room, found in names.items()}


class Place(NamedTuple):
    """How a room is for one person now: as the wire tells it, or the code to close their sockets with."""

    described: events.Room | None
    close: Close | None


def standing(room: int, people: Collection[int | None]) -> dict[int | None, Place]:
    """How a room is now for each of these people (None: a guest without a row), in a few queries for all of them.

    For the hub, which asks again for its sockets when a room's `state_seq` has passed. Who is not found is out.
    Those who see the same get the same object, for in a crowd they are many.
    """
    known, _ = standings.read([(room, person) for person in people if person is not None])
    row = Room.objects.filter(pk=room).first()
    if row is None:
        return {person: Place(None, Close.NO_ROOM) for person in people}
    names = _direct_names(row)
    decided: dict[Hashable, Place] = {}
    places: dict[int | None, Place] = {}
    for person in people:
        title = ", ".join(name for pk, name in names.items() if pk != person) or row.title
        one = known.get((room, person or 0))
        facts = (
            title,
            person is None,
            one and (one.standing, one.person.is_active, one.person.is_guest, one.person.is_staff),
        )
        if facts not in decided:
            decided[facts] = _place(row, title, person, one)
        places[person] = decided[facts]
    out = [person for person, place in places.items() if person is not None and place.close is Close.NO_ROOM]
    return places | dict.fromkeys(_sent_away(room, out), Place(None, Close.REMOVED))


def _place(room: Room, title: str, person: int | None, known: standings.Known | None) -> Place:
    if person is not None and known is None:
        return Place(None, Close.NO_ROOM)
    if known and not known.person.is_active:
        return Place(None, Close.REMOVED)
    viewer, standing = (known.person, known.standing) if known else (None, STRANGER)
    try:
        policy.see(viewer, room, standing)
    except ChatError as refusal:
        return Place(None, Close.REMOVED if refusal.code is Code.FORBIDDEN else Close.NO_ROOM)
    return Place(_told(room, title, viewer, standing), None)


def _sent_away(room: int, people: Collection[int]) -> set[int]:
    """Whom the newest word of the audit log about their coming and going says to be removed or banned."""
    if not people:
        return set()
    kinds = AuditEntry.Kind
    movements = (kinds.ADDED, kinds.JOINED, kinds.LEFT, kinds.REMOVED, kinds.BANNED)
    newest: dict[int | None, str] = dict(
        AuditEntry.objects.filter(room=room, person__in=people, kind__in=movements)
        .order_by("pk")
        .values_list("person", "kind")
    )
    return {person for person in people if newest.get(person) in (kinds.REMOVED, kinds.BANNED)}


def _direct_names(room: Room) -> dict[int, str]:
    if room.kind != Room.Kind.DIRECT:
        return {}
    return dict(_named().filter(room=room).values_list("person", "person__display_name"))


def _named() -> QuerySet[Membership]:
    """Memberships in the order in which a direct room's people are named; whose account was deleted has no name."""
    return Membership.objects.exclude(person__display_name="").order_by("joined_at", "pk")


def numbers(rooms: list[int]) -> tuple[str, list[Numbers]]:
    """The epoch and where each of these rooms stands, in one statement, for the hub's watch; deleted ones apart."""
    epoch = Epoch.objects.order_by("-pk").values("key")[:1]
    there = Room.objects.filter(pk__in=rooms).exclude(kind=Room.Kind.DELETED)
    rows = there.values_list("pk", "last_seq", "state_seq", Subquery(epoch))
    found = [Numbers(*row[:3]) for row in rows]
    return (rows[0][3] if found else epoch_key()), found


def epoch_key() -> str:
    return Epoch.objects.order_by("-pk").values_list("key", flat=True)[0]


def described(viewer: Reader | None, room: Room | RoomRow, standing: Standing) -> events.Room:
    """The room as the wire tells it to one person; one query where it is direct, none elsewhere."""
    title = room.title
    if room.kind == Room.Kind.DIRECT:
        title = direct_titles(viewer, [room.pk]).get(room.pk, "")
    return _told(room, title, viewer, standing)


def _told(room: Room | RoomRow, title: str, viewer: Somebody | None, standing: Standing) -> events.Room:
    return events.Room(
        slug=room.slug,
        title=title,
        topic=room.topic,
        kind=room.kind,
        may=policy.rights(viewer, room, standing),
        archived=room.is_archived,
        members_only=room.members_only,
        slow=room.slow_seconds,
        muted_until=timestamp(standing.muted_until) if standing.muted_until else None,
    )


def _with_standing(viewer: Viewer) -> Any:
    """Rooms with what policy has to know of the viewer, read in the same statement."""
    rooms = Room.objects.all()
    if viewer is None:
        return rooms
    own = Membership.objects.filter(room=OuterRef("pk"), person=viewer.pk)
    mutes = Restriction.objects.filter(
        policy.in_force(), room=OuterRef("pk"), person=viewer.pk, kind=Restriction.Kind.MUTE
    )
    return rooms.annotate(
        own_role=Subquery(own.values("role")),
        own_ban=Exists(policy.bans(viewer, OuterRef("pk"))),
        own_mute=Subquery(mutes.values("expires_at")),
    )


def _seen(viewer: Viewer, row: Any) -> Seen:
    """Raises Denied, also for a row that is none."""
    if row is None:
        raise Denied(Code.NOT_FOUND)
    standing = STRANGER if viewer is None else Standing(row.own_role, row.own_ban, row.own_mute)
    policy.see(viewer, row, standing)
    return Seen(row, standing)
