"""Makes rooms and changes what they are: title, name, kind, rules, archive, end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chat import limits, policy
from chat.actions import accounts, announce, change, memberships
from chat.actions.change import Scene
from chat.models import AuditEntry, Membership, Mention, Message, MessageVersion, Reaction, Room, RoomSlug, User
from chat.policy import STRANGER, Denied, Standing, Viewer
from chat.queries import rooms
from chat.queries.rooms import Seen
from chat.text import names
from chat.wire.announcements import Listed
from chat.wire.codes import ChatError, Code

Kind, Audit, Role = Room.Kind, AuditEntry.Kind, Membership.Role

_BELONGINGS = (MessageVersion, Mention, Reaction, Message)  # of a room; more than one statement should delete


def enter(
    viewer: Viewer, slug: str, before_making: Callable[[], None] = lambda: None, address: str | None = None
) -> Seen:
    """The room of that slug, made if there is none and the viewer may make it; `before_making` may refuse that.

    Who enters with an account has a public room among theirs from then on; of a guest it is noted where they come from.
    Raises Denied: not_found, hidden, or absent and not to be made; forbidden, banned.
    """
    if viewer is not None and address is not None:
        accounts.came_from(viewer, address)
    seen = _find_or_make(viewer, slug, before_making)
    if viewer is not None and seen.standing.role is None:
        memberships.slip_in(viewer, seen.room.pk)
    return seen


def _find_or_make(viewer: Viewer, slug: str, before_making: Callable[[], None]) -> Seen:
    try:
        return rooms.find(viewer, slug)
    except Denied as refusal:
        if refusal.code is not Code.NOT_FOUND:
            raise
        policy.make_by_entering(viewer, slug)
        if rooms.exists(slug):
            return rooms.find(viewer, slug)  # hidden; or made by somebody else at this moment
    before_making()
    try:
        return _make(viewer, Room(slug=slug, title=slug, kind=Kind.PUBLIC))
    except IntegrityError:  # somebody else entered it at the same moment
        return rooms.find(viewer, slug)


def make(person: User, kind: str, title: str, topic: str = "") -> Room:
    """A public room, named after its title, or a private one, whose slug is made up.

    Raises ChatError(bad_request) for a title that is none, or whose name a room has or had.
    """
    policy.make(person, kind)
    if kind not in (Kind.PUBLIC, Kind.PRIVATE):
        raise ChatError(Code.BAD_REQUEST, _("Expected public or private as the kind of a room."))
    try:
        slug = names.slug_of_words(title) if kind == Kind.PUBLIC else names.made_up_slug()
        room = Room(slug=slug, kind=kind, title=names.room_title(title), topic=names.room_topic(topic))
        return _make(person, room).room
    except names.BadName as error:
        raise ChatError(Code.BAD_REQUEST, str(error)) from None
    except IntegrityError:
        raise _taken() from None


def talk(person: User, others: Sequence[int]) -> Room:
    """The direct room of these people, made at the first call."""
    keys = sorted({person.pk, *others})
    direct_key = ",".join(map(str, keys))
    if len(keys) > limits.DIRECT_PEOPLE:
        raise ChatError(Code.BAD_REQUEST, f"A direct conversation has at most {limits.DIRECT_PEOPLE} people.")
    known = Room.objects.filter(direct_key=direct_key).first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            people = list(User.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
            _all_there(person, keys, people)
            room = Room(slug=names.made_up_slug(), kind=Kind.DIRECT, direct_key=direct_key)
            return _make(person, room, people).room
    except IntegrityError:  # another of them was quicker
        return Room.objects.get(direct_key=direct_key)


def _all_there(person: User, keys: Sequence[int], people: Sequence[User]) -> None:
    me = next((one for one in people if one.pk == person.pk), None)
    others = [one for one in people if one.pk != person.pk]
    policy.talk_to(me, others)
    if len(people) < len(keys):
        raise Denied(Code.NOT_FOUND, _("There is no such person."))


def _make(viewer: Viewer, room: Room, people: Sequence[User] = ()) -> Seen:
    """Raises IntegrityError where a room has or had that slug. Who makes a room with an account owns it."""
    with transaction.atomic():
        room.save(force_insert=True)
        RoomSlug.objects.create(slug=room.slug, room=room)
        if people:
            roles = {one: Role.GUEST if one.is_guest else Role.MEMBER for one in people}
        else:
            roles = {viewer: Role.OWNER} if viewer is not None and not viewer.is_guest else {}
        Membership.objects.bulk_create(
            Membership(room=room, person=one, role=role, read=0) for one, role in roles.items()
        )
        announce.after_commit(*(Listed(one.pk) for one in roles))
        if viewer is not None:
            AuditEntry.objects.create(
                room=room.pk,
                room_title=room.title,
                seq=0,
                kind=Audit.MADE,
                actor=viewer,
                detail=room.kind,
                made_at=timezone.now(),
            )
        return Seen(room, Standing(roles[viewer]) if viewer in roles else STRANGER)


# Changes by those who manage the room


def set_title(actor: User, room: int, title: str, topic: str) -> Room:
    """Raises ChatError(bad_request) for a title or topic that is none."""
    try:
        title, topic = names.room_title(title), names.room_topic(topic)
    except names.BadName as error:
        raise ChatError(Code.BAD_REQUEST, str(error)) from None
    with change.of_room(room, actor.pk) as scene:
        me = scene.person(actor.pk)
        policy.manage(me.person, scene.room, me.standing)
        if (scene.room.title, scene.room.topic) != (title, topic):
            scene.room.title, scene.room.topic = title, topic
            scene.record(Audit.TITLED, me, "title", "topic", detail=title)
        return scene.room


def rename(actor: User, room: int, typed: str) -> Room:
    """Give a public room another name in its address; the old one leads on.

    Raises ChatError(bad_request) for a name that is none, or that another room has or had.
    """
    slug = _slug(typed)
    with _name_is_free(), change.of_room(room, actor.pk) as scene:
        me = scene.person(actor.pk)
        policy.manage(me.person, scene.room, me.standing)
        if scene.room.kind != Kind.PUBLIC:
            raise ChatError(Code.BAD_REQUEST, _("Only a public room has a name of its own in its address."))
        if scene.room.slug != slug:
            detail = f"{scene.room.slug} → {slug}"
            _take_slug(scene, slug)
            scene.record(Audit.RENAMED, me, "slug", detail=detail)
        return scene.room


def make_private(actor: User, room: int) -> Room:
    """Its members alone see it from now on. The names that it had lead nowhere, for good."""
    with change.of_room(room, actor.pk) as scene:
        me = scene.person(actor.pk)
        policy.manage(me.person, scene.room, me.standing)
        if scene.room.kind == Kind.PUBLIC:
            scene.room.kind, scene.room.members_only = Kind.PRIVATE, False
            RoomSlug.objects.filter(room=scene.room).update(room=None)
            _take_slug(scene, names.made_up_slug())
            scene.record(Audit.MADE_PRIVATE, me, "slug", "kind", "members_only")
        return scene.room


def make_public(actor: User, room: int, typed: str) -> Room:
    """Everybody sees it from now on, from its beginning, under the name that is given. Raises as `rename`."""
    slug = _slug(typed)
    with _name_is_free(), change.of_room(room, actor.pk) as scene:
        me = scene.person(actor.pk)
        policy.manage(me.person, scene.room, me.standing)
        policy.make(me.person, Kind.PUBLIC)
        if scene.room.kind == Kind.PRIVATE:
            scene.room.kind = Kind.PUBLIC
            _take_slug(scene, slug)
            scene.record(Audit.MADE_PUBLIC, me, "slug", "kind", detail=slug)
        return scene.room


def archive(actor: User, room: int) -> Room:
    """Nobody writes in it any more."""
    return _set_archived(actor, room, archived=True)


def revive(actor: User, room: int) -> Room:
    return _set_archived(actor, room, archived=False)


def _set_archived(actor: User, room: int, *, archived: bool) -> Room:
    with change.of_room(room, actor.pk) as scene:
        me = scene.person(actor.pk)
        policy.manage(me.person, scene.room, me.standing)
        if scene.room.is_archived != archived:
            scene.room.archived_at = scene.now if archived else None
            scene.record(Audit.ARCHIVED if archived else Audit.REVIVED, me, "archived_at")
        return scene.room


def delete(actor: User, room: int) -> None:
    """Nobody sees it from now on; then its messages go, a part at a time, and at last the room itself.

    What is left of one by an end in the middle goes with the next `purge`.
    """
    with change.of_room(room, actor.pk) as scene:
        me = scene.person(actor.pk)
        policy.delete_room(me.person, scene.room, me.standing)
        scene.room.kind, scene.room.direct_key = Kind.DELETED, None
        RoomSlug.objects.filter(room=scene.room).update(room=None)
        Membership.objects.filter(room=scene.room).delete()
        scene.record(Audit.DELETED, me, "kind", "direct_key")
    _purge(scene.room)


def purge() -> int:
    """Remove what is left of deleted rooms; how many there were."""
    left = list(Room.objects.filter(kind=Kind.DELETED))
    for room in left:
        _purge(room)
    return len(left)


def _purge(room: Room) -> None:
    while any(_delete_some(kind._default_manager.filter(room=room)) for kind in _BELONGINGS):
        pass
    room.delete()


def _delete_some(rows: QuerySet[Any]) -> int:
    some = rows.values("pk")[: limits.PURGED_MESSAGES]
    deleted: int = rows.model._default_manager.filter(pk__in=some).delete()[0]
    return deleted


# Changes by those who moderate it


def set_members_only(actor: User, room: int, members_only: bool) -> Room:
    """Of a public room: all may read it, only its members write."""
    with change.of_room(room, actor.pk) as scene:
        me = scene.person(actor.pk)
        policy.regulate(me.person, scene.room, me.standing)
        if scene.room.kind != Kind.PUBLIC:
            raise ChatError(Code.BAD_REQUEST, _("A private room is for its members anyway."))
        if scene.room.members_only != members_only:
            scene.room.members_only = members_only
            scene.record(Audit.MEMBERS_ONLY if members_only else Audit.OPENED, me, "members_only")
        return scene.room


def set_slow(actor: User, room: int, seconds: int) -> Room:
    """From one message of a person to their next; 0: as fast as they like. Those who moderate are not slowed."""
    if not 0 <= seconds <= limits.SLOW_SECONDS:
        raise ChatError(Code.BAD_REQUEST, f"Expected 0 to {limits.SLOW_SECONDS} seconds between two messages.")
    with change.of_room(room, actor.pk) as scene:
        me = scene.person(actor.pk)
        policy.regulate(me.person, scene.room, me.standing)
        if scene.room.slow_seconds != seconds:
            scene.room.slow_seconds = seconds
            scene.record(Audit.SLOWED, me, "slow_seconds", detail=str(seconds))
        return scene.room


# Names


def _slug(typed: str) -> str:
    try:
        return names.slug_of_words(typed)
    except names.BadName as error:
        raise ChatError(Code.BAD_REQUEST, str(error)) from None


def _take_slug(scene: Scene, slug: str) -> None:
    """Raises IntegrityError where another room has or had it."""
    if not RoomSlug.objects.filter(slug=slug, room=scene.room).exists():
        RoomSlug.objects.create(slug=slug, room=scene.room)
    scene.room.slug = slug


@contextmanager
def _name_is_free() -> Iterator[None]:
    """Around a transaction that takes a slug."""
    try:
        yield
    except IntegrityError:
        raise _taken() from None


def _taken() -> ChatError:
    return ChatError(Code.BAD_REQUEST, _("There is, or was, a room of this name; choose another."))
