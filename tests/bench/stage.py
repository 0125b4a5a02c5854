"""One server with its Redis on one core, sessions for a crowd, and what the kernel and the event loop say of it."""

import resource
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.services import Redis, ServerProcess, Stack, StackMaker
from tests.services.process import new_folder, remove_folder
from tests.services.server import CHAT

SERVER_CORE, CROWD_CORE = 0, 1
_GUESTS = """
from django.db import transaction
from chat.actions import accounts
from chat.models.session import GUEST_KEY, SessionStore
with transaction.atomic():
    for _ in range({count}):
        store = SessionStore()
        store[GUEST_KEY] = accounts.fresh_guest_key()
        store.create()
        accounts.guest(store[GUEST_KEY], address="127.0.0.1")
        print(store.session_key)
"""


@dataclass
class Stage:
    server: ServerProcess
    redis: Redis
    keys: list[str]  # of a session each
    _stalls: Path
    _seen: int = 0

    @property
    def cpu(self) -> float:
        """Seconds of the server and its Redis since they began."""
        families = [*self.server.family(), *self.redis.family()]
        return sum(sum(process.cpu_times()[:4]) for process in families)

    @property
    def rss_kib(self) -> float:
        return float(psutil.Process(self.server.pid).memory_info().rss / 1024)

    @property
    def descriptors(self) -> tuple[int, int]:
        """The sockets among the open files, and all of these: a thread's database connection stays."""
        files = [_target(file) for file in Path(f"/proc/{self.server.pid}/fd").iterdir()]
        return sum(file.startswith("socket:") for file in files), len(files)

    def longest_stall(self) -> float:
        """Milliseconds for which the event loop did not turn, at worst, since this was asked last; 0: below 20."""
        lines = self._stalls.read_text().split() if self._stalls.exists() else []
        fresh, self._seen = lines[self._seen :], len(lines)
        return max(map(float, fresh), default=0.0)


@contextmanager
def stage(sockets: int) -> Iterator[Stage]:
    """Raises the bound on open files for what it starts as well as for this process."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most < sockets + 200:
        sys.exit(f"{sockets} sockets need as many open files on either side: ulimit -n says {most}.")
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    psutil.Process().cpu_affinity([CROWD_CORE])
    with ExitStack() as opened:
        folder = new_folder("stage")
        opened.callback(remove_folder, folder)
        maker = StackMaker(folder / "static")
        opened.callback(maker.close)
        redis = Redis()
        redis.argv[:0] = _on_server_core()
        opened.enter_context(redis)
        stack = opened.enter_context(maker.embedded())
        stack.manage("collectstatic", "--noinput")
        keys = made_guests(stack, sockets)
        server = stack.serve(
            (*_on_server_core(), *CHAT[:-1], "tests.bench.watched:application"), REDIS_URL=redis.url,
            CHAT_RATE_LIMITS="off", LOG_LEVEL="WARNING", STALLS=str(folder / "stalls"),
        )  # fmt: skip
        yield Stage(server, redis, keys, folder / "stalls")


def made_guests(stack: Stack, count: int) -> list[str]:
    """So many, each with the key of a session; as these are known already, they come in as fast as it goes."""
    return stack.manage("shell", "-v", "0", "-c", _GUESTS.format(count=count)).split()


def _target(file: Path) -> str:
    try:
        return str(file.readlink())
    except FileNotFoundError:  # closed meanwhile
        return ""


def _on_server_core() -> tuple[str, ...]:
    return ("taskset", "--cpu-list", str(SERVER_CORE))
