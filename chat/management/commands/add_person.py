"""`manage.py add_person`: a member, or the first of the staff, made at the console."""

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.actions import accounts
from chat.wire.codes import ChatError


class Command(BaseCommand):
    help = "Make an account. The password is asked for, or read from the first line of the input."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--staff", action="store_true", help="may look after people in /admin/")
        parser.add_argument("--superuser", action="store_true", help="may look after the staff too")

    def handle(self, *args: Any, **options: Any) -> None:
        password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        try:
            person = accounts.add(
                options["name"],
                password,
                is_staff=options["staff"] or options["superuser"],
                is_superuser=options["superuser"],
            )
        except ChatError as refusal:
            raise CommandError(refusal.message) from None
        self.stdout.write(f"{person.display_name} can log in.")
