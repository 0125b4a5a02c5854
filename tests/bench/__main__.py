"""`make bench [SHAPE=…] [PEERS=tutorial] [SECONDS=5]`: CPU per delivery, latency and memory, on one core.

Refuses a figure for a run in which anything was lost, doubled or out of order.
"""

import argparse
import sys
from pathlib import Path

from tests.bench.subject import Lost, Result, Shape, Subject, ours, tutorial
from tests.services.process import new_folder, remove_folder
from tests.services.stack import manage

SHAPES = [
    Shape(1, 500, window=64),
    Shape(1, 500, window=4),
    Shape(50, 10, window=800),
    Shape(400, 2, window=800),
    Shape(400, 2, window=100),
    Shape(1, 500, rate=4),
    Shape(400, 2, rate=150),
]
_HEAD = (
    f"{'shape':<22}{'server':<12}{'deliveries/s':>13}{'CPU us each':>12}{'postgres':>9}"
    f"{'p50 ms':>8}{'p95':>8}{'p99':>8}{'load':>6}{'KiB/socket':>11}{'join ms':>8}"
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", default="", help="only shapes whose name begins so, as '1 x 500'")
    parser.add_argument("--peers", default="", help="tutorial: the stock consumer beside ours")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    shapes = [shape for shape in SHAPES if str(shape).startswith(asked.shape)]
    folder = new_folder("bench-static")
    manage("collectstatic", "--noinput", env={"VAR_DIR": str(folder), "STATIC_ROOT": str(folder / "static")})
    print(_HEAD)
    failed = False
    for shape in shapes:
        micros = _measure("ours", shape, asked, folder)
        failed |= micros is None
        if asked.peers == "tutorial":
            stock = _measure("tutorial", shape, asked, folder)
            if micros and stock:
                print(f"{'':<22}{'ratio':<12}{stock / micros:>25.0f}")
    remove_folder(folder)
    return 1 if failed else 0


def _measure(name: str, shape: Shape, asked: argparse.Namespace, folder: Path) -> float | None:
    sockets = shape.rooms * shape.members
    context = tutorial() if name == "tutorial" else ours(folder / "static", sockets, postgres=asked.postgres)
    with context as subject:
        try:
            result = _run(subject, shape, asked.seconds)
        except Lost as lost:
            print(f"{shape!s:<22}{name:<12}no figure: {lost}", file=sys.stderr)
            return None
    _print(shape, name, result)
    return result.micros


def _run(subject: Subject, shape: Shape, seconds: float) -> Result:
    return subject.run(shape, seconds, warmup=1)


def _print(shape: Shape, name: str, result: Result) -> None:
    load = result.load
    print(
        f"{shape!s:<22}{name:<12}{load.deliveries / load.seconds:>13,.0f}{result.micros:>12.2f}"
        f"{result.postgres_cpu / load.deliveries * 1e6:>9.2f}{load.p50:>8.2f}{load.p95:>8.2f}{load.p99:>8.2f}"
        f"{load.load_cpu / (load.seconds + 1):>6.0%}{result.kib_per_socket:>11.1f}{result.join_cpu * 1e3:>8.2f}"
    )


if __name__ == "__main__":
    sys.exit(main())
