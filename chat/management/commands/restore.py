"""`manage.py restore FILE`: what a backup holds takes the place of what there is, under the running servers."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from chat.actions.backups import restoring
from chat.actions.backups.archive import Unusable


class Command(BaseCommand):
    help = "Put a backup in the place of all there is. Servers may run: their people come back to what it holds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="what `manage.py backup` wrote; - for the standard input")
        parser.add_argument(
            "--end-sessions", action="store_true", help="members have to log in again, guests are strangers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with _opened(options["file"]) as file:
                made_at = restoring.check(file).made_at
                file.seek(0)
                counts = restoring.restore(file, end_sessions=options["end_sessions"])
        except Unusable as error:
            raise CommandError(str(error)) from error
        except (OSError, DatabaseError) as error:
            raise CommandError(f"Nothing is restored: {str(error).splitlines()[0]}.") from error
        files, rows = counts.pop("files"), sum(counts.values())
        self.stdout.write(f"Restored {files} files and {rows} rows as of {made_at:%Y-%m-%d %H:%M:%S} UTC.")


@contextmanager
def _opened(name: str) -> Iterator[IO[bytes]]:
    """The file; of the standard input a copy, for it is read twice: once to check, once to restore."""
    if name != "-":
        with Path(name).open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile(dir=settings.VAR_DIR) as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
        copy.seek(0)
        yield copy
