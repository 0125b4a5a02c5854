"""Bounds how many guests and rooms come to be from one address, whichever way they come."""

from chat import limits
from chat.rates import Buckets
from chat.wire.codes import ChatError, Code

_guests = Buckets(limits.GUEST_BURST, limits.GUESTS_PER_SECOND)
_rooms = Buckets(limits.ROOM_BURST, limits.ROOMS_PER_SECOND)


class Newcomers:
    """Of one address; None where it is not known, and nothing is bounded."""

    __slots__ = ("address",)

    def __init__(self, address: str | None) -> None:
        self.address = address

    def guest(self) -> None:
        self._take(_guests)

    def room(self) -> None:
        self._take(_rooms)

    def _take(self, buckets: Buckets) -> None:
        wait = buckets.take(self.address)
        if wait:
            raise ChatError(Code.RATE_LIMITED, "Too many newcomers from this address.", retry_after=wait)
