"""Links that let people into a room: made, revoked, accepted."""

import secrets
from datetime import timedelta

from django.db.models import F
from django.utils.translation import gettext_noop as _

from chat import limits, policy
from chat.actions import change, memberships
from chat.models import AuditEntry, Invitation, Room, User
from chat.models.invitation import hash_token
from chat.policy import Denied
from chat.queries import invitations
from chat.wire.codes import ChatError, Code

Audit = AuditEntry.Kind


def make(actor: User, room: int, seconds: int, uses: int) -> str:
    """The secret of a new link, which is told here and never again.

    Raises ChatError(bad_request) for a time or a number of uses out of bounds, and where the room has too many links.
    """
    if not 1 <= seconds <= limits.INVITATION_SECONDS:
        raise ChatError(Code.BAD_REQUEST, f"Expected 1 to {limits.INVITATION_SECONDS} seconds.")
    if not 1 <= uses <= limits.INVITATION_USES:
        raise ChatError(Code.BAD_REQUEST, f"Expected 1 to {limits.INVITATION_USES} uses.")
    secret = secrets.token_urlsafe(24)
    with change.of_room(room, actor.pk) as scene:
        me = scene.person(actor.pk)
        policy.invite(me.person, scene.room, me.standing)
        others = Invitation.objects.filter(room=room)
        others.exclude(invitations.holds()).delete()
        if others.count() >= limits.ROOM_INVITATIONS:
            raise ChatError(Code.BAD_REQUEST, f"A room has at most {limits.ROOM_INVITATIONS} links at a time.")
        Invitation.objects.create(
            room=scene.room,
            token=hash_token(secret),
            made_by=actor,
            made_at=scene.now,
            expires_at=scene.now + timedelta(seconds=seconds),
            uses=uses,
        )
        scene.log(Audit.INVITED, me, detail=f"{uses}")
    return secret


def revoke(actor: User, room: int, invitation: int) -> None:
    """End a link; nothing happens where it has ended."""
    with change.of_room(room, actor.pk) as scene:
        me = scene.person(actor.pk)
        policy.regulate(me.person, scene.room, me.standing)
        if Invitation.objects.filter(pk=invitation, room=room, revoked_at=None).update(revoked_at=scene.now):
            scene.log(Audit.REVOKED, me)


def accept(person: User, secret: str) -> Room:
    """Become a member by a link; who is one already uses nothing of it.

    Raises Denied(not_found), the same sentence for every reason why the link lets nobody in.
    """
    found = invitations.of_secret(secret)
    if found is None:
        raise _void()
    try:
        with change.of_room(found.room_id, person.pk) as scene:
            me = scene.person(person.pk)
            policy.accept(me.person, scene.room, me.standing)
            if me.standing.role is None:
                if not Invitation.objects.filter(invitations.holds(), pk=found.pk).update(used=F("used") + 1):
                    raise _void()
                memberships.admit(scene, me)
                scene.record(Audit.JOINED, me, to=person.pk, detail=str(found.made_by))
            return scene.room
    except Denied:
        raise _void() from None


def _void() -> Denied:
    return Denied(Code.NOT_FOUND, _("This invitation does not hold any more."))
