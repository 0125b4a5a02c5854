"""The site as a visitor reaches it, through whatever stands before it: page, headers, WebSocket.

Nothing is left behind: a socket that has not said hello enters no room.
"""

import ssl
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from chat import limits
from chat.ops.doctor import websocket
from chat.ops.doctor.finding import Finding, fine, first_line, note, wrong

_PROXY_WORD = "Let the proxy set X-Forwarded-Proto itself, to the visitor's scheme, and name it in TRUSTED_PROXIES."


class Address(NamedTuple):
    """As a browser's origin."""

    scheme: str
    host: str
    port: int | None

    @property
    def origin(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{shown}{f':{self.port}' if self.port else ''}"

    def connect(self) -> HTTPConnection:
        kind = HTTPSConnection if self.scheme == "https" else HTTPConnection
        return kind(self.host, self.port, timeout=limits.DOCTOR_SECONDS)


def parse(text: str) -> Address:
    """Raises ValueError for what is no http or https address."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(f"Expected an address such as https://chat.example.org, got {text!r}.")
    return Address(parts.scheme, parts.hostname, parts.port)


def look(address: Address) -> Iterator[Finding]:
    domain, _ = split_domain_port(address.origin.split("://")[1])
    if not validate_host(domain, settings.ALLOWED_HOSTS):
        yield wrong("address", f"the site does not answer to {domain}", f"Add {domain} to ALLOWED_HOSTS.")
        return
    try:
        page = list(_page(address))
        yield from page
        if not any(finding.advice for finding in page):
            yield from _forged(address)
            yield from _sockets(address)
    except ssl.SSLCertVerificationError as error:
        yield wrong("address", f"its certificate does not hold: {error.verify_message}", "Renew or complete it.")
    except (OSError, HTTPException) as error:
        yield wrong(
            "address", f"{address.origin}: {first_line(error)}", "See that the proxy runs and the name leads to it."
        )


def _page(address: Address) -> Iterator[Finding]:
    answer = _get(address)
    where = answer.headers.get("Location", "")
    if answer.status in (301, 308) and where.rstrip("/") == address.origin:
        yield wrong("address", "the page redirects to itself: the site does not learn that TLS was used", _PROXY_WORD)
    elif answer.status in (301, 308) and address.scheme == "http" and where.startswith("https:"):
        yield note("address", f"{address.origin} redirects to https", "Ask about the https address.")
    elif answer.status in (502, 503, 504):
        yield wrong("address", f"the proxy gets no answer ({answer.status})", "See that servers run where it looks.")
    elif answer.status >= 400:
        yield wrong("address", f"the start page answers {answer.status}", "The server's log says more.")
    elif "Content-Security-Policy" not in answer.headers:
        yield wrong(
            "address", "what answers is not this chat, or its headers are taken away", "Look where the name leads to."
        )
    else:
        yield fine("address", f"{address.origin} answers")


def _forged(address: Address) -> Iterator[Finding]:
    """Where the site redirects to https, it shows by that which scheme it believes."""
    if not settings.TLS:
        return
    if _get(address, {"X-Forwarded-Proto": "http"}).status in (301, 308):
        yield wrong("proxy", "a visitor's own X-Forwarded-Proto is believed", _PROXY_WORD)
    else:
        yield fine("proxy", "says itself by which scheme a visitor came")


def _sockets(address: Address) -> Iterator[Finding]:
    status = websocket.talk(address.connect(), address.origin)
    if status == websocket.TALKED:
        yield fine("websocket", "opens and carries frames both ways")
    elif status == 403:
        yield wrong(
            "websocket",
            "is refused to the site's own pages",
            f"Let the proxy pass Host on; or add {address.origin} to ALLOWED_ORIGINS. {_PROXY_WORD}",
        )
        return
    elif status == 101:
        yield wrong("websocket", "opens, but no frame comes back", "Switch buffering off in the proxy for /ws/.")
    else:
        yield wrong(
            "websocket", f"does not open ({status})", "Let the proxy speak HTTP/1.1 and pass Upgrade and Connection on."
        )
        return
    if websocket.talk(address.connect(), "https://elsewhere.invalid") in (101, websocket.TALKED):
        yield wrong("websocket", "opens to other sites' pages too", "Let the proxy pass Origin on as it came.")


def _get(address: Address, headers: dict[str, str] | None = None) -> HTTPResponse:
    connection = address.connect()
    try:
        connection.request("GET", "/", headers=headers or {})
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()
