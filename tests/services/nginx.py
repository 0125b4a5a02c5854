"""Debian's nginx before servers of a stack, with the very files that a deployment has."""

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.services.process import ROOT, Process, accepts_tcp, free_port, new_folder, remove_folder, wait_for
from tests.services.server import Reachable


class Nginx(Reachable, Process):
    """HTTP at `port`; where there is a folder with a certificate, HTTPS at `tls_port` too."""

    def __init__(self, backends: Sequence[str], static: Path, **settings: str) -> None:
        """`backends` as `127.0.0.1:8000`; further settings as deploy/nginx.sh lists them."""
        assert shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"), (
            "nginx is missing: tests/setup-system.sh tells how to get it"
        )
        self.port, self.tls_port = free_port(), free_port()
        self.folder = new_folder("nginx")
        env = {
            "BACKENDS": " ".join(backends),
            "STATIC_ROOT": str(static),
            "LISTEN": f"127.0.0.1:{self.port}",
            "LISTEN_TLS": f"127.0.0.1:{self.tls_port}",
            "NGINX_FOLDER": str(self.folder),
            "ACCESS_LOG": str(self.folder / "requests"),
        }
        # Our folders are ours alone, and root's nginx would give its workers to somebody else.
        as_we_are = ["-g", "user root;"] if os.geteuid() == 0 else []
        super().__init__([str(ROOT / "deploy" / "nginx.sh"), *as_we_are], self.folder / "log", env=env | settings)

    def __enter__(self) -> "Nginx":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        remove_folder(self.folder)

    def is_ready(self) -> bool:
        return accepts_tcp(self.port)

    def requests(self, source: str, *, count: int) -> list[list[str]]:
        """The words of a line for each request that this address has made; waits for so many, for they come late."""
        wait_for(lambda: len(self._from(source)) >= count, self.stop_seconds)
        return self._from(source)

    def _from(self, source: str) -> list[list[str]]:
        whole, _, _ = (self.folder / "requests").read_text().rpartition("\n")  # behind it a line is being written
        return [words for line in whole.splitlines() if (words := line.split())[0] == source]
