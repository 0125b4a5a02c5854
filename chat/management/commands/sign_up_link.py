"""`manage.py sign_up_link`: a link by which somebody signs up where not everybody may (CHAT_SIGN_UP=invitation)."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.urls import reverse

from chat import limits
from chat.actions import sign_up_links

_DAY = timedelta(days=1).total_seconds()


class Command(BaseCommand):
    help = "Print the path of a new sign-up link; put the site's address before it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--uses", type=int, default=1, help="how many people may sign up by it (1)")
        parser.add_argument(
            "--days", type=float, default=limits.SIGN_UP_LINK_SECONDS / _DAY, help="how long it is good"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        made = sign_up_links.make(None, options["uses"], options["days"] * _DAY)
        self.stdout.write(reverse("account:sign_up_by_link", args=[made.token]))
