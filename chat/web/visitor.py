"""Who is looking at a page: the person behind its session, and the secret that makes a guest the same tomorrow."""

from django.http import HttpRequest

from chat.actions import accounts
from chat.models import User
from chat.models.session import GUEST_KEY
from chat.policy import Viewer
from chat.queries import people


def person(request: HttpRequest) -> Viewer:
    """The member or guest of this request; None for a guest whose row is not made yet."""
    if isinstance(request.user, User):
        return request.user
    secret = request.session.get(GUEST_KEY)
    return people.of_guest_key(secret) if secret else None


def remember_guest(request: HttpRequest) -> None:
    """Give a visitor's session the guest's secret, so that page and socket mean the same person."""
    if not request.user.is_authenticated and GUEST_KEY not in request.session:
        request.session[GUEST_KEY] = accounts.fresh_guest_key()


def person_to_write(request: HttpRequest) -> User:
    """As `person`, but a guest's row is made."""
    if isinstance(request.user, User):
        return request.user
    remember_guest(request)
    return accounts.guest(request.session[GUEST_KEY])
