"""`manage.py backup FILE`: all that is kept, in one file, while the chat goes on."""

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from chat.actions.backups import saving


class Command(BaseCommand):
    help = "Write a backup; `manage.py restore` reads it, on SQLite and on PostgreSQL, whichever it was made on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="where to; - for the standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["file"] == "-":
                counts = saving.save(sys.stdout.buffer)
                sys.stdout.buffer.flush()
            else:
                with _whole(Path(options["file"])) as out:
                    counts = saving.save(out)
        except (OSError, DatabaseError) as error:
            raise CommandError(f"There is no backup: {str(error).splitlines()[0]}.") from error
        self.stderr.write(f"Saved {counts.pop('files')} files and {sum(counts.values())} rows.", self.style.SUCCESS)


@contextmanager
def _whole(path: Path) -> Iterator[IO[bytes]]:
    """A file for its owner's eyes that is there when it is complete, and not before."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(path)
        _settle(path.parent)
    finally:
        fresh.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """The new name is on the disk as well."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
