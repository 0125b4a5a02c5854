"""Who is looking at a page: the person behind its session, and the secret that makes a guest the same tomorrow."""

from django.http import HttpRequest

from chat import limits, policy
from chat.actions import accounts
from chat.actions.newcomers import Newcomers
from chat.models import User
from chat.models.session import GUEST_KEY
from chat.policy import Viewer
from chat.queries import people
from chat.rates import Buckets
from chat.web import address

_visitor_rates = Buckets(limits.VISITOR_BURST, limits.VISITORS_PER_SECOND)


def person(request: HttpRequest) -> Viewer:
    """The member or guest of this request, deactivated or not; None for a guest whose row is not made yet."""
    if isinstance(request.user, User):
        return request.user
    secret = request.session.get(GUEST_KEY)
    if not secret:
        return None
    row = request.session.row  # type: ignore[attr-defined]
    return row.guest if row else people.of_guest_key(secret)


def remember_guest(request: HttpRequest) -> None:
    """Give a visitor's session the guest's secret, so that page and socket mean the same person.

    Not to more than a few at once from one address: the others are guests for as long as their page is open.
    """
    if request.user.is_authenticated or GUEST_KEY in request.session:
        return
    if _visitor_rates.take(address.of(request)) == 0:
        request.session[GUEST_KEY] = accounts.fresh_guest_key()


def person_to_write(request: HttpRequest) -> User:
    """As `person`, but a guest's row is made. Raises ChatError(rate_limited), Denied."""
    known = person(request)
    policy.be_here(known)
    if known is not None:
        return known
    secret = request.session.get(GUEST_KEY) or accounts.fresh_guest_key()
    here = address.of(request)
    made = accounts.guest(secret, before_making=Newcomers(here).guest, address=here)
    request.session[GUEST_KEY] = secret
    return made
