"""Begins a session as a member, and ends one."""

from django.contrib.auth import login
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from chat.actions import sessions
from chat.models import User

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def begin(request: HttpRequest, person: User) -> None:
    """Nothing of the former session goes on: not its key, its guest, its tie, nor sockets that were opened with it."""
    end(request)
    login(request, person, backend=_BACKEND)


def end(request: HttpRequest) -> None:
    sessions.end(request.session.session_key)
    request.session.flush()
    request.user = AnonymousUser()
