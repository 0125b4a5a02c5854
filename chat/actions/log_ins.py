"""Decides whether a name and a password are somebody's, without telling which of the two was wrong.

Every try costs the same work, whether there is such a person or not. Only tries that fail are counted: for one name
from one address, for one name from anywhere, and for an address. A browser in which the person has logged in before
has a count of its own instead, so that nobody is kept out by others who guess at their name or share their address.
"""

from typing import NamedTuple

from chat import limits
from chat.actions import tries
from chat.actions.tries import Bound
from chat.models import User
from chat.policy import Denied
from chat.queries import people
from chat.text import names
from chat.wire.codes import ChatError, Code


class Browser(NamedTuple):
    """Where somebody tries to log in. `people` have logged in there before; `address` is None where it is not known."""

    address: str | None
    mark: str = ""
    people: frozenset[int] = frozenset()


class WrongPassword(ChatError):
    def __init__(self) -> None:
        super().__init__(Code.BAD_REQUEST, "This name and this password do not go together.")


def check(name: str, password: str, browser: Browser) -> User:
    """The member whose these are.

    Raises WrongPassword; ChatError(rate_limited) after too many; Denied(forbidden) for one who is deactivated, and only
    to who knows the password.
    """
    person = people.of_name(name)
    bounds = _bounds(name, person, browser)
    if wait := tries.take(*bounds):
        raise ChatError(Code.RATE_LIMITED, "Too many tries; wait a moment.", retry_after=wait)
    correct = (person or User()).check_password(password[: limits.PASSWORD_LENGTH + 1])
    if person is None or not correct:
        raise WrongPassword
    tries.give_back(*bounds)
    if not person.is_active:
        raise Denied(Code.FORBIDDEN, "This account is deactivated.")
    return person


def confirm(person: User, password: str) -> None:
    """Whether it is the person who asks, before something that matters. Raises as `check`."""
    bound = _bound("confirm", str(person.pk))
    if wait := tries.take(bound):
        raise ChatError(Code.RATE_LIMITED, "Too many tries; wait a moment.", retry_after=wait)
    if not person.check_password(password[: limits.PASSWORD_LENGTH + 1]):
        raise WrongPassword
    tries.give_back(bound)


def _bounds(name: str, person: User | None, browser: Browser) -> list[Bound]:
    if person is not None and person.pk in browser.people:
        return [_bound("browser", browser.mark)]
    key = names.key(name)
    bounds = [
        _bound("log in", key, browser.address or ""),
        Bound(("name", key), limits.NAME_TRIES, limits.NAME_WAIT_SECONDS),
    ]
    if browser.address is not None:
        bounds.append(Bound(("address", browser.address), limits.ADDRESS_TRIES, limits.ADDRESS_WAIT_SECONDS))
    return bounds


def _bound(*about: str) -> Bound:
    return Bound(about, limits.LOG_IN_TRIES, limits.LOG_IN_WAIT_SECONDS)
