"""A PostgreSQL cluster of the test run's own; any number of databases in it, made from templates in milliseconds."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Self

import psutil
import psycopg
from psycopg import sql

from tests.services.process import (
    Process,
    accepts_tcp,
    as_user,
    clean_environment,
    free_port,
    new_folder,
    remove_folder,
)

_SETTINGS = {
    # Only a power cut could tell: with fsync off, a commit is still safe from kill -9 of every process.
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    # In files of the folder, not in /dev/shm, where a killed server would leave them.
    "dynamic_shared_memory_type": "mmap",
}


class Postgres(Process):
    user = "chat"
    stop_signal = signal.SIGINT  # "fast": does not wait for clients to go

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = new_folder("postgres")
        self._data = self._folder / "data"
        settings = _SETTINGS | {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._folder),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        super().__init__([_program("postgres"), "-D", str(self._data), *options], self._folder / "log", user=_account())

    def __enter__(self) -> Self:
        self._make_cluster()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        remove_folder(self._folder)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{self.user}@127.0.0.1:{self.port}/{database}"

    def is_ready(self) -> bool:
        if not accepts_tcp(self.port):
            return False
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:  # "the database system is starting up"
            return False
        return True

    def kill(self) -> None:
        children = self.family()
        super().kill()
        psutil.wait_procs(children, timeout=self.stop_seconds)  # a new start is refused while one of them lives
        self._remove_interlock()

    def execute(self, statement: str, *, database: str = "postgres") -> None:
        """Run one statement as the owner, outside a transaction."""
        with psycopg.connect(self.url(database), autocommit=True, connect_timeout=10) as connection:
            connection.execute(statement.encode())

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """Make a database, by copy; the address it is reached at."""
        self._for_database("CREATE DATABASE {} TEMPLATE {}", name, template)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database, with whatever is connected to it."""
        self._for_database("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def disconnect_all(self) -> None:
        """Cut every other connection, as a failover does, and wait until it has ended."""
        self.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )

    def _for_database(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url(), autocommit=True, connect_timeout=10) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _make_cluster(self) -> None:
        if account := _account():
            shutil.chown(self._folder, account, account)
        initdb = [_program("initdb"), "-D", str(self._data), "-U", self.user, "--auth=trust", "--no-sync"]
        subprocess.run(
            [*initdb, "--encoding=UTF8", "--locale=C.UTF-8"], env=clean_environment(), cwd=self._folder, check=True,
            stdout=subprocess.DEVNULL, **as_user(account),
        )  # fmt: skip

    def _remove_interlock(self) -> None:
        """Remove the few bytes of System V memory that a killed server leaves; the next start misses nothing."""
        pid_file = self._data / "postmaster.pid"
        lines = pid_file.read_text().splitlines() if pid_file.exists() else []
        if len(lines) > 6 and lines[6].split():
            subprocess.run(["ipcrm", "-m", lines[6].split()[1]], check=False, capture_output=True)


def _program(name: str) -> str:
    """Debian keeps the server's programs out of PATH, a folder a version; the newest is taken."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    found = str(versions[-1]) if versions else shutil.which(name)
    assert found, f"PostgreSQL's {name} is missing: tests/setup-system.sh tells how to get it"
    return found


def _account() -> str | None:
    """PostgreSQL refuses to run as root: then as the account its package made, else as nobody."""
    if os.geteuid() != 0:
        return None
    return "postgres" if Path("/var/lib/postgresql").exists() else "nobody"
