"""Keeps order in a room: mutes and bans people, takes reports and handles them."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from chat import limits, policy
from chat.actions import change, memberships, messages
from chat.actions.change import Scene
from chat.actions.messages import Delete
from chat.models import AuditEntry, Message, Report, Restriction, User
from chat.policy import Denied
from chat.queries import rooms
from chat.queries.standings import Known
from chat.wire.codes import ChatError, Code

Audit, Outcome = AuditEntry.Kind, Report.Outcome


def mute(actor: User, room: int, person: int, seconds: int, reason: str = "") -> None:
    """Keep somebody from writing here for a while; who is muted already, is for this while."""
    reason = _line(reason)
    with change.of_room(room, actor.pk, person) as scene:
        _mute(scene, scene.person(actor.pk), scene.person(person), seconds, reason)


def ban(
    actor: User, room: int, person: int, seconds: int | None = None, reason: str = "", *, by_address: bool = False
) -> None:
    """Keep somebody out of the room, for a while or (None) for good, and end their membership.

    With `by_address` whoever comes as a guest from where this guest came from last is kept out as well.
    """
    reason = _line(reason)
    with change.of_room(room, actor.pk, person) as scene:
        _ban(scene, scene.person(actor.pk), scene.person(person), seconds, reason, by_address)


def lift(actor: User, room: int, person: int, kind: str) -> None:
    """End a mute or a ban. Nothing happens where there is none."""
    with change.of_room(room, actor.pk, person) as scene:
        me = scene.person(actor.pk)
        policy.regulate(me.person, scene.room, me.standing)
        if Restriction.objects.filter(room=room, person=person, kind=kind).delete()[0]:
            scene.record(Audit.UNBANNED if kind == Restriction.Kind.BAN else Audit.UNMUTED, me, to=person)


def report(reporter: User, room: int, number: int, reason: str) -> None:
    """Call a moderator to a message; once for each person and message.

    Raises ChatError: not_found, bad_request (no reason given), rate_limited.
    """
    reason = _line(reason)
    if not reason:
        raise ChatError(Code.BAD_REQUEST, _("Say in a few words what is wrong with the message."))
    seen = rooms.of_key(reporter, room)
    policy.report(reporter, *seen)
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=reporter.pk)  # so that the count below is exact
        _not_too_many_reports(reporter)
        message = Message.objects.filter(room=room, number=number, deleted_at=None).first()
        if message is None:
            raise Denied(Code.NOT_FOUND)
        try:
            with transaction.atomic():
                Report.objects.create(
                    room=seen.room,
                    number=number,
                    author_id=message.author_id,
                    text=message.text,
                    reporter=reporter,
                    reason=reason,
                    made_at=timezone.now(),
                )
        except IntegrityError:  # reported by this person already
            pass


def handle(
    actor: User, report: int, outcome: str, note: str = "", *, seconds: int | None = None, by_address: bool = False
) -> None:
    """Answer a report, and all others of the same message: dismiss it, delete the message, mute or ban its author.

    Raises ChatError(bad_request) for one that is handled, and whatever the deletion, mute or ban raises.
    """
    if outcome not in Outcome.values:
        raise ChatError(Code.BAD_REQUEST, f"Expected one of {', '.join(Outcome.values)}.")
    note = _line(note)
    found = Report.objects.filter(policy.moderated(actor, "room__"), pk=report).first()
    if found is None:
        raise Denied(Code.NOT_FOUND, _("There is no such report."))
    with transaction.atomic():
        if outcome == Outcome.DELETED:
            _delete_message(actor, found)
        with change.of_room(found.room_id, actor.pk, found.author_id) as scene:
            me, author = scene.person(actor.pk), scene.person(found.author_id)
            policy.judge(me.person, scene.room, me.standing, found.author_id)
            _answer(scene, me, found, outcome, note)
            if outcome == Outcome.MUTED:
                _mute(scene, me, author, seconds or 0, note)
            elif outcome == Outcome.BANNED:
                _ban(scene, me, author, seconds, note, by_address)


def _answer(scene: Scene, me: Known, report: Report, outcome: str, note: str) -> None:
    waiting = Report.objects.filter(room=scene.room, number=report.number, outcome="")
    if not waiting.update(outcome=outcome, note=note, handled_by=me.person.pk, handled_at=scene.now):
        raise ChatError(Code.BAD_REQUEST, _("Somebody has handled this report already."))
    detail = f"{outcome}: {note}" if note else outcome
    scene.log(Audit.REPORT_HANDLED, me, to=report.author_id, number=report.number, detail=detail)


def _delete_message(actor: User, report: Report) -> None:
    [done] = messages.commit([Delete(report.room_id, actor.pk, report.number)])
    if isinstance(done, ChatError) and done.code is not Code.NOT_FOUND:  # its author may have been quicker
        raise done


def _mute(scene: Scene, me: Known, other: Known, seconds: int, reason: str) -> None:
    policy.act_on(me.person, scene.room, me.standing, other.person, other.standing)
    until = _until(scene, seconds, limits.RESTRICTION_SECONDS)
    _restrict(scene, me, other, Restriction.Kind.MUTE, until, reason)
    scene.record(Audit.MUTED, me, to=other.person.pk, detail=_detail(until, reason))


def _ban(scene: Scene, me: Known, other: Known, seconds: int | None, reason: str, by_address: bool) -> None:
    policy.act_on(me.person, scene.room, me.standing, other.person, other.standing)
    if by_address and seconds is None:
        raise ChatError(Code.BAD_REQUEST, _("A ban that goes for an address has to end."))
    most = limits.ADDRESS_BAN_SECONDS if by_address else limits.RESTRICTION_SECONDS
    until = None if seconds is None else _until(scene, seconds, most)
    address = _address(other) if by_address else ""
    _restrict(scene, me, other, Restriction.Kind.BAN, until, reason, address)
    memberships.expel(scene, other, by=me, kind=Audit.BANNED, detail=_detail(until, reason))


def _restrict(
    scene: Scene,
    me: Known,
    other: Known,
    kind: Restriction.Kind,
    until: datetime | None,
    reason: str,
    address: str = "",
) -> None:
    others = Restriction.objects.filter(room=scene.room)
    others.filter(expires_at__lte=scene.now).delete()
    others.filter(person=other.person.pk, kind=kind).delete()
    if others.count() >= limits.ROOM_RESTRICTIONS:
        raise ChatError(Code.BAD_REQUEST, f"A room has at most {limits.ROOM_RESTRICTIONS} bans and mutes at a time.")
    Restriction.objects.create(
        room=scene.room,
        person_id=other.person.pk,
        kind=kind,
        address=address,
        reason=reason,
        made_by_id=me.person.pk,
        made_at=scene.now,
        expires_at=until,
    )


def _address(other: Known) -> str:
    came_from = User.objects.values_list("came_from", flat=True).get(pk=other.person.pk)
    if not other.person.is_guest or not came_from:
        raise ChatError(Code.BAD_REQUEST, _("A ban can go for an address only where a guest's address is known."))
    return came_from


def _until(scene: Scene, seconds: int, most: int) -> datetime:
    if not 1 <= seconds <= most:
        raise ChatError(Code.BAD_REQUEST, f"Expected 1 to {most} seconds.")
    return scene.now + timedelta(seconds=seconds)


def _detail(until: datetime | None, reason: str) -> str:
    when = until.strftime("until %Y-%m-%d %H:%M UTC") if until else "for good"
    return f"{when}: {reason}" if reason else when


def _not_too_many_reports(reporter: User) -> None:
    hour = timedelta(hours=1)
    recent = Report.objects.filter(reporter=reporter, made_at__gt=timezone.now() - hour).order_by("-made_at")
    made = list(recent.values_list("made_at", flat=True)[: limits.REPORTS_PER_HOUR])
    if len(made) == limits.REPORTS_PER_HOUR:
        wait = (made[-1] + hour - timezone.now()).total_seconds()
        raise ChatError(Code.RATE_LIMITED, _("You have reported a lot; wait a while."), retry_after=max(wait, 1))


def _line(typed: str) -> str:
    """Raises ChatError(bad_request) for more than fits, or what no database takes."""
    line = " ".join(typed.split())
    if len(line) > limits.REASON_LENGTH or "\x00" in line:
        raise ChatError(Code.BAD_REQUEST, f"Expected at most {limits.REASON_LENGTH} characters of text.")
    return line
