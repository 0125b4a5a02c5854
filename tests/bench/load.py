"""The load: a program in C, compiled for the run, that talks as many clients and checks each copy of each message."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from tests.services.process import new_folder


class Shape(NamedTuple):
    """Rooms of members; closed loop with a window of messages in flight, or open with a rate a second."""

    rooms: int
    members: int
    window: int = 0
    rate: float = 0

    def __str__(self) -> str:
        load = f", n = {self.window}" if self.window else f", {self.rate:g}/s" if self.rate else ""
        return f"{self.rooms} x {self.members}{load}"

    @property
    def sockets(self) -> int:
        return self.rooms * self.members


class Talked(msgspec.Struct):
    """What the load saw while it was measured; the latencies in milliseconds."""

    messages: int
    deliveries: int
    seconds: float
    faults: int
    missing: int
    skipped: int
    p50: float
    p95: float
    p99: float
    load_cpu: float

    @property
    def is_whole(self) -> bool:
        return self.deliveries > 0 and not self.faults and not self.missing and not self.skipped


class Returned(msgspec.Struct):
    """How all came back at once; the times in milliseconds after the first began to connect."""

    back: int
    refused: int
    first_refusal: str
    seconds: float
    p50: float
    p99: float
    load_cpu: float


class Lost(Exception):
    """A run that lost, doubled or reordered anything has no figure."""


class Load:
    """One run of the program, step by step: `joined`, then either `talk` or `come_back`."""

    def __init__(self, program: "subprocess.Popen[str]") -> None:
        self._program = program
        self.joined_seconds = float(self._expect("joined"))

    def talk(self, begun: Callable[[], None], measured: Callable[[], None]) -> Talked:
        """`begun` and `measured` are called as the measuring begins and ends. Raises Lost."""
        self._go()
        self._expect("begun")
        begun()
        self._expect("measured")
        measured()
        self._go()
        saw = msgspec.json.decode(self._line(), type=Talked)
        if not saw.is_whole:
            raise Lost(str(saw))
        return saw

    def come_back(self, meanwhile: Callable[[], None]) -> Returned:
        """All connections are dropped, `meanwhile` is called, and all come back at once."""
        self._go()
        self._expect("gone")
        meanwhile()
        self._go()
        return msgspec.json.decode(self._line(), type=Returned)

    def _go(self) -> None:
        assert self._program.stdin is not None
        self._program.stdin.write("\n")
        self._program.stdin.flush()

    def _expect(self, word: str) -> str:
        found, _, rest = self._line().partition(" ")
        assert found.strip() == word, found
        return rest

    def _line(self) -> str:
        assert self._program.stdout is not None
        line = self._program.stdout.readline()
        if not line:
            raise Lost(f"the load ended with {self._program.wait()}")
        return line


@contextmanager
def load(core: int, ports: Sequence[int], shape: Shape, *words: str, dialect: str, path: str) -> Iterator[Load]:
    """Start the program on a core of its own; returns when all clients have joined. Raises Lost."""
    given = {
        "ports": ",".join(map(str, ports)), "rooms": shape.rooms, "members": shape.members, "window": shape.window,
        "rate": shape.rate, "dialect": dialect, "path": path,
    }  # fmt: skip
    argv = [
        "taskset",
        "--cpu-list",
        str(core),
        str(_program()),
        *(f"--{name}={value}" for name, value in given.items()),
    ]
    with subprocess.Popen([*argv, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        try:
            yield Load(program)
        finally:
            program.kill()


@cache
def _program() -> Path:
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        sys.exit("The load generator is in C: a C compiler is needed (Debian, Ubuntu: apt-get install gcc libc6-dev).")
    program = new_folder("bench-load") / "load"
    source = Path(__file__).with_name("load.c")
    subprocess.run([compiler, "-O2", "-o", str(program), str(source), "-lm"], check=True)
    return program
