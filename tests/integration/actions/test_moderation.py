"""Mutes, bans and reports: who is silent or kept out, for how long, and what is written down of it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from chat import limits
from chat.actions import accounts, invitations, memberships, messages, moderation, rooms
from chat.models import AuditEntry, Membership, Message, Report, Restriction, Room, User
from chat.queries import members, reports
from chat.queries import rooms as reads
from chat.wire.codes import ChatError, Code
from tests.cast import Cast, delete, edit, post, say

pytestmark = pytest.mark.django_db(transaction=True)


def refused(code: Code, work: Callable[..., object], *arguments: object, **named: object) -> str:
    with pytest.raises(ChatError) as caught:
        work(*arguments, **named)
    assert caught.value.code is code, caught.value
    assert caught.value.message.endswith(".")
    return caught.value.message


def said(room: Room, person: User) -> Code | None:
    [outcome] = messages.commit([post(room, person)])
    return outcome.code if isinstance(outcome, ChatError) else None


def newest(room: Room) -> AuditEntry:
    return AuditEntry.objects.filter(room=room.pk).order_by("-pk")[0]


def pass_time(hours: float) -> None:
    """What was to end within that time has ended."""
    for one in Restriction.objects.exclude(expires_at=None):
        Restriction.objects.filter(pk=one.pk).update(expires_at=one.expires_at - timedelta(hours=hours))


# Mutes


def test_who_is_muted_reads_and_takes_back_and_says_nothing_for_a_while(cast: Cast) -> None:
    say(cast.den, cast.ana, "one", "two")
    moderation.mute(cast.mia, cast.den.pk, cast.ana.pk, 3600, "calm down")

    [outcome] = messages.commit([post(cast.den, cast.ana)])
    assert isinstance(outcome, ChatError)
    assert outcome.code is Code.FORBIDDEN
    assert "until" in outcome.message
    [edited] = messages.commit([messages.Edit(cast.den.pk, cast.ana.pk, 1, "x")])
    assert isinstance(edited, ChatError)
    assert delete(cast.den, cast.ana, 2) == 4
    told = reads.described(cast.ana, *reads.find(cast.ana, cast.den.slug))
    assert "send" not in told.may
    assert told.muted_until is not None
    assert timedelta(0) <= datetime.fromisoformat(told.muted_until) - timezone.now() < timedelta(seconds=3601)
    assert (newest(cast.den).kind, newest(cast.den).person, newest(cast.den).actor) == ("muted", cast.ana, cast.mia)
    assert "calm down" in newest(cast.den).detail
    pass_time(1.1)
    assert said(cast.den, cast.ana) is None


def test_a_mute_is_renewed_and_lifted(cast: Cast) -> None:
    moderation.mute(cast.mia, cast.den.pk, cast.ana.pk, 60)
    moderation.mute(cast.olga, cast.den.pk, cast.ana.pk, 3600)
    [mute] = members.restricted(cast.den.pk)
    assert (mute.made_by, mute.expires_at > timezone.now() + timedelta(minutes=50)) == (cast.olga, True)

    refused(Code.FORBIDDEN, moderation.lift, cast.ana, cast.den.pk, cast.ana.pk, "mute")
    moderation.lift(cast.mia, cast.den.pk, cast.ana.pk, "mute")

    assert said(cast.den, cast.ana) is None
    assert newest(cast.den).kind == "unmuted"
    before = AuditEntry.objects.count()
    moderation.lift(cast.mia, cast.den.pk, cast.ana.pk, "mute")
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("seconds", [0, -1, 10**12])
def test_a_mute_has_an_end_within_bounds(cast: Cast, seconds: int) -> None:
    refused(Code.BAD_REQUEST, moderation.mute, cast.mia, cast.den.pk, cast.ana.pk, seconds)


# Bans


def test_who_is_banned_is_out_and_comes_in_by_no_door(cast: Cast) -> None:
    link = invitations.make(cast.mia, cast.den.pk, 60, 5)
    moderation.ban(cast.mia, cast.den.pk, cast.ana.pk, reason="spam")

    assert not Membership.objects.filter(room=cast.den, person=cast.ana).exists()
    assert said(cast.den, cast.ana) is Code.NOT_FOUND
    refused(Code.NOT_FOUND, reads.find, cast.ana, cast.den.slug)
    refused(Code.NOT_FOUND, invitations.accept, cast.ana, link)
    refused(Code.FORBIDDEN, memberships.add, cast.mia, cast.den.pk, cast.ana.pk)
    assert (newest(cast.den).kind, newest(cast.den).detail) == ("banned", "for good: spam")
    moderation.lift(cast.mia, cast.den.pk, cast.ana.pk, "ban")
    refused(Code.NOT_FOUND, reads.find, cast.ana, cast.den.slug)  # a stranger now
    assert invitations.accept(cast.ana, link) == cast.den


def test_who_is_banned_from_a_public_room_is_told_so(cast: Cast) -> None:
    room = rooms.make(cast.olga, Room.Kind.PUBLIC, "Open")
    moderation.ban(cast.olga, room.pk, cast.visitor.pk, 3600)
    moderation.ban(cast.sara, cast.lobby.pk, cast.ana.pk)  # by the staff, in a room that nobody owns

    for person, where in ((cast.visitor, room), (cast.ana, cast.lobby)):
        assert refused(Code.FORBIDDEN, rooms.enter, person, where.slug) == "You are banned from this room."
        assert said(where, person) is Code.FORBIDDEN
        assert where not in reads.directory(person, length=50).rooms
    pass_time(1.1)
    assert rooms.enter(cast.visitor, room.slug).room == room


def test_a_ban_by_address_meets_every_guest_from_there_and_nobody_with_an_account(cast: Cast) -> None:
    room = rooms.make(cast.olga, Room.Kind.PUBLIC, "Open")
    rooms.enter(cast.visitor, "open", address="192.0.2.7")
    moderation.ban(cast.olga, room.pk, cast.visitor.pk, 3600, by_address=True)

    again = accounts.guest("a fresh cookie", address="192.0.2.7")
    for guest in (cast.visitor, again):
        refused(Code.FORBIDDEN, rooms.enter, guest, "open", address="192.0.2.7")
        assert said(room, guest) is Code.FORBIDDEN
    elsewhere = accounts.guest("another", address="192.0.2.8")
    assert rooms.enter(elsewhere, "open", address="192.0.2.8").room == room
    refused(Code.FORBIDDEN, rooms.enter, elsewhere, "open", address="192.0.2.7")  # comes from there now
    assert rooms.enter(cast.bo, "open", address="192.0.2.7").room == room
    assert rooms.enter(again, "lobby", address="192.0.2.7").room == cast.lobby
    pass_time(1.1)
    assert said(room, again) is None


def test_a_ban_by_address_needs_a_guest_and_an_end(cast: Cast) -> None:
    ban, den = moderation.ban, cast.den.pk
    refused(Code.BAD_REQUEST, ban, cast.mia, den, cast.visitor.pk, 3600, by_address=True)  # it is not known
    rooms.enter(cast.visitor, "lobby", address="192.0.2.7")
    refused(Code.BAD_REQUEST, ban, cast.mia, den, cast.visitor.pk, None, by_address=True)
    refused(Code.BAD_REQUEST, ban, cast.mia, den, cast.visitor.pk, limits.ADDRESS_BAN_SECONDS + 1, by_address=True)
    refused(Code.BAD_REQUEST, ban, cast.mia, den, cast.ana.pk, 3600, by_address=True)

    assert not Restriction.objects.exists()
    assert Membership.objects.filter(room=cast.den).count() == 4


def test_one_bans_those_below_and_nobody_else(cast: Cast) -> None:
    for who, whom in ((cast.mia, cast.olga), (cast.ana, cast.visitor), (cast.mia, cast.mia), (cast.olga, cast.sara)):
        refused(Code.FORBIDDEN, moderation.ban, who, cast.den.pk, whom.pk)
    refused(Code.NOT_FOUND, moderation.ban, cast.bo, cast.den.pk, cast.ana.pk)
    refused(Code.NOT_FOUND, moderation.ban, cast.mia, cast.den.pk, 10**9)
    moderation.ban(cast.mia, cast.den.pk, cast.bo.pk)  # a stranger, so that no link lets him in
    moderation.ban(cast.sara, cast.den.pk, cast.olga.pk)  # the last owner: the room goes on
    assert Membership.objects.get(room=cast.den, person=cast.mia).role == "owner"


def test_a_room_holds_so_many_bans_and_forgets_those_that_are_over(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROOM_RESTRICTIONS", 2)
    moderation.mute(cast.mia, cast.den.pk, cast.ana.pk, 3600)
    moderation.ban(cast.mia, cast.den.pk, cast.bo.pk, 3600)
    refused(Code.BAD_REQUEST, moderation.mute, cast.mia, cast.den.pk, cast.visitor.pk, 60)
    moderation.mute(cast.mia, cast.den.pk, cast.ana.pk, 60)  # instead of their first one

    pass_time(2)
    moderation.mute(cast.mia, cast.den.pk, cast.visitor.pk, 60)

    assert Restriction.objects.count() == 1


def test_a_reason_has_bounds(cast: Cast) -> None:
    for reason in ("x" * 501, "a\x00"):
        refused(Code.BAD_REQUEST, moderation.ban, cast.mia, cast.den.pk, cast.ana.pk, None, reason)
    moderation.ban(cast.mia, cast.den.pk, cast.ana.pk, None, "聊" * 500)


# Moderators' deletions


def test_a_moderator_deletes_anybodys_message_and_the_log_says_so(cast: Cast) -> None:
    say(cast.den, cast.ana, "rude")
    Message.objects.update(created_at="2020-01-01T00:00:00Z")

    assert delete(cast.den, cast.mia, 2 - 1) == 2
    assert delete(cast.den, cast.mia, 1) == 2  # the repeat

    entry = newest(cast.den)
    assert (entry.kind, entry.actor, entry.person, entry.number, entry.seq) == (
        "message_deleted", cast.mia, cast.ana, 1, 2
    )  # fmt: skip
    assert AuditEntry.objects.filter(kind="message_deleted").count() == 1
    say(cast.den, cast.mia, "own")
    delete(cast.den, cast.mia, 3)
    assert AuditEntry.objects.filter(kind="message_deleted").count() == 1


# Reports


def test_a_report_waits_for_those_who_moderate_with_the_words_of_then(cast: Cast) -> None:
    say(cast.den, cast.ana, "rude")
    moderation.report(cast.visitor, cast.den.pk, 1, "  this is\n rude ")
    edit(cast.den, cast.ana, 1, "polite")

    for moderator in (cast.mia, cast.olga, cast.sara):
        [report] = reports.queue(moderator).reports
        assert (report.text, report.reason, report.author, report.reporter) == (
            "rude", "this is rude", cast.ana, cast.visitor
        )  # fmt: skip
    for other in (cast.ana, cast.visitor, cast.bo, None):
        assert reports.queue(other).reports == []
    assert reports.queue(cast.mia, cast.lobby.pk).reports == []


def test_what_cannot_be_reported(cast: Cast) -> None:
    say(cast.den, cast.ana, "a", "b")
    say(cast.lobby, cast.ana, "a")
    delete(cast.den, cast.ana, 2)

    refused(Code.BAD_REQUEST, moderation.report, cast.mia, cast.den.pk, 1, "   ")
    refused(Code.BAD_REQUEST, moderation.report, cast.mia, cast.den.pk, 1, "x" * 501)
    for number in (2, 99):
        refused(Code.NOT_FOUND, moderation.report, cast.mia, cast.den.pk, number, "rude")
    refused(Code.NOT_FOUND, moderation.report, cast.bo, cast.den.pk, 1, "rude")
    refused(Code.NOT_FOUND, moderation.report, cast.zoe, cast.lobby.pk, 1, "rude")
    refused(Code.FORBIDDEN, moderation.report, cast.visitor, cast.lobby.pk, 1, "rude")
    assert not Report.objects.exists()


def test_one_reports_a_message_once_and_so_many_in_an_hour(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REPORTS_PER_HOUR", 2)
    say(cast.den, cast.ana, "a", "b", "c")
    for _ in range(2):
        moderation.report(cast.mia, cast.den.pk, 1, "rude")
    assert Report.objects.count() == 1
    moderation.report(cast.mia, cast.den.pk, 2, "rude")
    with pytest.raises(ChatError) as caught:
        moderation.report(cast.mia, cast.den.pk, 3, "rude")
    assert caught.value.code is Code.RATE_LIMITED
    assert caught.value.retry_after == pytest.approx(3600, abs=60)

    Report.objects.update(made_at=timezone.now() - timedelta(minutes=61))
    moderation.report(cast.mia, cast.den.pk, 3, "rude")


@pytest.fixture
def reported(cast: Cast) -> Report:
    say(cast.den, cast.ana, "rude")
    moderation.report(cast.visitor, cast.den.pk, 1, "rude")
    moderation.report(cast.mia, cast.den.pk, 1, "very rude")
    return Report.objects.order_by("pk")[0]


@pytest.mark.parametrize("outcome", ["dismissed", "deleted", "muted", "banned"])
def test_a_handled_report_says_what_was_done_and_all_of_that_message_with_it(
    cast: Cast, reported: Report, outcome: str
) -> None:
    seconds = 3600 if outcome in ("muted", "banned") else None
    moderation.handle(cast.mia, reported.pk, outcome, "as agreed", seconds=seconds)

    assert reports.queue(cast.mia).reports == []
    handled = reports.queue(cast.mia, handled=True).reports
    assert [(one.outcome, one.note, one.handled_by) for one in handled] == [(outcome, "as agreed", cast.mia)] * 2
    entry = AuditEntry.objects.get(kind="report_handled")
    assert (entry.actor, entry.person, entry.number, entry.detail) == (cast.mia, cast.ana, 1, f"{outcome}: as agreed")
    gone = Message.objects.get(room=cast.den, number=1).deleted_at is not None
    assert gone is (outcome == "deleted")
    expected = {"muted": Code.FORBIDDEN, "banned": Code.NOT_FOUND}.get(outcome)
    assert said(cast.den, cast.ana) is expected
    refused(Code.BAD_REQUEST, moderation.handle, cast.mia, reported.pk, "dismissed")


def test_a_report_that_cannot_be_handled_so_stays_open(cast: Cast, reported: Report) -> None:
    refused(Code.BAD_REQUEST, moderation.handle, cast.mia, reported.pk, "forgiven")
    refused(Code.BAD_REQUEST, moderation.handle, cast.mia, reported.pk, "muted", seconds=0)
    Membership.objects.filter(room=cast.den, person=cast.ana).update(role="owner")
    refused(Code.FORBIDDEN, moderation.handle, cast.mia, reported.pk, "banned")
    refused(Code.FORBIDDEN, moderation.handle, cast.ana, reported.pk, "dismissed")  # of her own words
    for other in (cast.visitor, cast.bo):
        refused(Code.NOT_FOUND, moderation.handle, other, reported.pk, "dismissed")
    refused(Code.NOT_FOUND, moderation.handle, cast.mia, 10**9, "dismissed")

    assert len(reports.queue(cast.mia).reports) == 2
    assert said(cast.den, cast.ana) is None


def test_the_staff_answer_reports_from_rooms_that_they_cannot_look_into(cast: Cast) -> None:
    room = rooms.talk(cast.ana, [cast.bo.pk])
    say(room, cast.bo, "rude")
    moderation.report(cast.ana, room.pk, 1, "rude")
    [report] = reports.queue(cast.sara).reports
    assert reports.queue(cast.bo).reports == []

    moderation.handle(cast.sara, report.pk, "deleted")

    assert Message.objects.get(room=room, number=1).deleted_at is not None
    refused(Code.NOT_FOUND, reads.find, cast.sara, room.slug)


def test_a_message_that_its_author_deleted_meanwhile_is_as_good_as_deleted(cast: Cast, reported: Report) -> None:
    delete(cast.den, cast.ana, 1)

    moderation.handle(cast.mia, reported.pk, "deleted")

    assert reports.queue(cast.mia).reports == []


def test_the_queue_comes_by_pages(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LIST_ROWS", 2)
    say(cast.den, cast.ana, "a", "b", "c")
    for number in (1, 2, 3):
        moderation.report(cast.mia, cast.den.pk, number, "rude")

    first, second = (reports.queue(cast.mia, page=page) for page in (1, 2))

    assert ([one.number for one in first.reports], first.more) == ([1, 2], True)
    assert ([one.number for one in second.reports], second.more) == ([3], False)
