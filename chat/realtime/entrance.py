"""Lets somebody into a room: who they are, which room it is, what they have missed. Runs in a reader's thread."""

import re
from typing import NamedTuple

from django.conf import settings
from django.http import parse_cookie

from chat import limits, policy
from chat.actions import accounts, rooms
from chat.actions.newcomers import Newcomers
from chat.models.user import hash_address
from chat.policy import Denied, Reader, Standing
from chat.queries import entering, log, people
from chat.queries.entering import Found, RoomRow
from chat.queries.rooms import Numbers, described
from chat.queries.standings import PersonRow
from chat.realtime import parts
from chat.realtime.room import wire_epoch
from chat.wire import events
from chat.wire.codes import ChatError, Code
from chat.wire.commands import History

_SESSION_KEY = re.compile(r"[a-z0-9]{8,64}")


class Entered(NamedTuple):
    user: PersonRow | None
    room: RoomRow
    epoch: str
    key: str | None  # a guest's secret, for one who has no cookie to keep it
    described: events.Room
    read: int  # up to which number the room was read
    tie: str = ""  # of the session, where there is one

    @property
    def numbers(self) -> Numbers:
        return Numbers(self.room.pk, self.room.last_seq, self.room.state_seq)


class CaughtUp(NamedTuple):
    page: log.Page
    complete: bool


def session_key(headers: list[tuple[bytes, bytes]]) -> str | None:
    """The session's key from the cookies, read as Django reads them for a page, if there is one that could be."""
    cookies = "; ".join(value.decode("latin-1") for name, value in headers if name == b"cookie")
    found = parse_cookie(cookies).get(settings.SESSION_COOKIE_NAME, "")
    return found if _SESSION_KEY.fullmatch(found) else None


def enter_rich(
    slug: str, newcomers: Newcomers, session: str | None, key: str | None, since: int | None, epoch: str | None
) -> tuple[Entered, CaughtUp]:
    """Who it is, the room, and what they have missed: all in one go, for this is what a crowd that returns waits for.

    A guest's row is made here. Raises Denied(not_found), ChatError(rate_limited, unavailable).
    """
    visitor, present_epoch = entering.visitor(session)
    policy.be_here(visitor.user)
    user, shown_key = visitor.user, None
    if user is None:
        shown_key = (
            None if visitor.guest_key else (key if key and people.of_guest_key(key) else accounts.fresh_guest_key())
        )
        secret = visitor.guest_key or shown_key or ""
        user = entering.row_of(accounts.guest(secret, "", newcomers.guest, newcomers.address))
    entered = _entered(user, slug, newcomers, present_epoch, shown_key, visitor.tie)
    return entered, _missed_until(entered, since, epoch)


def enter_again(
    known: PersonRow, room: int, key: str | None, since: int | None, epoch: str | None
) -> tuple[Entered, CaughtUp]:
    """A later hello of a socket: the same person and the same room, whatever either is called by now.

    Its session is not looked at again: what ends with the session is told to the socket (accounts.py), and until then
    the writer finds out by the number that is kept here.
    """
    user, present_epoch = entering.person(known.pk)
    policy.be_here(user)
    if user is not None:
        user = user._replace(sessions_ended=known.sessions_ended)
    found = entering.room_of_key(user, room)
    if found is None:
        raise Denied(Code.NOT_FOUND)
    policy.see(user, found.room, found.standing)
    entered = _as_found(user, found, present_epoch, key)
    return entered, _missed_until(entered, since, epoch)


def _missed_until(entered: Entered, since: int | None, epoch: str | None) -> CaughtUp:
    numbers = entered.numbers
    known = since if epoch == wire_epoch(entered.epoch, numbers.room) else None
    if numbers.seq == (known or 0):  # nothing was said, or nothing since: the room was read, and with it the right
        return CaughtUp(log.Page([], numbers.seq, numbers.state_seq, more=False), complete=known is not None)
    return missed(entered.user, numbers.room, known)


def enter_plain(slug: str, newcomers: Newcomers, session: str | None) -> Entered:
    """Who only listens stays without a row, unless a session names somebody."""
    visitor, epoch = entering.visitor(session)
    policy.be_here(visitor.user)
    return _entered(visitor.user, slug, newcomers, epoch, visitor.guest_key, visitor.tie)


def _entered(user: PersonRow | None, slug: str, newcomers: Newcomers, epoch: str, key: str | None, tie: str) -> Entered:
    return _as_found(user, _known_room(user, slug, newcomers.address) or _room(user, slug, newcomers), epoch, key, tie)


def _as_found(user: PersonRow | None, found: Found, epoch: str, key: str | None, tie: str = "") -> Entered:
    return Entered(user, found.room, epoch, key, described(user, found.room, found.standing), found.read, tie)


def _known_room(user: PersonRow | None, slug: str, address: str | None) -> Found | None:
    """A room where all is written down already that entering it would write. Raises Denied, as policy has it."""
    found = entering.room(user, slug)
    if found is None or (user is not None and _is_new(user, found.standing, address)):
        return None
    policy.see(user, found.room, found.standing)
    return found


def _is_new(user: PersonRow, standing: Standing, address: str | None) -> bool:
    if user.is_guest:
        return address is not None and user.came_from != hash_address(address)
    return standing.role is None


def _room(user: PersonRow | None, slug: str, newcomers: Newcomers) -> Found:
    """The first time, or under an old name: made, joined, noted; and then read as it is for whoever comes again."""
    person = None if user is None else people.of_key(user.pk)
    entered = rooms.enter(person, slug, newcomers.room, newcomers.address)
    found = entering.room_of_key(user, entered.room.pk)
    if found is None:
        raise Denied(Code.NOT_FOUND)
    policy.see(user, found.room, found.standing)
    return found


def missed(viewer: Reader | None, room: int, since: int | None) -> CaughtUp:
    """All that changed after `since`; the newest page where there is no valid `since` or it was too much."""
    who, own = policy.visible(viewer), None if viewer is None else viewer.pk
    if since is not None:
        page = log.changed_since(who, room, since, limits.SYNC_MESSAGES, viewer=own)
        if not page.more and since <= page.seq:
            return CaughtUp(page, complete=True)
    return CaughtUp(log.newest(who, room, limits.PAGE_MESSAGES, viewer=own), complete=False)


def history(viewer: Reader | None, room: int, asked: History) -> str:
    """The frame with one page of the log. Raises ChatError(bad_request) unless exactly one id is given."""
    who, own = policy.visible(viewer), None if viewer is None else viewer.pk
    match asked.before, asked.after, asked.around:
        case int(middle), None, None:
            page = log.before(who, room, middle, asked.limit, viewer=own)
            messages, more = page.messages, events.More(before=page.more, after=middle <= page.seq)
        case None, int(edge), None:
            page = log.after(who, room, edge, asked.limit, viewer=own)
            messages, more, middle = page.messages, events.More(before=edge > 0, after=page.more), edge
        case None, None, int(middle):
            found, more = log.around(who, room, middle, asked.limit, viewer=own)
            messages = found.messages
        case _:
            raise ChatError(Code.BAD_REQUEST, "Expected exactly one of before, after and around.")
    return parts.history(asked.ref, messages, more, middle)


def make_guest(newcomers: Newcomers, key: str | None, wished: str) -> PersonRow:
    secret = key or accounts.fresh_guest_key()
    return entering.row_of(accounts.guest(secret, wished, newcomers.guest, newcomers.address))
