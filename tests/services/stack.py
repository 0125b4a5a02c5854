"""The chat with its stores, fresh for one test: embedded (SQLite, no Redis) or distributed (PostgreSQL, Redis)."""

import itertools
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

from tests.services.postgres import Postgres
from tests.services.process import ROOT, clean_environment, new_folder, remove_folder
from tests.services.redis import Redis
from tests.services.server import CHAT, ServerProcess

Kind = Literal["embedded", "distributed"]
_TEMPLATE = "chat_template"
_SECRET_KEY = "only-for-tests-" + "0" * 40  # two processes of a stack read each other's cookies


class StackMaker:
    """Does once for the run what every stack needs: static files, and a migrated database of each kind to copy."""

    def __init__(self, static: Path) -> None:
        self._folder = new_folder("stacks")
        self._static = static
        self._count = itertools.count(1)

    def close(self) -> None:
        remove_folder(self._folder)

    def embedded(self) -> "Stack":
        folder, settings = self._new("embedded")
        shutil.copy(self._migrated_file, folder / "chat.sqlite3")
        return Stack("embedded", folder, settings | {"DATABASE_URL": f"sqlite:///{folder / 'chat.sqlite3'}"})

    def distributed(self, postgres: Postgres, redis: Redis) -> "Stack":
        folder, settings = self._new("distributed")
        self._migrate_template(postgres)
        url = postgres.create_database(folder.name.replace("-", "_"), template=_TEMPLATE)
        settings |= {"DATABASE_URL": url, "REDIS_URL": redis.url}
        return Stack("distributed", folder, settings, postgres=postgres, redis=redis)

    def _new(self, kind: Kind) -> tuple[Path, dict[str, str]]:
        folder = self._folder / f"{kind}-{next(self._count)}"
        folder.mkdir()
        return folder, self._settings(folder)

    def _settings(self, folder: Path) -> dict[str, str]:
        return {"VAR_DIR": str(folder), "STATIC_ROOT": str(self._static), "SECRET_KEY": _SECRET_KEY}

    @cached_property
    def _migrated_file(self) -> Path:
        file = self._folder / "migrated.sqlite3"
        manage("migrate", env=self._settings(self._folder) | {"DATABASE_URL": f"sqlite:///{file}"})
        return file

    def _migrate_template(self, postgres: Postgres) -> None:
        if self._template_is_migrated:
            return
        url = postgres.create_database(_TEMPLATE)
        manage("migrate", env=self._settings(self._folder) | {"DATABASE_URL": url})
        self._template_is_migrated = True

    _template_is_migrated = False


class Stack:
    """One fresh chat. `settings` is the environment of its servers."""

    def __init__(
        self, kind: Kind, folder: Path, settings: Mapping[str, str], *,
        postgres: Postgres | None = None, redis: Redis | None = None,
    ) -> None:  # fmt: skip
        self.kind = kind
        self.settings = dict(settings)
        self._folder = folder
        self._postgres, self._redis = postgres, redis
        self._servers: list[ServerProcess] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with ExitStack() as ending:  # each of them, whatever goes wrong with another
            ending.callback(shutil.rmtree, self._folder, ignore_errors=True)
            if self._postgres is not None:
                ending.callback(self._postgres.drop_database, self._folder.name.replace("-", "_"))
                ending.callback(self._postgres.set_right)
            for server in self._servers:
                ending.callback(server.stop)

    @property
    def postgres(self) -> Postgres:
        assert self._postgres is not None, "an embedded stack has no PostgreSQL"
        return self._postgres

    @property
    def redis(self) -> Redis:
        assert self._redis is not None, "an embedded stack has no Redis"
        return self._redis

    @property
    def servers(self) -> Sequence[ServerProcess]:
        return tuple(self._servers)

    def serve(self, argv: Sequence[str] = CHAT, **settings: str) -> ServerProcess:
        """Start one more server on the same stores; `settings` (`CHAT_RATE_LIMITS="off"`) are for it alone."""
        log = self._folder / f"server-{len(self._servers) + 1}.log"
        server = ServerProcess(self.settings | settings, log, argv)
        self._servers.append(server)
        server.start()
        return server

    def manage(self, *words: str, **settings: str) -> str:
        """Run a verb of manage.py on the same stores; what it printed."""
        return manage(*words, env=self.settings | settings)

    def logs(self) -> str:
        """What all servers wrote, each under its address."""
        return "\n".join(f"--- {server.url}\n{server.log()}" for server in self._servers)


def manage(*words: str, env: Mapping[str, str]) -> str:
    """Run a verb of manage.py in a process of its own; what it printed. Its failure shows its output."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=clean_environment() | dict(env), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"manage.py {' '.join(words)} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout
