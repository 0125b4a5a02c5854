"""Settings that work and should not be, or not together; the secrets and where they are kept."""

import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks

from chat import limits
from chat.ops.doctor.finding import Finding, fine, note, wrong
from chat.queries.sql import on_postgres


def look() -> Iterator[Finding]:
    found = [*_switches(), *_processes(), *_django(), *_key_file()]
    yield from found or [fine("settings", "nothing that stands out")]


def _switches() -> Iterator[Finding]:
    if settings.DEBUG:
        yield wrong("settings", "DEBUG is on: errors show settings and code to visitors", "Take DEBUG out.")
    if not limits.RATE_LIMITS:
        yield wrong(
            "settings", "CHAT_RATE_LIMITS is off: anybody may flood the site", "Take it out; it is for load tests."
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield note("settings", "ALLOWED_HOSTS has *: the site answers to any name", "List the names that are its own.")
    if not settings.TLS and any(urlsplit(origin).scheme == "https" for origin in settings.ALLOWED_ORIGINS):
        yield wrong(
            "settings",
            "visitors come by https, but TLS is off: cookies may leave without it",
            "Set TLS=on, and TRUSTED_PROXIES to the proxy that speaks it.",
        )
    if settings.TLS and not (settings.TRUSTED_PROXIES.networks or settings.TRUSTED_PROXIES.unix):
        yield note(
            "settings",
            "TLS is on and TRUSTED_PROXIES empty: behind a proxy every page would redirect to itself",
            "Set TRUSTED_PROXIES, unless this server speaks TLS itself.",
        )


def _processes() -> Iterator[Finding]:
    if on_postgres() and not settings.REDIS_URLS:
        yield note("settings", "there is no REDIS_URL", "Set it as soon as there is a second process.")


def _django() -> Iterator[Finding]:
    """What Django's own checks say; those for deployments where the site is deployed."""
    for message in checks.run_checks(include_deployment_checks=settings.TLS):
        if message.level >= checks.WARNING and not message.is_silenced():
            yield wrong(
                "settings",
                f"{message.msg} ({message.id})",
                message.hint or "Django's documentation of the id has more.",
            )


def _key_file() -> Iterator[Finding]:
    path = Path(settings.VAR_DIR) / "secret_key"
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield wrong("settings", f"others can read {path}", f"Run: chmod 600 {path}")
