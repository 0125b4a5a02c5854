"""How figures are printed: the median of some runs, and how far apart they were."""

from collections.abc import Callable, Sequence
from statistics import median
from typing import TypeVar

from tests.bench.load import Shape
from tests.bench.subject import Return, Talk

Run = TypeVar("Run")
BUSY = 0.8  # of the load's core; above it the load may be the limit
BUSY_WORD = f"(the load took more than {BUSY:.0%} of its core, and may be what limits deliveries/s)"

TALK_HEAD = (
    f"{'shape':<19}{'server':<18}{'CPU us each':>12}{'of runs':>14}{'loop':>6}{'kernel':>7}{'postgres':>9}"
    f"{'deliveries/s':>13}{'load':>6}{'p50 ms':>8}{'p95':>8}{'p99':>8}{'KiB/socket':>11}{'joins/s':>8}{'CPU ms':>7}"
)
RETURN_HEAD = (
    f"{'shape':<19}{'server':<18}{'back':>6}{'refused':>8}{'all in s':>9}{'p50':>7}{'p99':>7}{'CPU ms each':>12}"
    f"{'load':>6}{'KiB/socket':>11}{'first CPU ms':>13}"
)


def floor_line(microseconds: float) -> str:
    return f"A bare write to a socket costs {microseconds:.2f} us on this machine now."


def talk_line(shape: Shape, name: str, runs: Sequence[Talk]) -> str:
    def middle(figure: Callable[[Talk], float]) -> float:
        return median(map(figure, runs))

    each = [run.micros for run in runs]
    spread = f"{min(each):.2f} - {max(each):.2f}" if len(each) > 1 else ""
    return (
        f"{shape!s:<19}{name:<18}{median(each):>12.2f}{spread:>14}{middle(lambda run: run.loop_share):>6.0%}"
        f"{middle(lambda run: run.kernel_share):>7.0%}{middle(lambda run: run.postgres_micros):>9.2f}"
        f"{middle(lambda run: run.saw.deliveries / run.saw.seconds):>13,.0f}{_load_share(runs):>6.0%}"
        f"{_or_none(middle(lambda run: run.saw.p50))}{_or_none(middle(lambda run: run.saw.p95))}"
        f"{_or_none(middle(lambda run: run.saw.p99))}{middle(lambda run: run.joined.kib):>11.1f}"
        f"{middle(lambda run: run.joined.a_second):>8.0f}{middle(lambda run: run.joined.cpu) * 1e3:>7.2f}"
    )


def _load_share(runs: Sequence[Talk]) -> float:
    return median(run.load_share for run in runs)


def _or_none(milliseconds: float) -> str:
    """Where no message was both sent and heard by all within the measured seconds, there is no latency."""
    return f"{milliseconds:>8.2f}" if milliseconds else f"{'-':>8}"


def is_busy(runs: Sequence[Talk]) -> bool:
    return _load_share(runs) > BUSY


def ratio_line(what: str, ratio: float) -> str:
    return f"{'':<19}{what:<24}{ratio:>6.2f}"


def return_line(shape: Shape, name: str, runs: Sequence[Return]) -> str:
    def middle(figure: Callable[[Return], float]) -> float:
        return median(map(figure, runs))

    return (
        f"{shape!s:<19}{name:<18}{min(run.saw.back for run in runs):>6}{max(run.saw.refused for run in runs):>8}"
        f"{max(run.saw.seconds for run in runs):>9.2f}{middle(lambda run: run.saw.p50 / 1e3):>7.2f}"
        f"{middle(lambda run: run.saw.p99 / 1e3):>7.2f}{middle(lambda run: run.used.cpu / shape.sockets) * 1e3:>12.2f}"
        f"{middle(lambda run: run.saw.load_cpu / run.saw.seconds):>6.0%}{middle(lambda run: run.joined.kib):>11.1f}"
        f"{middle(lambda run: run.joined.cpu) * 1e3:>13.2f}"
    )
