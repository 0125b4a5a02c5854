"""Who may see, join, post, moderate: the only place that decides. Deny by default; nothing here writes.

A decision is a function of plain facts: a person, a room, and the person's standing in that room, all read together
(under the room's lock, where something is written after it). It passes, or raises Denied. `visible` and `moderated`
say the same as `see` and `moderate` for use inside a query, so that a read asks for the right in its own statement.

A viewer is a User, or None for a guest who has no row yet.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chat import limits
from chat.models import Membership, Restriction, Room, User
from chat.text import names
from chat.wire.codes import ChatError, Code

Viewer = User | None
Kind, Role = Room.Kind, Membership.Role

# For the site's own readers (a hub that fills a gap), never for a person's.
EVERYTHING = Q()


class Somebody(Protocol):
    """What a decision needs of a person: a User, or its row as a batch reads it."""

    @property
    def pk(self) -> int: ...

    @property
    def is_active(self) -> bool: ...

    @property
    def is_guest(self) -> bool: ...

    @property
    def is_staff(self) -> bool: ...


class Reader(Somebody, Protocol):
    """What it takes beside that to say in a query what somebody may see."""

    @property
    def came_from(self) -> str: ...


class RoomState(Protocol):
    """What a decision needs of a room."""

    @property
    def kind(self) -> str: ...

    @property
    def is_archived(self) -> bool: ...

    @property
    def members_only(self) -> bool: ...

    @property
    def slow_seconds(self) -> int: ...


class Standing(NamedTuple):
    """What a room has written down about one person, of what holds at the moment."""

    role: str | None = None  # None: does not belong to the room
    banned: bool = False
    muted_until: datetime | None = None


STRANGER = Standing()


class Denied(ChatError):
    """This person may not do this; to whom a room is hidden, it is `not_found`, as if there were none."""


class Right(StrEnum):
    """What one may do in a room, as the wire's `may` lists it."""

    SEND = "send"
    EDIT = "edit"  # one's own, for a while
    DELETE = "delete"  # the same
    REACT = "react"
    REPORT = "report"
    JOIN = "join"  # where one has to, to write
    LEAVE = "leave"
    MODERATE = "moderate"
    INVITE = "invite"
    MANAGE = "manage"


# Seeing


def be_here(viewer: Somebody | None) -> None:
    """Whether one may be on the site at all: pages and sockets ask before anything else.

    Raises Denied: `forbidden` for who is deactivated, `log_in_needed` for a guest where there are none.
    """
    if viewer is not None and not viewer.is_active:
        raise Denied(Code.FORBIDDEN, _("This account is deactivated."))
    if not _is_let_in(viewer):
        raise Denied(Code.LOG_IN_NEEDED)


def go_on(*, holds: bool) -> None:
    """Write with the session that a socket was opened with; `holds`: that session has not been ended since."""
    if not holds:
        raise Denied(Code.FORBIDDEN, _("You were logged out here; log in again."))


def sign_up(*, invited: bool) -> None:
    """Whether a stranger may have an account; `invited` by a link that is looked at when it is used."""
    if settings.CHAT_SIGN_UP != "open" and not (invited and settings.CHAT_SIGN_UP == "invitation"):
        raise Denied(Code.FORBIDDEN, _("Accounts are not given to everybody here."))


def invite_to_site(actor: User) -> None:
    if not (actor.is_active and actor.is_staff):
        raise Denied(Code.FORBIDDEN)


def manage_account(actor: User, person: User) -> None:
    """Whether somebody of the staff may change another's account. Who stands as high is left to superusers."""
    stands_higher = actor.is_staff and not (person.is_staff or person.is_superuser)
    if not actor.is_active or not (actor.is_superuser or stands_higher):
        raise Denied(Code.FORBIDDEN)


def visible(viewer: Reader | None, prefix: str = "") -> Q:
    """The rooms that the viewer may see; `prefix` leads from the queried model to the room (`room__`)."""
    if not _may_be_here(viewer):
        return Q(**{f"{prefix}pk__in": []})
    public = Q(**{f"{prefix}kind": Kind.PUBLIC})
    if viewer is None:
        return public
    room = OuterRef(f"{prefix}pk")
    members = Q(**{f"{prefix}kind__in": (Kind.PRIVATE, Kind.DIRECT)}) & Q(
        Exists(Membership.objects.filter(room=room, person=viewer.pk))
    )
    active = Exists(User.objects.filter(pk=viewer.pk, is_active=True))  # still, at the moment of the read
    return (public | members) & ~Q(Exists(bans(viewer, room))) & Q(active)


