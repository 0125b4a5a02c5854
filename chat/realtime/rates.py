"""Token buckets: how much at once, how much a second. Per process; switched off by CHAT_RATE_LIMITS=off."""

from collections.abc import Callable
from time import monotonic

from chat import limits


class Bucket:
    """Holds up to `burst` tokens and gains `per_second`."""

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
    """One bucket a person (or address); those that are full again are forgotten."""

    def __init__(self, burst: float, per_second: float) -> None:
        self._burst = burst
        self._per_second = per_second
        self._buckets: dict[int, Bucket] = {}

    def of(self, key: int) -> Bucket:
        if len(self._buckets) >= 1_000 and key not in self._buckets:
            self._buckets = {known: bucket for known, bucket in self._buckets.items() if not bucket.full}
        return self._buckets.setdefault(key, Bucket(self._burst, self._per_second))
