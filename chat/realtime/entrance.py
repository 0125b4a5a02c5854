"""Lets somebody into a room: who they are, which room it is, what they have missed. Runs in a reader's thread."""

import re
from typing import NamedTuple

from django.conf import settings
from django.http import parse_cookie

from chat import limits, policy
from chat.actions import accounts, rooms
from chat.actions.newcomers import Newcomers
from chat.models import Room, User
from chat.policy import Viewer
from chat.queries import log, people
from chat.queries.rooms import Numbers, described, epoch_key
from chat.realtime import parts
from chat.wire import events
from chat.wire.codes import ChatError, Code
from chat.wire.commands import History

_SESSION_KEY = re.compile(r"[a-z0-9]{8,64}")


class Entered(NamedTuple):
    user: Viewer
    room: Room
    epoch: str
    key: str | None  # a guest's secret, for one who has no cookie to keep it
    described: events.Room

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


def enter_rich(slug: str, newcomers: Newcomers, session: str | None, key: str | None) -> Entered:
    """A guest's row is made here. Raises Denied(not_found), ChatError(rate_limited, unavailable)."""
    epoch = epoch_key()
    visitor = people.of_session(session) if session else people.Visitor(None, None)
    user, shown_key = visitor.user, None
    policy.be_here(user)
    if user is None:
        shown_key = (
            None if visitor.guest_key else (key if key and people.of_guest_key(key) else accounts.fresh_guest_key())
        )
        user = accounts.guest(
            visitor.guest_key or shown_key or "", before_making=newcomers.guest, address=newcomers.address
        )
    room, standing = rooms.enter(user, slug, newcomers.room, newcomers.address)
    return Entered(user, room, epoch, shown_key, described(user, room, standing))


def enter_plain(slug: str, newcomers: Newcomers, session: str | None) -> Entered:
    """Who only listens stays without a row, unless a session names somebody."""
    epoch = epoch_key()
    visitor = people.of_session(session) if session else people.Visitor(None, None)
    policy.be_here(visitor.user)
    room, standing = rooms.enter(visitor.user, slug, newcomers.room, newcomers.address)
    return Entered(visitor.user, room, epoch, visitor.guest_key, described(visitor.user, room, standing))


def missed(viewer: Viewer, room: int, since: int | None) -> CaughtUp:
    """All that changed after `since`; the newest page where there is no valid `since` or it was too much."""
    who = policy.visible(viewer)
    if since is not None:
        page = log.changed_since(who, room, since, limits.SYNC_MESSAGES)
        if not page.more and since <= page.seq:
            return CaughtUp(page, complete=True)
    return CaughtUp(log.newest(who, room, limits.PAGE_MESSAGES), complete=False)


def history(viewer: Viewer, room: int, asked: History) -> str:
    """The frame with one page of the log. Raises ChatError(bad_request) unless exactly one id is given."""
    who = policy.visible(viewer)
    match asked.before, asked.after, asked.around:
        case int(middle), None, None:
            page = log.before(who, room, middle, asked.limit)
            messages, more = page.messages, events.More(before=page.more, after=middle <= page.seq)
        case None, int(edge), None:
            page = log.after(who, room, edge, asked.limit)
            messages, more, middle = page.messages, events.More(before=edge > 0, after=page.more), edge
        case None, None, int(middle):
            found, more = log.around(who, room, middle, asked.limit)
            messages = found.messages
        case _:
            raise ChatError(Code.BAD_REQUEST, "Expected exactly one of before, after and around.")
    return parts.history(asked.ref, messages, more, middle)


def make_guest(newcomers: Newcomers, key: str | None, wished: str) -> User:
    return accounts.guest(key or accounts.fresh_guest_key(), wished, newcomers.guest, newcomers.address)