def bans(person: Reader, room: Any) -> Any:
    """The bans in force that keep this person out of that room (a key, or what refers to one)."""
    whose = Q(person=person.pk)
    if person.is_guest and person.came_from:
        whose |= Q(address=person.came_from)
    return Restriction.objects.filter(in_force(), whose, room=room, kind=Restriction.Kind.BAN)


def in_force() -> Q:
    return Q(expires_at=None) | Q(expires_at__gt=timezone.now())


def see(viewer: Somebody | None, room: RoomState, standing: Standing) -> None:
    if not _may_be_here(viewer):
        raise Denied(Code.NOT_FOUND)
    if room.kind == Kind.PUBLIC:
        if standing.banned:
            raise Denied(Code.FORBIDDEN, _("You are banned from this room."))
    elif room.kind not in (Kind.PRIVATE, Kind.DIRECT) or standing.role is None or standing.banned:
        raise Denied(Code.NOT_FOUND)


# Writing


def post(person: Somebody, room: RoomState, standing: Standing, last: datetime | None, now: datetime) -> None:
    """Say something now; `last` is when this person said something here the last time, for slow mode."""
    speak(person, room, standing)
    if room.slow_seconds and last is not None and not _moderates(person, standing):
        wait = (last + timedelta(seconds=room.slow_seconds) - now).total_seconds()
        if wait > 0:
            sentence = f"Slow mode: one message each {room.slow_seconds} s here; wait a moment."
            raise Denied(Code.RATE_LIMITED, sentence, retry_after=wait)


def speak(viewer: Somebody | None, room: RoomState, standing: Standing) -> None:
    """Whether somebody has a voice here at all."""
    see(viewer, room, standing)
    if room.is_archived:
        raise Denied(Code.READ_ONLY)
    if standing.muted_until is not None:
        raise Denied(Code.FORBIDDEN, f"You may not write here until {_moment(standing.muted_until)}.")
    if room.members_only and standing.role is None and not (viewer and viewer.is_staff):
        raise Denied(Code.FORBIDDEN, _("Only members of this room may write here."))


def react(person: Somebody | None, room: RoomState, standing: Standing) -> None:
    """Put an emoji under a message, or take one's own away: who has a voice here. Slow mode is for words."""
    speak(person, room, standing)


def edit(
    person: Somebody, room: RoomState, standing: Standing, author: int, posted_at: datetime, now: datetime
) -> None:
    """One's own words, where one may still speak, for a while; `author` is the key of whose words they are."""
    speak(person, room, standing)
    _own_and_recent(person, author, posted_at, now)


def delete(
    person: Somebody, room: RoomState, standing: Standing, author: int, posted_at: datetime, now: datetime
) -> None:
    """As `edit`, muted or not; moderators anybody's, at any time."""
    if allows(moderate, person, room, standing):
        return
    see(person, room, standing)
    if room.is_archived:
        raise Denied(Code.READ_ONLY)
    _own_and_recent(person, author, posted_at, now)


def read_versions(person: Somebody, room: RoomState, standing: Standing, author: int) -> None:
    """What a message said before: for its author and for those who moderate."""
    see(person, room, standing)
    if author != person.pk:
        moderate(person, room, standing)


def report(viewer: Somebody | None, room: RoomState, standing: Standing) -> None:
    """Members of the site, and whoever belongs to the room, may call a moderator."""
    see(viewer, room, standing)
    if viewer is None or (viewer.is_guest and standing.role is None):
        raise Denied(Code.FORBIDDEN, _("Only people with an account can report a message."))


# Coming and going


def make(viewer: Somebody | None, kind: str) -> None:
    """Make a room: a public one as the site has it (CHAT_ROOMS_BY), a private or direct one with an account."""
    if not _may_be_here(viewer):
        raise Denied(Code.NOT_FOUND)
    if kind != Kind.PUBLIC:
        if viewer is None or viewer.is_guest:
            raise Denied(Code.FORBIDDEN, _("Only people with an account can do this."))
    elif settings.CHAT_ROOMS_BY == "members":
        if viewer is None or viewer.is_guest:
            raise Denied(Code.FORBIDDEN, _("Only people with an account can make rooms here."))
    elif settings.CHAT_ROOMS_BY == "staff" and (viewer is None or not viewer.is_staff):
        raise Denied(Code.FORBIDDEN, _("Only the site's staff can make public rooms here."))


def make_by_entering(viewer: Viewer, slug: str) -> None:
    """Whether a public room of that name may come to be because the viewer enters it."""
    if names.is_made_up_slug(slug) or not allows(make, viewer, Kind.PUBLIC):
        raise Denied(Code.NOT_FOUND)


def joins_by_entering(person: Somebody | None) -> Q:
    """The rooms that become a person's own when they enter: with an account, public ones that are open to all.

    There a membership gives no right that one has not got without, so that it needs no number of the room.
    """
    if person is None or person.is_guest or not _may_be_here(person):
        return Q(pk__in=[])
    return Q(kind=Kind.PUBLIC, members_only=False, archived_at=None)


