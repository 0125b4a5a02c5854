"""What a process can tell about itself in plain numbers: counted by what does the work, read by ops.

A count costs an addition for each batch of work, never one for each delivery. Each number is written by one thread.
"""

from bisect import bisect_left
from collections import Counter
from typing import NamedTuple


class Histogram:
    """How many values came up to each bound, as Prometheus wants it; the last count is of those above all bounds."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, *bounds: float) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Vitals:
    """Counted since the process began."""

    def __init__(self) -> None:
        self.messages = 0  # saved
        self.repeats = 0  # of messages saved before, answered with the number of the first
        self.deliveries = 0  # frames of rooms' logs, each to one socket
        self.gap_fills = 0  # pages read from the database because an announcement was missing
        self.refusals: Counter[str] = Counter()  # by error code
        self.closes: Counter[int] = Counter()  # sockets closed by us, by close code
        # In seconds
        self.commit = Histogram(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
        self.commit_to_socket = Histogram(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
        self.echo = Histogram(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
        self.lag = Histogram(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
        # In changes
        self.batch = Histogram(1, 2, 5, 10, 20, 50, 100, 200, 500)


class Gauges(NamedTuple):
    """The node of a process at one moment."""

    sockets: int
    rooms: int
    unread_bytes: int  # of ours that clients have not taken from us
    waiting_changes: int  # for the next transaction
    layer_up: bool
    layer_dropped: int  # news for other processes, since the process began
    layer_not_understood: int  # news of a newer version
    layer_rebuilt: int
    stopping: bool


vitals = Vitals()
