"""A redis-server of a test's own, without persistence: killed and started again it is empty."""

import shutil
import socket
from pathlib import Path
from typing import Self

from tests.services.process import Process, free_port, new_folder, remove_folder


class Redis(Process):
    def __init__(self) -> None:
        program = shutil.which("redis-server")
        assert program, "redis-server is missing: tests/setup-system.sh tells how to get it"
        self.port = free_port()
        self._folder: Path = new_folder("redis")
        no_persistence = ["--save", "", "--appendonly", "no", "--dir", str(self._folder)]
        where = ["--bind", "127.0.0.1", "--port", str(self.port), "--daemonize", "no"]
        super().__init__([program, *where, *no_persistence], self._folder / "log")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        remove_folder(self._folder)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def is_ready(self) -> bool:
        return self.command("PING") == "+PONG"

    def command(self, *words: str) -> str:
        """Send an inline command (`FLUSHALL`, `CLIENT KILL TYPE pubsub`); the first line of the answer, "" for none."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(" ".join(words).encode() + b"\r\n")
                return connection.makefile().readline().strip()
        except OSError:
            return ""
