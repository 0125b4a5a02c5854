"""`manage.py doctor`: looks at settings, stores and the way to the visitors, and says in words what to do."""

import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.ops.doctor import address, site, stores
from chat.ops.doctor.finding import Finding, Grade


class Command(BaseCommand):
    help = "Look for what is wrong with this site. Ends with 1 where something is."
    requires_system_checks = ()  # they are among what is looked at

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "address",
            nargs="?",
            default=next(iter(settings.ALLOWED_ORIGINS), ""),
            help="where visitors find the site, as https://chat.example.org; unless said the first of ALLOWED_ORIGINS",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asked = address.parse(options["address"]) if options["address"] else None
        except ValueError as error:
            raise CommandError(str(error)) from None
        grades = [self._tell(finding) for finding in _all(asked)]
        if Grade.WRONG in grades:
            sys.exit(1)

    def _tell(self, finding: Finding) -> Grade:
        self.stdout.write(_without_secrets(f"{finding.grade:5}  {finding.about}: {finding.seen}"))
        if finding.advice:
            self.stdout.write(_without_secrets(f"       {finding.advice}"))
        return finding.grade


def _all(asked: address.Address | None) -> Iterator[Finding]:
    for look in (site.look, stores.database, stores.redis, stores.disk, stores.mail):
        yield from look()
    if asked is None:
        yield Finding("address", Grade.NOTE, "not looked at", "Say it: manage.py doctor https://chat.example.org")
    else:
        yield from address.look(asked)


def _without_secrets(text: str) -> str:
    """Whatever a library may have put into an error."""
    for secret in _secrets():
        text = text.replace(secret, "…")
    return text


def _secrets() -> Iterator[str]:
    known = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS, settings.EMAIL_HOST_PASSWORD]
    known.append(str(settings.DATABASES["default"].get("PASSWORD", "")))
    known += [urlsplit(url).password or "" for url in settings.REDIS_URLS]
    return (secret for secret in known if secret)