def join(viewer: Somebody | None, room: RoomState, standing: Standing) -> None:
    """Become a member of one's own accord: of a public room, with an account."""
    see(viewer, room, standing)
    if room.kind != Kind.PUBLIC or standing.role is not None:
        raise Denied(Code.FORBIDDEN, _("One cannot join here."))
    if viewer is None or viewer.is_guest:
        raise Denied(Code.FORBIDDEN, _("Only people with an account can join a room."))


def accept(person: Somebody, room: RoomState, standing: Standing) -> None:
    """Become a member by a link that holds. To a banned person a private room is absent as ever."""
    admit(room)
    if not _may_be_here(person) or standing.banned:
        raise Denied(Code.NOT_FOUND)


def admit(room: RoomState) -> None:
    """Whether the room takes in anybody by a link at all."""
    if room.kind not in (Kind.PUBLIC, Kind.PRIVATE) or room.is_archived:
        raise Denied(Code.NOT_FOUND)


def leave(person: Somebody | None, room: RoomState, standing: Standing) -> None:
    see(person, room, standing)
    if room.kind == Kind.DIRECT:
        raise Denied(Code.FORBIDDEN, _("A direct conversation belongs to its people and cannot be left."))
    if standing.role is None:
        raise Denied(Code.FORBIDDEN, _("You are not a member of this room."))


def list_people(viewer: Somebody | None, room: RoomState, standing: Standing) -> None:
    """See who belongs to the room: for those who do themselves, and those who moderate it."""
    see(viewer, room, standing)
    if standing.role is None:
        moderate(viewer, room, standing)


def invite(viewer: Somebody | None, room: RoomState, standing: Standing) -> None:
    """Let people in, by name or by a link."""
    regulate(viewer, room, standing)
    if room.is_archived:
        raise Denied(Code.READ_ONLY)


def add(person: Somebody, standing: Standing) -> None:
    """Whether somebody can be made a member; asked of who is added."""
    if not _may_be_here(person):
        raise Denied(Code.NOT_FOUND, _("There is nobody of that name."))
    if standing.role is not None:
        raise Denied(Code.BAD_REQUEST, _("They are a member already."))
    if standing.banned:
        raise Denied(Code.FORBIDDEN, _("They are banned from this room; lift the ban first."))


def talk_to(viewer: Somebody | None, others: Sequence[Somebody]) -> None:
    """Open a direct room with these people."""
    make(viewer, Kind.DIRECT)
    if not others or not all(_may_be_here(other) for other in others):
        raise Denied(Code.NOT_FOUND, _("There is no such person."))
    if len(others) >= limits.DIRECT_PEOPLE:
        raise Denied(Code.BAD_REQUEST, f"A direct conversation has at most {limits.DIRECT_PEOPLE} people.")


# Keeping order


def moderate(viewer: Somebody | None, room: RoomState, standing: Standing) -> None:
    """Owners and moderators in their room; the site's staff in every one, also where they cannot look in."""
    if viewer is not None and _may_be_here(viewer) and viewer.is_staff and room.kind != Kind.DELETED:
        return
    see(viewer, room, standing)
    if room.kind == Kind.DIRECT or not _moderates(viewer, standing):
        raise Denied(Code.FORBIDDEN)


def judge(person: Somebody, room: RoomState, standing: Standing, author: int) -> None:
    """Answer a report; not one about one's own words."""
    moderate(person, room, standing)
    if author == person.pk:
        raise Denied(Code.FORBIDDEN, _("This report is about your own words; somebody else has to answer it."))


def moderated(viewer: Viewer, prefix: str = "") -> Q:
    """The rooms that the viewer moderates: the same as `moderate`, within a query."""
    if viewer is None or not _may_be_here(viewer):
        return Q(**{f"{prefix}pk__in": []})
    if viewer.is_staff:
        return ~Q(**{f"{prefix}kind": Kind.DELETED})
    if viewer.is_guest:
        return Q(**{f"{prefix}pk__in": []})
    roles = Membership.objects.filter(
        room=OuterRef(f"{prefix}pk"), person=viewer.pk, role__in=(Role.OWNER, Role.MODERATOR)
    )
    return visible(viewer, prefix) & ~Q(**{f"{prefix}kind": Kind.DIRECT}) & Q(Exists(roles))


def regulate(viewer: Somebody | None, room: RoomState, standing: Standing) -> None:
    """The rules of a room (slow mode, members only) and who is in it; a direct room has none but its people."""
    moderate(viewer, room, standing)
    if room.kind == Kind.DIRECT:
        raise Denied(Code.FORBIDDEN, _("A direct conversation belongs to its people as it is."))


