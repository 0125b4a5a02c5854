"""`manage.py tidy`: removes rows that mean nothing any more; once a day is often enough."""

from typing import Any

from django.core.management.base import BaseCommand

from chat.actions import tidying


class Command(BaseCommand):
    help = "Remove sessions that have expired, tries that are forgiven, and old events of accounts."

    def handle(self, *args: Any, **options: Any) -> None:
        for what, count in tidying.tidy().items():
            self.stdout.write(f"{what}: {count}")
