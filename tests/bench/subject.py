"""What is measured: server processes on their cores with their stores, and what the kernel says they used."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self, TypeVar

import psutil

from tests.bench.load import Load, Returned, Shape, Talked, load
from tests.services import Postgres, Redis, ServerProcess, Stack, StackMaker
from tests.services.process import Process, new_folder, remove_folder
from tests.services.server import CHAT, DAPHNE
from tests.services.stack import manage

P = TypeVar("P", bound=Process)

SERVER_CORE, LOAD_CORE = 0, 1
_WARM = Shape(2, 2, window=4)


class Usage(NamedTuple):
    """CPU seconds since each process began, and bytes."""

    cpu: float
    kernel_cpu: float  # of it, the kernel's
    loop_cpu: float  # of it, that of the servers' event loops
    postgres_cpu: float
    rss: int

    def __sub__(self, other: "Usage") -> "Usage":  # type: ignore[override]
        return Usage(*(mine - theirs for mine, theirs in zip(self, other, strict=True)))  # type: ignore[arg-type]


class Joined(NamedTuple):
    """What it took to let everybody in, a socket."""

    a_second: float
    cpu: float  # seconds
    kib: float


class Talk(NamedTuple):
    joined: Joined
    saw: Talked
    used: Usage

    @property
    def micros(self) -> float:
        return self.used.cpu / self.saw.deliveries * 1e6

    @property
    def postgres_micros(self) -> float:
        return self.used.postgres_cpu / self.saw.deliveries * 1e6

    @property
    def loop_share(self) -> float:
        return self.used.loop_cpu / self.used.cpu

    @property
    def kernel_share(self) -> float:
        return self.used.kernel_cpu / self.used.cpu

    @property
    def load_share(self) -> float:
        return self.saw.load_cpu / self.saw.seconds


class Return(NamedTuple):
    joined: Joined
    saw: Returned
    used: Usage


@dataclass
class Subject:
    servers: Sequence[ServerProcess]
    beside: Sequence[Process]  # what else is counted as the server: its Redis
    postgres: Process | None = None
    dialect: str = "rich"
    cookies: Path | None = None

    def warm_up(self) -> Self:
        """What a process loads with its first sockets is no socket's cost."""
        with self._joined(_WARM, "/ws/chat/w", "--seconds=.2") as (running, _):
            running.talk(lambda: None, lambda: None)
        return self

    def talk(self, shape: Shape, seconds: float, *words: str) -> Talk:
        """Let everybody in and talk; raises Lost for a run that has no figure."""
        with self._joined(shape, "/ws/chat/b", f"--seconds={seconds}", "--warmup=1", *words) as (running, joined):
            usage: list[Usage] = []
            saw = running.talk(*[lambda: usage.append(self.usage())] * 2)
            return Talk(joined, saw, usage[1] - usage[0])

    def come_back(self, shape: Shape) -> Return:
        """Let everybody in, kill the server, start it again, and let all come back at once."""
        with self._joined(shape, "/ws/chat/b", "--return") as (running, joined):
            before: list[Usage] = []

            def restart() -> None:
                for server in self.servers:
                    server.kill()
                    server.start()
                before.append(self.usage())

            saw = running.come_back(restart)
            return Return(joined, saw, self.usage() - before[0])

    def usage(self) -> Usage:
        counted = [process for one in (*self.servers, *self.beside) for process in one.family()]
        postgres = self.postgres.family() if self.postgres else []
        return Usage(
            sum(map(_cpu, counted)),
            sum(map(_kernel_cpu, counted)),
            sum(_loop_cpu(server.pid) for server in self.servers),
            sum(map(_cpu, postgres)),
            sum(one.memory_info().rss for one in counted),
        )

    @contextmanager
    def _joined(self, shape: Shape, path: str, *words: str) -> Iterator[tuple[Load, Joined]]:
        ports = [server.port for server in self.servers]
        keys = [f"--cookies={self.cookies}"] if self.cookies else []
        before = self.usage()
        with load(LOAD_CORE, ports, shape, *keys, *words, dialect=self.dialect, path=path) as running:
            used, sockets = self.usage() - before, shape.sockets
            yield running, Joined(sockets / running.joined_seconds, used.cpu / sockets, used.rss / 1024 / sockets)


