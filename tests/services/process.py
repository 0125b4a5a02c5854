"""One program run for a test: started, waited for, paused, killed with its children; knows no particular program."""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from tests.services import reaper

ROOT = Path(__file__).resolve().parents[2]
_chance = random.SystemRandom()  # not the seeded one: two runs with one seed would want the same ports
_handed_out: set[int] = set()


class NotReady(AssertionError):
    """A program did not come up in time; the text ends with the tail of its log."""


def free_port() -> int:
    """A free port below those that the kernel lends to outgoing connections, so that it stays free over a restart."""
    while True:
        port = _chance.randrange(20_000, 32_000)
        if port not in _handed_out and _is_free(port):
            _handed_out.add(port)
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def new_folder(name: str) -> Path:
    """A folder outside pytest's own, which another user (PostgreSQL's) could not reach into."""
    folder = Path(tempfile.mkdtemp(prefix=f"chat-{name}-"))
    reaper.watch_folder(folder)
    return folder


def remove_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    reaper.forget(folder)


class Process:
    """A program with its own process group and a log file. Subclasses say how it is ready and how it ends."""

    ready_seconds = 60.0  # for the slowest machine: what has ended is not waited for
    stop_seconds = 15.0
    stop_signal = signal.SIGTERM

    def __init__(
        self, argv: Sequence[str], log: Path, *, env: Mapping[str, str] | None = None, user: str | None = None
    ) -> None:
        self.argv = list(argv)
        self.env = clean_environment() | dict(env or {})
        self._user = user
        self._log = log
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self._popen is not None, "not started"
        return self._popen.pid

    @property
    def is_running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def start(self) -> None:
        """Start, or start again, and return when it is ready."""
        assert not self.is_running, "already running"
        with self._log.open("ab") as log:
            self._popen = subprocess.Popen(
                self.argv, env=self.env, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True, **as_user(self._user),
            )  # fmt: skip
        reaper.watch_process(self.pid)
        self._wait_until_ready()

    def is_ready(self) -> bool:
        raise NotImplementedError

    def pause(self) -> None:
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def set_right(self) -> None:
        """Whatever a test did to it: running and not paused."""
        if self.is_running:
            self.resume()
        else:
            self.start()

    def kill(self) -> None:
        """kill -9 to it and its children."""
        self.signal(signal.SIGKILL)
        self.wait()

    def terminate(self) -> None:
        """Ask it to end, as an operator would; `wait` tells when it has."""
        assert self._popen is not None
        self._popen.send_signal(self.stop_signal)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; its exit status (negative: the signal that ended it)."""
        assert self._popen is not None
        status = self._popen.wait(self.stop_seconds if timeout is None else timeout)
        reaper.forget(self.pid)
        return status

    def stop(self) -> None:
        """End it by whatever it takes; for tidying up, when it may be paused or gone."""
        if not self.is_running:
            return
        self.resume()
        self.terminate()
        try:
            self.wait()
        except subprocess.TimeoutExpired:
            self.kill()

    def signal(self, number: int) -> None:
        """Send to it and its children; to it first, so that it starts no more of them."""
        for process in self.family():
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                pass

    def family(self) -> list[psutil.Process]:
        """It and its children; these may have process groups of their own, as those of PostgreSQL do."""
        return reaper.family(self.pid)

    def log(self) -> str:
        """What it has written to stdout and stderr since the first start."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    def log_tail(self, lines: int = 40) -> str:
        return "\n".join(self.log().splitlines()[-lines:])

    def _wait_until_ready(self) -> None:
        if wait_for(lambda: not self.is_running or self.is_ready(), self.ready_seconds) and self.is_running:
            return
        how = f"is not ready after {self.ready_seconds:g} s"
        if not self.is_running:
            how = f"ended with status {self.wait()}"
        self.stop()
        raise NotReady(f"{' '.join(self.argv)} {how}; its log:\n{self.log_tail()}")


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask each 20 ms until it holds; whether it did in time."""
    deadline = time.monotonic() + seconds
    while not (held := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return held


def accepts_tcp(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def as_user(name: str | None) -> dict[str, Any]:
    """Arguments of subprocess to run as that user, with no more groups than its own; as we are for None."""
    return {"user": name, "group": name, "extra_groups": []} if name else {}


def clean_environment() -> dict[str, str]:
    """What a program needs of ours; nothing that would configure the chat behind a test's back."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "SSL_CERT_FILE")
    return {name: os.environ[name] for name in kept if name in os.environ}
