"""Reads settings from the environment; knows what a usable value looks like, not what it is for.

A value that cannot be used stops the start: `BadSetting` names the variable, what was expected and what came
(for a secret, only that it came).
"""

import os
import secrets
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from chatsite.proxies import Trusted

Network = IPv4Network | IPv6Network


class BadSetting(ImproperlyConfigured):
    """An environment variable has a value that the site cannot start with."""

    def __init__(self, name: str, expected: str, came: str) -> None:
        super().__init__(f"{name}: expected {expected}, got {came}.")


def text(name: str, default: str) -> str:
    return os.environ.get(name, "").strip() or default


def words(name: str, default: list[str]) -> list[str]:
    """A list separated by commas or blanks."""
    return os.environ.get(name, "").replace(",", " ").split() or default


def flag(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in ("", "on", "1", "true", "yes"):
        return default if value == "" else True
    if value in ("off", "0", "false", "no"):
        return False
    raise BadSetting(name, "on or off", repr(value))


def choice(name: str, choices: list[str]) -> str:
    """One of these words; the first of them unless told."""
    value = os.environ.get(name, "").strip().lower() or choices[0]
    if value not in choices:
        raise BadSetting(name, f"one of {', '.join(choices)}", repr(value))
    return value


class MailServer(NamedTuple):
    host: str
    port: int
    user: str
    password: str
    starts_tls: bool  # goes over to TLS before anything is said
    is_tls: bool  # is TLS from the first byte


def mail_server(name: str) -> MailServer | None:
    """None where there is none."""
    url = os.environ.get(name, "").strip()
    if not url:
        return None
    expected = "smtp://host:25, smtp+tls://user:password@host:587 or smtps://user:password@host:465"
    try:
        parts = urlsplit(url)
        port = parts.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme]
    except (ValueError, KeyError):
        raise BadSetting(name, expected, "another form (not shown)") from None
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.scheme not in ("smtp", "smtp+tls", "smtps"):
        raise BadSetting(name, expected, "another form (not shown)")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(
        parts.hostname, port, user, password, starts_tls=parts.scheme == "smtp+tls", is_tls=parts.scheme == "smtps"
    )


def origins(name: str) -> list[str]:
    """Exact web origins: scheme, host and, where it is not the scheme's own, port."""
    return [_origin(name, value) for value in words(name, [])]


def _origin(name: str, value: str) -> str:
    try:
        parts = urlsplit(value)
        well_formed = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        well_formed = False
    if not well_formed or value != f"{parts.scheme}://{parts.netloc}" or "@" in value:
        raise BadSetting(name, "origins such as https://chat.example.org or http://127.0.0.1:8000", repr(value))
    return value.lower()


def proxies(name: str) -> Trusted:
    """Addresses and networks of proxies, and `unix` for whoever reaches our Unix socket."""
    given = words(name, [])
    try:
        networks = tuple(ip_network(value) for value in given if value != "unix")
    except ValueError as error:
        raise BadSetting(name, "addresses, networks such as 10.0.0.0/24, or unix", str(error)) from None
    return Trusted(networks, "unix" in given)


def redis_urls(name: str) -> list[str]:
    urls = words(name, [])
    for url in urls:
        if urlsplit(url).scheme not in ("redis", "rediss", "unix"):
            raise BadSetting(name, "addresses such as redis://127.0.0.1:6379/0", "another form (not shown)")
    return urls


def database(name: str, default: Path) -> dict[str, str]:
    """ENGINE, NAME and, for a server, USER, PASSWORD, HOST and PORT of Django's DATABASES."""
    url = text(name, f"sqlite:///{default}")
    expected = "postgresql://user:password@host:5432/name or sqlite:////absolute/path"
    try:
        parts = urlsplit(url)
        path, port = unquote(parts.path[1:]), str(parts.port or "")
    except ValueError:
        raise BadSetting(name, expected, "an address that cannot be read (not shown)") from None
    if parts.scheme in ("postgres", "postgresql") and path:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": path,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": port,
        }
    if parts.scheme == "sqlite" and path and not parts.netloc:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
    raise BadSetting(name, expected, "another form (not shown)")


def secret_key(name: str, keep_in: Path, *, required: bool) -> str:
    """The key given, else that of the file named by `<NAME>_FILE`, else one made once and kept in `keep_in`."""
    given = os.environ.get(name, "").strip() or _content(f"{name}_FILE")
    if given:
        if len(given) < 32:
            raise BadSetting(name, "at least 32 characters", f"{len(given)}")
        return given
    if required:
        raise BadSetting(name, "a secret of at least 32 characters, the same for every process", "nothing")
    return _kept_secret(keep_in)


def secret(name: str, least: int) -> str:
    """The secret given, else that of the file named by `<NAME>_FILE`; empty where there is neither."""
    given = os.environ.get(name, "").strip() or _content(f"{name}_FILE")
    if given and not (len(given) >= least and given.isascii() and given.isprintable()):
        raise BadSetting(name, f"at least {least} printable ASCII characters", "something else (not shown)")
    return given


def networks(name: str) -> list[Network]:
    """Addresses, and networks as 10.0.0.0/8."""
    return [_network(name, value) for value in words(name, [])]


def _network(name: str, value: str) -> Network:
    try:
        return ip_network(value)
    except ValueError:
        raise BadSetting(name, "addresses or networks such as 10.0.0.7 or 10.0.0.0/8", repr(value)) from None


def _content(name: str) -> str:
    path = os.environ.get(name, "").strip()
    if not path:
        return ""
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise BadSetting(name, "a file that can be read", error.strerror or "an unreadable one") from None


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # atomic: of two first starts at once, one key wins and both read it
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
