"""Who belongs to a room: joining, adding, roles, leaving, removing."""

from django.core.exceptions import EmptyResultSet
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chat import policy
from chat.actions import announce, change, rows
from chat.actions.change import Scene
from chat.models import AuditEntry, Invitation, Membership, Room, User
from chat.queries.standings import Known
from chat.wire.announcements import Listed
from chat.wire.codes import ChatError, Code

Audit, Role = AuditEntry.Kind, Membership.Role


def slip_in(person: User, room: int) -> None:
    """Have a public room among one's own because one entered it; nothing where it takes more than that.

    It gives no right that one has not got without, so it takes no number of the room and waits for nobody who posts.
    """
    open_to_all = Room.objects.filter(policy.joins_by_entering(person), pk=room).values("id")
    try:
        found = open_to_all.query.sql_with_params()
    except EmptyResultSet:
        return
    if rows.insert_member(person.pk, Role.MEMBER, found, timezone.now()):
        announce.after_commit(Listed(person.pk))


def join(person: User, room: int) -> None:
    """Become a member of a public room of one's own accord."""
    with change.of_room(room, person.pk) as scene:
        me = scene.person(person.pk)
        policy.join(me.person, scene.room, me.standing)
        admit(scene, me)
        scene.record(Audit.JOINED, me, to=person.pk)


def add(actor: User, room: int, person: int) -> None:
    """Make somebody a member without asking; they can leave."""
    with change.of_room(room, actor.pk, person) as scene:
        me, other = scene.person(actor.pk), scene.person(person)
        policy.invite(me.person, scene.room, me.standing)
        policy.add(other.person, other.standing)
        admit(scene, other)
        scene.record(Audit.ADDED, me, to=person)


def set_role(actor: User, room: int, person: int, role: str) -> None:
    """Raises ChatError(bad_request) where the room would be left without an owner."""
    if role not in Role.values:
        raise ChatError(Code.BAD_REQUEST, f"Expected one of {', '.join(Role.values)} as the role.")
    with change.of_room(room, actor.pk, person) as scene:
        me, other = scene.person(actor.pk), scene.person(person)
        policy.set_role(me.person, scene.room, me.standing, other.person, other.standing, role)
        if other.standing.role == role:
            return
        owners = Membership.objects.filter(room=room, role=Role.OWNER).exclude(person=person)
        if other.standing.role == Role.OWNER and not owners.exists():
            raise ChatError(Code.BAD_REQUEST, _("A room needs an owner: make somebody else its owner first."))
        Membership.objects.filter(room=room, person=person).update(role=role)
        if role == Role.MEMBER:
            void_invitations(scene, person)
        scene.record(Audit.ROLE, me, to=person, detail=role)


def leave(person: User, room: int) -> None:
    """Leave a room. After its last owner the oldest moderator owns it, else the oldest member with an account.

    A private room in which nobody could own it any more is archived.
    """
    with change.of_room(room, person.pk) as scene:
        me = scene.person(person.pk)
        policy.leave(me.person, scene.room, me.standing)
        expel(scene, me, by=me, kind=Audit.LEFT)


def leave_everywhere(person: User) -> None:
    """Leave all rooms but the direct ones, each in a transaction of its own: for somebody whose account ends."""
    own = Membership.objects.filter(person=person).exclude(room__kind=Room.Kind.DIRECT).order_by("room")
    for room in own.values_list("room", flat=True):
        with change.of_room(room, person.pk) as scene:
            me = scene.person(person.pk)
            expel(scene, me, by=me, kind=Audit.LEFT)


def remove(actor: User, room: int, person: int) -> None:
    """Take somebody's membership away."""
    with change.of_room(room, actor.pk, person) as scene:
        me, other = scene.person(actor.pk), scene.person(person)
        policy.remove(me.person, scene.room, me.standing, other.person, other.standing)
        expel(scene, other, by=me, kind=Audit.REMOVED)


# For other actions, within their change


def admit(scene: Scene, known: Known) -> None:
    role = Role.GUEST if known.person.is_guest else Role.MEMBER
    Membership.objects.create(room=scene.room, person_id=known.person.pk, role=role, read=scene.room.last_seq)
    announce.after_commit(Listed(known.person.pk))


def expel(scene: Scene, known: Known, *, by: Known, kind: AuditEntry.Kind, detail: str = "") -> None:
    """End a membership, if there is one, and void the links that this person has made."""
    key = known.person.pk
    Membership.objects.filter(room=scene.room, person=key).delete()
    void_invitations(scene, key)
    scene.record(kind, by, to=key, detail=detail)
    if known.standing.role == Role.OWNER:
        _hand_on(scene, by)


def void_invitations(scene: Scene, person: int) -> None:
    Invitation.objects.filter(room=scene.room, made_by=person, revoked_at=None).update(revoked_at=scene.now)


def _hand_on(scene: Scene, by: Known) -> None:
    """See to it that the room has an owner."""
    left = Membership.objects.filter(room=scene.room, person__is_active=True).exclude(person__kind=User.Kind.GUEST)
    if left.filter(role=Role.OWNER).exists():
        return
    heir = (
        left.filter(role=Role.MODERATOR).order_by("joined_at", "pk").first() or left.order_by("joined_at", "pk").first()
    )
    if heir is not None:
        heir.role = Role.OWNER
        heir.save(update_fields=("role",))
        scene.record(Audit.ROLE, by, to=heir.person_id, detail=heir.role)
    elif scene.room.kind == Room.Kind.PRIVATE and not scene.room.is_archived:
        scene.room.archived_at = scene.now
        scene.record(Audit.ARCHIVED, by, "archived_at")
