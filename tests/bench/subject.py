"""What is measured: a server on one core with its stores, and the load on another."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import psutil

from tests.services import Postgres, Redis, ServerProcess, Stack, StackMaker
from tests.services.process import new_folder, remove_folder
from tests.services.server import DAPHNE

SERVER_CORE, LOAD_CORE = 0, 1
_SESSIONS = """
import sys
from chat.actions import accounts
from chat.models.session import GUEST_KEY, SessionStore
for _ in range({count}):
    store = SessionStore()
    store[GUEST_KEY] = accounts.fresh_guest_key()
    store.create()
    accounts.guest(store[GUEST_KEY])
    sys.stdout.write(store.session_key + chr(10))
"""


class Shape(NamedTuple):
    """Rooms of members; closed loop with a window of messages in flight, or open with a rate a second."""

    rooms: int
    members: int
    window: int = 0
    rate: float = 0

    def __str__(self) -> str:
        load = f"n = {self.window}" if self.window else f"{self.rate:g}/s"
        return f"{self.rooms} x {self.members}, {load}"


class Load(msgspec.Struct):
    """What the load saw; the latencies in milliseconds."""

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


class Result(NamedTuple):
    load: Load
    server_cpu: float  # seconds of the server, its Redis and what they started, while the load was measured
    postgres_cpu: float
    joined_seconds: float
    join_cpu: float
    kib_per_socket: float

    @property
    def micros(self) -> float:
        return self.server_cpu / self.load.deliveries * 1e6


class Lost(Exception):
    """A run that lost, doubled or reordered anything has no figure."""


@dataclass
class Subject:
    server: ServerProcess
    beside: Sequence[int]  # what else is counted as the server: its Redis
    postgres: int | None
    dialect: str
    cookies: Path | None

    def run(self, shape: Shape, seconds: float, warmup: float) -> Result:
        cpu, rss = self._cpu(), psutil.Process(self.server.pid).memory_info().rss
        words = [
            str(_load()),
            str(self.server.port),
            *map(str, (*shape[:4], seconds, warmup)),
            self.dialect,
            "/ws/chat/b",
        ]
        words += [str(self.cookies), self.server.url] if self.cookies else []
        words = ["taskset", "--cpu-list", str(LOAD_CORE), *words]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as load:
            joined = float(_line(load).split()[1])
            sockets = shape.rooms * shape.members
            join_cpu = (self._cpu() - cpu) / sockets
            kib = (psutil.Process(self.server.pid).memory_info().rss - rss) / 1024 / sockets
            _go(load)
            _sleep(warmup)
            before, postgres = self._cpu(), self._postgres_cpu()
            _line(load)
            used, postgres = self._cpu() - before, self._postgres_cpu() - postgres
            _go(load)
            saw = msgspec.json.decode(_line(load), type=Load)
        if saw.faults or saw.missing or not saw.deliveries:
            raise Lost(f"{shape}: {saw}")
        return Result(saw, used, postgres, joined, join_cpu, kib)

    def _cpu(self) -> float:
        return sum(_family_cpu(pid) for pid in (self.server.pid, *self.beside))

    def _postgres_cpu(self) -> float:
        return _family_cpu(self.postgres) if self.postgres else 0.0


def _sleep(seconds: float) -> None:
    subprocess.run(["sleep", str(seconds)], check=True)


def _line(load: "subprocess.Popen[str]") -> str:
    assert load.stdout is not None
    line = load.stdout.readline()
    if not line:
        raise Lost(f"the load ended with {load.wait()}")
    return line


def _go(load: "subprocess.Popen[str]") -> None:
    assert load.stdin is not None
    load.stdin.write("\n")
    load.stdin.flush()


def _family_cpu(pid: int) -> float:
    process = psutil.Process(pid)
    times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def _on_server_core(pid: int) -> None:
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        process.cpu_affinity([SERVER_CORE])


@cache
def _load() -> Path:
    """The load generator, compiled for this run."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        sys.exit("The load generator is in C: a C compiler is needed (Debian, Ubuntu: apt-get install gcc libc6-dev).")
    program = new_folder("bench-load") / "load"
    subprocess.run([compiler, "-O2", "-o", str(program), str(Path(__file__).with_name("load.c"))], check=True)
    return program


@contextmanager
def ours(static: Path, sockets: int, *, postgres: bool = False) -> Iterator[Subject]:
    with ExitStack() as opened:
        maker = StackMaker(static)
        opened.callback(maker.close)
        redis = opened.enter_context(Redis())
        if postgres:
            cluster = opened.enter_context(Postgres())
            stack = opened.enter_context(maker.distributed(cluster, redis))
        else:
            stack = opened.enter_context(maker.embedded())
        server = stack.serve(
            REDIS_URL=redis.url, CHAT_RATE_LIMITS="off", CHAT_SOCKETS_PER_ADDRESS="1000000", LOG_LEVEL="WARNING"
        )
        for pid in (server.pid, redis.pid):
            _on_server_core(pid)
        cookies = Path(opened.enter_context(_folder())) / "cookies"
        cookies.write_text(_made_sessions(stack, sockets))
        yield Subject(server, [redis.pid], cluster.pid if postgres else None, "rich", cookies)


@contextmanager
def tutorial() -> Iterator[Subject]:
    with ExitStack() as opened:
        redis = opened.enter_context(Redis())
        folder = Path(opened.enter_context(_folder()))
        argv = [*DAPHNE[:-1], "tests.bench.tutorial:application"]
        server = _Tutorial({"REDIS_URL": redis.url}, folder / "log", argv)
        opened.callback(server.stop)
        server.start()
        for pid in (server.pid, redis.pid):
            _on_server_core(pid)
        yield Subject(server, [redis.pid], None, "plain", None)


class _Tutorial(ServerProcess):
    def is_ready(self) -> bool:
        return "Listening on TCP" in self.log()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = new_folder("bench")
    try:
        yield folder
    finally:
        remove_folder(folder)


def _made_sessions(stack: Stack, count: int) -> str:
    return stack.manage("shell", "-v", "0", "-c", _SESSIONS.format(count=count))