def manage(viewer: Somebody | None, room: RoomState, standing: Standing) -> None:
    """The room itself and who has which role in it: its owners, and the site's staff."""
    regulate(viewer, room, standing)
    _own(viewer, standing)


def delete_room(viewer: Somebody | None, room: RoomState, standing: Standing) -> None:
    """As `manage`; a direct room too, by the staff."""
    moderate(viewer, room, standing)
    _own(viewer, standing)


def act_on(person: Somebody, room: RoomState, standing: Standing, other: Somebody, other_standing: Standing) -> None:
    """Mute, remove or ban somebody: those who moderate, whoever stands below them."""
    regulate(person, room, standing)
    if person.pk == other.pk:
        raise Denied(Code.FORBIDDEN, _("One cannot do this to oneself."))
    if _rank(person, standing) <= _rank(other, other_standing):
        raise Denied(Code.FORBIDDEN, _("One can do this only to people who stand below oneself here."))


def remove(person: Somebody, room: RoomState, standing: Standing, other: Somebody, other_standing: Standing) -> None:
    act_on(person, room, standing, other, other_standing)
    if other_standing.role is None:
        raise Denied(Code.NOT_FOUND, _("They are not a member of this room."))
    if room.kind == Kind.PUBLIC and not room.members_only:
        raise Denied(Code.FORBIDDEN, _("A public room is open to all; a ban keeps somebody out."))


def set_role(
    person: Somebody, room: RoomState, standing: Standing, other: Somebody, other_standing: Standing, role: str
) -> None:
    manage(person, room, standing)
    if other_standing.role is None:
        raise Denied(Code.NOT_FOUND, _("They are not a member of this room."))
    if role == Role.GUEST or other.is_guest:
        raise Denied(Code.FORBIDDEN, _("Only people with an account can moderate or own a room."))


def look_after_the_site(viewer: Somebody | None) -> None:
    """Pages about all rooms at once are the staff's."""
    if viewer is None or not _may_be_here(viewer) or not viewer.is_staff:
        raise Denied(Code.NOT_FOUND)


# Telling


def rights(viewer: Somebody | None, room: RoomState, standing: Standing) -> list[str]:
    """What the viewer may do in a room that is seen: the wire's `may`."""
    return [right.value for right, holds in _RIGHTS.items() if allows(holds, viewer, room, standing)]


def allows(rule: Callable[..., None], *facts: Any) -> bool:
    """The answer of a rule as yes or no."""
    try:
        rule(*facts)
    except Denied:
        return False
    return True


def _may_delete(viewer: Somebody | None, room: RoomState, standing: Standing) -> None:
    see(viewer, room, standing)
    if room.is_archived:
        moderate(viewer, room, standing)


def _has_to_join(viewer: Somebody | None, room: RoomState, standing: Standing) -> None:
    join(viewer, room, standing)
    if not room.members_only:
        raise Denied(Code.FORBIDDEN)


_RIGHTS: dict[Right, Callable[..., None]] = {
    Right.SEND: speak,
    Right.EDIT: speak,
    Right.DELETE: _may_delete,
    Right.REACT: react,
    Right.REPORT: report,
    Right.JOIN: _has_to_join,
    Right.LEAVE: leave,
    Right.MODERATE: regulate,
    Right.INVITE: invite,
    Right.MANAGE: manage,
}


def _may_be_here(viewer: Somebody | None) -> bool:
    """On this site at all."""
    return _is_let_in(viewer) and (viewer is None or viewer.is_active)


def _is_let_in(viewer: Somebody | None) -> bool:
    return (viewer is not None and not viewer.is_guest) or settings.CHAT_GUESTS


def _moderates(viewer: Somebody | None, standing: Standing) -> bool:
    if viewer is None or viewer.is_guest:
        return False
    return viewer.is_staff or standing.role in (Role.OWNER, Role.MODERATOR)


def _own(viewer: Somebody | None, standing: Standing) -> None:
    if not (viewer and viewer.is_staff) and standing.role != Role.OWNER:
        raise Denied(Code.FORBIDDEN)


def _rank(person: Somebody, standing: Standing) -> int:
    if person.is_staff:
        return 3
    if person.is_guest:
        return 0
    return {Role.OWNER.value: 2, Role.MODERATOR.value: 1}.get(standing.role or "", 0)


def _own_and_recent(person: Somebody, author: int, posted_at: datetime, now: datetime) -> None:
    if author != person.pk:
        raise Denied(Code.FORBIDDEN)
    if now - posted_at > timedelta(seconds=limits.EDIT_SECONDS):
        raise Denied(Code.FORBIDDEN, _("This message is too old to be changed."))


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
