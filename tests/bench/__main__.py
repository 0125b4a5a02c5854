"""`make bench [SHAPE=…] [PEERS=tutorial]`: CPU per delivery, latency and memory, on one core.

Refuses a figure for a run in which anything was lost, doubled or out of order.
"""

import argparse
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from statistics import median
from typing import TypeVar

from tests.bench import table
from tests.bench.floor import bare_write
from tests.bench.load import Lost, Shape
from tests.bench.subject import Subject, Talk, ours, static_files, tutorial

Run = TypeVar("Run")
Make = Callable[[], AbstractContextManager[Subject]]

SHAPES = [
    Shape(1, 500, window=64),
    Shape(1, 500, window=4),
    Shape(50, 10, window=800),
    Shape(400, 2, window=800),
    Shape(400, 2, window=100),
    Shape(1, 500, rate=4),
    Shape(400, 2, rate=150),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shape", default="", help="only shapes whose name begins so, as '1 x 500'")
    parser.add_argument("--peers", default="", help="tutorial: the stock consumer beside ours")
    parser.add_argument("--seconds", type=float, default=5, help="that each run is measured")
    parser.add_argument("--runs", type=int, default=1, help="of each; the median is printed")
    parser.add_argument("--postgres", action="store_true", help="in SQLite's place, its CPU in a column of its own")
    parser.add_argument("--processes", type=int, default=1, choices=(1, 2), help="2: beside one, with the ratio")
    parser.add_argument("--return", type=int, default=0, dest="returning", help="so many who come back at once")
    asked = parser.parse_args()
    with static_files() as static:
        whole = _returns(asked, static) if asked.returning else _talks(asked, static)
    return 0 if whole else 1


def _talks(asked: argparse.Namespace, static: Path) -> bool:
    """Print a line for each shape; whether each run was whole."""
    print(table.floor_line(bare_write()))
    print(table.TALK_HEAD, flush=True)
    whole = True
    for shape in SHAPES:
        if not str(shape).startswith(asked.shape):
            continue
        make = partial(ours, static, shape, postgres=asked.postgres)
        base = _talk("ours", asked, shape, make)
        others = []
        if asked.processes == 2:
            others += [("two processes", partial(make, processes=2), ())]
            others += [("two, both speak", partial(make, processes=2), ("--all-speak",))]
        if asked.peers == "tutorial":
            others += [("tutorial", tutorial, ())]
        for name, make_other, words in others:
            runs = _talk(name, asked, shape, make_other, *words)
            _ratio(f"{name} / ours", runs, base)
            whole &= bool(runs)
        whole &= bool(base)
    print(table.floor_line(bare_write()))
    return whole


def _talk(name: str, asked: argparse.Namespace, shape: Shape, make: Make, *words: str) -> list[Talk]:
    runs = _runs(name, asked.runs, make, lambda subject: subject.talk(shape, asked.seconds, *words))
    if runs:
        print(table.talk_line(shape, name, runs), flush=True)
        if table.is_busy(runs):
            print(table.BUSY_WORD)
    return runs


def _ratio(what: str, over: list[Talk], under: list[Talk]) -> None:
    if over and under:
        print(table.ratio_line(what, median(run.micros for run in over) / median(run.micros for run in under)))


def _returns(asked: argparse.Namespace, static: Path) -> bool:
    """Print a line for those who come back into many rooms, and into one; whether all got in."""
    print(table.RETURN_HEAD, flush=True)
    people = asked.returning
    into_many = _return(asked, static, Shape(max(people // 20, 1), 20))
    into_one = _return(asked, static, Shape(1, people))
    return into_many and into_one


def _return(asked: argparse.Namespace, static: Path, shape: Shape) -> bool:
    make = partial(ours, static, shape, processes=asked.processes, postgres=asked.postgres)
    name = "ours" if asked.processes == 1 else "two processes"
    runs = _runs(name, asked.runs, make, lambda subject: subject.come_back(shape))
    if runs:
        print(table.return_line(shape, name, runs), flush=True)
    for refusal in {run.saw.first_refusal for run in runs} - {""}:
        print(f"{name}: refused: {refusal}", file=sys.stderr)
    return bool(runs) and all(run.saw.back == shape.sockets for run in runs)


def _runs(name: str, count: int, make: Make, measure: Callable[[Subject], Run]) -> list[Run]:
    """Each run has a server of its own. None of them, where one has lost anything."""
    runs = []
    for _ in range(count):
        try:
            with make() as subject:
                runs.append(measure(subject))
        except Lost as lost:
            print(f"{name}: no figure: {lost}", file=sys.stderr)
            return []
    return runs


if __name__ == "__main__":
    sys.exit(main())
