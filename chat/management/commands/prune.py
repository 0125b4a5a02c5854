"""`manage.py prune`: removes what is older than the site keeps it (CHAT_RETENTION_DAYS); once a day is often enough."""

from datetime import datetime, timedelta
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from chat import limits
from chat.actions import pruning


class Command(BaseCommand):
    help = "Remove messages that are older than CHAT_RETENTION_DAYS, for good, while people talk."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=limits.RETENTION_DAYS, help="instead of CHAT_RETENTION_DAYS")
        parser.add_argument("--dry-run", action="store_true", help="only count them")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["days"]
        if days == 0 and not limits.RETENTION_DAYS:
            raise CommandError("This site keeps everything: set CHAT_RETENTION_DAYS, or say --days.")
        if days < 1:
            raise CommandError(f"Expected at least one day, got {days}.")
        before = _days_ago(days)
        counts = pruning.count(before) if options["dry_run"] else pruning.prune(before, _let_others_write)
        for what, number in counts.items():
            self.stdout.write(f"{what}: {number}")


def _days_ago(days: int) -> datetime:
    try:
        return timezone.now() - timedelta(days=days)
    except OverflowError:
        raise CommandError(f"Nothing is {days} days old.") from None


def _let_others_write(seconds: float) -> None:
    """As long as they were kept waiting: SQLite gives a lock to whoever happens to ask, not to who waits longest."""
    Event().wait(seconds)
