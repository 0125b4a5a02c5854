"""`manage.py tidy`: removes rows that mean nothing any more; once a day is often enough."""

from typing import Any

from django.core.management.base import BaseCommand

from chat.actions import tidying


class Command(BaseCommand):
    help = "Remove what has expired or is used up, and what is left of deleted rooms."

    def handle(self, *args: Any, **options: Any) -> None:
        for what, count in tidying.tidy().items():
            self.stdout.write(f"{what}: {count}")
