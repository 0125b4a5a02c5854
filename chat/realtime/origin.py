"""Lets in sockets of our own pages and of programs, and nobody else's pages."""

from http import HTTPStatus
from typing import Any

from channels.security.websocket import OriginValidator, WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from chat.realtime.refusals import refusals


class ExactOrigin(OriginValidator):
    """Scheme, host and port must be those of an allowed origin; without a list, those of the site itself.

    A request without Origin comes from no browser: it is let in as a guest, and its cookies are not looked at, so
    that nothing can borrow a person's session by leaving the header out.
    """

    def __init__(self, application: Any, allowed_origins: list[str] | None = None) -> None:
        super().__init__(application, allowed_origins or [])

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if not any(name == b"origin" for name, _ in scope["headers"]):
            without_cookies = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
            return await self.application({**scope, "headers": without_cookies}, receive, send)
        if _is_one_of(self.allowed_origins or _own_origins(scope), scope):
            return await self.application(scope, receive, send)
        refusals.note(scope, HTTPStatus.FORBIDDEN, origin=" ".join(_given(scope)))
        return await WebsocketDenier()(scope, receive, send)


def _is_one_of(allowed: list[str], scope: dict[str, Any]) -> bool:
    given = _given(scope)
    return len(given) == 1 and given[0] in allowed


def _given(scope: dict[str, Any]) -> list[str]:
    return [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"origin"]


def _own_origins(scope: dict[str, Any]) -> list[str]:
    """The origin under which this very request reached us, if the site answers to that host."""
    host = next((value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"), "")
    domain, _ = split_domain_port(host)
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return []
    return [f"{'https' if scope.get('scheme') == 'wss' else 'http'}://{host}"]
