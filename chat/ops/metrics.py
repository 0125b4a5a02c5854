"""Shows the numbers of this process to Prometheus; deploy/README.md tells what each means and when to worry."""

import asyncio
from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from chat.vitals import Gauges, Histogram, vitals
from chat.wire.codes import Close, Code

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"

_process = ProcessCollector(registry=CollectorRegistry())


async def exposition(gauges: Gauges | None) -> bytes:
    """All numbers as text, put together in a thread: a process with many sockets has many files to count."""
    return await asyncio.to_thread(generate_latest, _Snapshot(gauges))


class _Snapshot(CollectorRegistry):
    def __init__(self, gauges: Gauges | None) -> None:
        super().__init__()
        self._gauges = gauges

    def collect(self) -> Iterator[Metric]:
        yield from _counted()
        if self._gauges is not None:
            yield from _measured(self._gauges)
        yield from _process.collect()


def _counted() -> Iterator[Metric]:
    yield _counter("messages", "Messages saved by this process", vitals.messages)
    yield _counter("repeats", "Messages sent again that had been saved before", vitals.repeats)
    yield _counter("deliveries", "Frames of rooms' logs, each to one socket of this process", vitals.deliveries)
    yield _counter("gap_fills", "Pages read from the database where an announcement was missing", vitals.gap_fills)
    yield _by("refusals", "Requests over sockets that were refused, by error code", "code", _refusals())
    yield _by("socket_closes", "Sockets that this process closed, by reason", "reason", _closes())
    yield _histogram("commit_seconds", "From a batch of changes to its outcome", vitals.commit)
    yield _histogram("batch_changes", "Changes that shared a transaction", vitals.batch)
    yield _histogram(
        "commit_to_socket_seconds",
        "From a commit here to the last write to this process's sockets",
        vitals.commit_to_socket,
    )
    yield _histogram(
        "layer_echo_seconds", "From a word to ourselves through the channel layer to hearing it", vitals.echo
    )
    yield _histogram("event_loop_lag_seconds", "By how much a call came later than it was due", vitals.lag)


def _refusals() -> dict[str, int]:
    return {code.value: vitals.refusals[code] for code in Code}


def _closes() -> dict[str, int]:
    return {close.name.lower(): vitals.closes[close] for close in Close}


def _measured(gauges: Gauges) -> Iterator[Metric]:
    yield _gauge("sockets", "Open sockets", gauges.sockets)
    yield _gauge("rooms", "Rooms with somebody in them here", gauges.rooms)
    yield _gauge("unread_bytes", "Bytes that clients have not taken from this process", gauges.unread_bytes)
    yield _gauge("waiting_changes", "Changes that wait for the next transaction", gauges.waiting_changes)
    yield _gauge("layer_up", "1 where news reach other processes, as far as is known", gauges.layer_up)
    yield _gauge("stopping", "1 from being told to stop", gauges.stopping)
    yield _counter("layer_dropped", "News for other processes that were dropped", gauges.layer_dropped)
    yield _counter("layer_not_understood", "News of a newer version", gauges.layer_not_understood)
    yield _counter("layer_rebuilt", "Times that the channel layer was built anew", gauges.layer_rebuilt)


def _counter(name: str, meaning: str, value: int) -> Metric:
    return CounterMetricFamily(f"chat_{name}", meaning, value=value)


def _gauge(name: str, meaning: str, value: int) -> Metric:
    return GaugeMetricFamily(f"chat_{name}", meaning, value=value)


def _by(name: str, meaning: str, label: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(f"chat_{name}", meaning, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _histogram(name: str, meaning: str, histogram: Histogram) -> Metric:
    bounds = [*(f"{bound:g}" for bound in histogram.bounds), "+Inf"]
    buckets = list(zip(bounds, accumulate(histogram.counts), strict=True))
    return HistogramMetricFamily(f"chat_{name}", meaning, buckets=buckets, sum_value=histogram.total)
