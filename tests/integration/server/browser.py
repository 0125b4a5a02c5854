"""A browser as far as HTTP goes: keeps cookies, sends its origin, sends the forms of a page."""

import re
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import quote, urlencode

from tests.services import ServerProcess


class Page(NamedTuple):
    status: int
    headers: dict[str, str]
    set_cookies: list[str]
    text: str


class Browser:
    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.cookies: dict[str, str] = {}

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    @property
    def origin(self) -> str:
        return self.server.url

    def get(self, path: str, **headers: str) -> Page:
        return self._ask("GET", path, headers)

    def head(self, path: str) -> Page:
        return self._ask("HEAD", path, {})

    def room(self, name: str) -> Page:
        return self.get(f"/chat/{quote(name)}/")

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Page:
        """Send a form as the page does: with its token, from its origin."""
        token = {"csrfmiddlewaretoken": self.token} if self.token else {}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.origin} | headers
        return self._ask("POST", path, headers, urlencode(fields | token))

    token = ""

    def _ask(self, method: str, path: str, headers: dict[str, str], body: str | None = None) -> Page:
        connection = HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        if self.cookies:
            headers = {"Cookie": self.cookie} | headers
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            return self._take(connection.getresponse())
        finally:
            connection.close()

    def _take(self, response: HTTPResponse) -> Page:
        set_cookies = response.headers.get_all("Set-Cookie") or []
        for header in set_cookies:
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        text = response.read().decode(errors="replace")
        if found := re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text):
            self.token = found[1]
        return Page(
            response.status, {name.lower(): value for name, value in response.headers.items()}, set_cookies, text
        )