def _cpu(process: psutil.Process) -> float:
    """With that of its children that have ended; nothing for one that ends just now."""
    try:
        return sum(process.cpu_times()[:4])
    except psutil.NoSuchProcess:
        return 0.0


def _kernel_cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.system + times.children_system)


def _loop_cpu(pid: int) -> float:
    """Of a process whose first thread is its event loop."""
    [loop] = [thread for thread in psutil.Process(pid).threads() if thread.id == pid]
    return float(loop.user_time + loop.system_time)


@contextmanager
def static_files() -> Iterator[Path]:
    """The collected ones, for all the subjects of a run."""
    folder = new_folder("bench-static")
    manage("collectstatic", "--noinput", env={"VAR_DIR": str(folder), "STATIC_ROOT": str(folder / "static")})
    yield folder / "static"
    remove_folder(folder)


@contextmanager
def ours(
    static: Path,
    shape: Shape,
    *,
    processes: int = 1,
    postgres: bool = False,
    logs: Mapping[str, int] | None = None,
) -> Iterator[Subject]:
    """The chat with its Redis on one core; a second process shares the load's core where there are only two.

    The shape's members have a session each and have been in its rooms before; each room of `logs` has so many messages.
    """
    _check_cores()
    with ExitStack() as opened:
        maker = StackMaker(static)
        opened.callback(maker.close)
        redis = opened.enter_context(_placed(Redis(), SERVER_CORE))
        cluster = opened.enter_context(_placed(_durable(Postgres()), SERVER_CORE)) if postgres else None
        stack = opened.enter_context(maker.distributed(cluster, redis) if cluster else maker.embedded())
        cookies = Path(opened.enter_context(_folder())) / "cookies"
        # Logged in: the dearer way in, for the password's hash is asked for too.
        cookies.write_text(_fill(stack, f"members({shape.sockets}, {shape.rooms})"))
        for slug, last in (logs or {}).items():
            _fill(stack, f"log({slug!r}, {last})")
        settings = {
            "REDIS_URL": redis.url, "CHAT_RATE_LIMITS": "off", "CHAT_SOCKETS_PER_ADDRESS": "1000000",
            "LOG_LEVEL": "WARNING",
        }  # fmt: skip
        servers = [stack.serve((*_on(core), *CHAT), **settings) for core in (SERVER_CORE, LOAD_CORE)[:processes]]
        yield Subject(servers, [redis], cluster, cookies=cookies).warm_up()


@contextmanager
def tutorial() -> Iterator[Subject]:
    """The stock consumer of the Channels tutorial, on stock Daphne."""
    _check_cores()
    with ExitStack() as opened:
        redis = opened.enter_context(_placed(Redis(), SERVER_CORE))
        folder = Path(opened.enter_context(_folder()))
        argv = [*_on(SERVER_CORE), *DAPHNE[:-1], "tests.bench.tutorial:application"]
        server = _Tutorial({"REDIS_URL": redis.url}, folder / "log", argv)
        opened.callback(server.stop)
        server.start()
        yield Subject([server], [redis], dialect="plain").warm_up()


class _Tutorial(ServerProcess):
    def is_ready(self) -> bool:
        return "Listening on TCP" in self.log()


def _on(core: int) -> tuple[str, ...]:
    """Before a program's words: all its threads and children stay on this core."""
    return ("taskset", "--cpu-list", str(core))


def _placed(process: P, core: int) -> P:
    process.argv[:0] = _on(core)
    return process


def _durable(postgres: Postgres) -> Postgres:
    """The tests' own trusts that no power is cut; what is compared with SQLite's synchronous=FULL may not."""
    postgres.argv += ["-c", "fsync=on", "-c", "full_page_writes=on"]
    return postgres


@contextmanager
def _folder() -> Iterator[Path]:
    folder = new_folder("bench")
    try:
        yield folder
    finally:
        remove_folder(folder)


def _fill(stack: Stack, what: str) -> str:
    return stack.manage("shell", "-v", "0", "-c", f"from tests.bench import fill; fill.{what}")


def _check_cores() -> None:
    if {SERVER_CORE, LOAD_CORE} - os.sched_getaffinity(0):
        sys.exit(f"The server and the load need a core each: {SERVER_CORE} and {LOAD_CORE}.")
