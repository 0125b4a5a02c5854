"""Changes a person's name, now and then."""

from chat import limits
from chat.actions import accounts
from chat.models import User
from chat.rates import Buckets
from chat.wire.codes import ChatError, Code

_rates = Buckets(limits.RENAME_BURST, limits.RENAMES_PER_SECOND)


def rename(user: User, typed: str) -> User:
    """Raises as accounts.rename, and ChatError(rate_limited)."""
    if wait := _rates.take(user.pk):
        raise ChatError(Code.RATE_LIMITED, "You are changing your name too often; wait a moment.", retry_after=wait)
    return accounts.rename(user, typed)
