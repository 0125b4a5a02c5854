"""The numbers as they are counted, and as Prometheus reads them."""

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chat import limits
from chat.ops import metrics
from chat.vitals import Gauges, Histogram

OPERATORS = Path(limits.__file__).parents[1] / "deploy" / "README.md"
GAUGES = Gauges(
    sockets=3,
    rooms=2,
    unread_bytes=10,
    waiting_changes=0,
    layer_up=True,
    layer_dropped=0,
    layer_not_understood=0,
    layer_rebuilt=1,
    stopping=False,
)


def test_a_value_counts_for_the_first_bound_that_is_not_below_it() -> None:
    histogram = Histogram(1, 10, 100)
    for value in (0, 1, 1.5, 10, 100, 101):
        histogram.observe(value)

    assert histogram.counts == [2, 2, 1, 1]
    assert histogram.total == pytest.approx(213.5)


def test_what_prometheus_reads_adds_up() -> None:
    histogram = Histogram(0.001, 1)
    for value in (0.0001, 0.5, 7):
        histogram.observe(value)

    samples = {
        (sample.name, sample.labels.get("le")): sample.value
        for sample in metrics._histogram("x_seconds", "A test's", histogram).samples
    }
    assert samples["chat_x_seconds_bucket", "0.001"] == 1
    assert samples["chat_x_seconds_bucket", "1"] == 2
    assert samples["chat_x_seconds_bucket", "+Inf"] == samples["chat_x_seconds_count", None] == 3
    assert samples["chat_x_seconds_sum", None] == pytest.approx(7.5001)


async def test_without_a_node_there_are_the_counts_alone() -> None:
    names = _names((await metrics.exposition(None)).decode())

    assert "chat_messages" in names
    assert "chat_sockets" not in names


async def test_the_page_for_operators_tells_of_every_metric_and_of_no_other() -> None:
    shown = {name for name in _names((await metrics.exposition(GAUGES)).decode()) if name.startswith("chat_")}
    told = set(re.findall(r"^\| `(chat_\w+?)(?:_total)?(?:\{\w+\})?` \|", OPERATORS.read_text(), re.MULTILINE))

    assert shown
    assert told == shown


def _names(text: str) -> set[str]:
    return {family.name for family in text_string_to_metric_families(text)}
