"""Puts the member who is logged in on each request, out of the session's own row: one query for both."""

from asgiref.sync import sync_to_async
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from chat.models import User
from chat.queries import people


class Identity(AuthenticationMiddleware):
    """As Django's, but for a rotated SECRET_KEY: Django would give the session another key with the first request, and
    a second one on its way at that moment would find the old one gone and take the browser's cookie away.
    """

    def process_request(self, request: HttpRequest) -> None:
        request.user = SimpleLazyObject(lambda: _member(request))  # type: ignore[assignment]
        request.auser = sync_to_async(lambda: _member(request))


def _member(request: HttpRequest) -> User | AnonymousUser:
    session = request.session
    if SESSION_KEY not in session:
        return AnonymousUser()
    row = session.row  # type: ignore[attr-defined]
    member = people.member_of(row, dict(session.items())) if row else None
    if member is None:  # another password since, or gone
        session.flush()
        return AnonymousUser()
    current = member.get_session_auth_hash()
    if session[HASH_SESSION_KEY] != current:  # it was one of a fallback key
        session[HASH_SESSION_KEY] = current
    return member
