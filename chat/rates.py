"""Token buckets: how much at once, how much a second. Per process; switched off by CHAT_RATE_LIMITS=off."""

from collections.abc import Callable, Hashable
from time import monotonic

from chat import limits


class Bucket:
    """Holds up to `burst` tokens and gains `per_second`."""

    __slots__ = ("_burst", "_clock", "_per_second", "_seen", "_tokens")

    def __init__(self, burst: float, per_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._tokens = burst
        self._seen = clock()

    def take(self) -> float:
        """Take one token. Returns 0, or the seconds until there is one (and takes none)."""
        if not limits.RATE_LIMITS:
            return 0
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._seen) * self._per_second)
        self._seen = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return (1 - self._tokens) / self._per_second

    @property
    def full(self) -> bool:
        return self._tokens + (self._clock() - self._seen) * self._per_second >= self._burst


class Buckets:
    """One bucket a person or address; those that are full again are forgotten when there are many."""

    def __init__(self, burst: float, per_second: float, clock: Callable[[], float] = monotonic) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._buckets: dict[Hashable, Bucket] = {}
        self._tidy_at = 1_000

    def take(self, key: Hashable) -> float:
        """As Bucket.take, of that key's bucket. None is nobody in particular and has no bound."""
        if key is None:
            return 0
        if key not in self._buckets:
            self._tidy()
            self._buckets[key] = Bucket(self._burst, self._per_second, self._clock)
        return self._buckets[key].take()

    def _tidy(self) -> None:
        """Looks at all of them only when there are twice as many as were left the last time."""
        if len(self._buckets) >= self._tidy_at:
            self._buckets = {key: bucket for key, bucket in self._buckets.items() if not bucket.full}
            self._tidy_at = max(1_000, 2 * len(self._buckets))


class Count:
    """How many there are of each key at the moment, up to a bound."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: dict[Hashable, int] = {}

    def add(self, key: Hashable) -> bool:
        """Count one more, unless it would be too many; None is nobody in particular and has no bound."""
        if key is None:
            return True
        count = self._counts.get(key, 0)
        if limits.RATE_LIMITS and count >= self._most:
            return False
        self._counts[key] = count + 1
        return True

    def remove(self, key: Hashable) -> None:
        if key in self._counts:
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]
