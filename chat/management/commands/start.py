"""`manage.py start`: everything that has to be there before the server, then the server in this process' place."""

import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


class Command(BaseCommand):
    help = "Migrate, collect the static files if they changed, and serve on HOST (127.0.0.1) and PORT (8000)."

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = os.environ.get("HOST", "").strip() or "127.0.0.1", self._port()
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", verbosity=0)
        if _static_is_old():
            call_command("collectstatic", verbosity=0, interactive=False)
        connection.close()
        shown = f"[{host}]" if ":" in host else host
        self.stdout.write(f"\n  Chat is at http://{shown}:{port}/\n  Stop it with Ctrl-C.\n\n")
        self.stdout.flush()
        os.execv(  # noqa: S606 - our own interpreter; signals then reach the server itself
            sys.executable,
            [sys.executable, "-m", "chatsite.server", "-b", host, "-p", port, "-v", "1", "chatsite.asgi:application"],
        )

    def _port(self) -> str:
        port = os.environ.get("PORT", "").strip() or "8000"
        if not port.isdecimal() or not 0 < int(port) < 65_536:
            sys.exit(f"PORT: expected a number from 1 to 65535, got {port!r}.")
        return port


def _static_is_old() -> bool:
    """Whether a source is newer than the list of hashed names that was made of them."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return True
    made = manifest.stat().st_mtime
    return any(path.stat().st_mtime > made for folder in settings.STATICFILES_DIRS for path in Path(folder).rglob("*"))
