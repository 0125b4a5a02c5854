"""The chat's own server process, or another ASGI server with the chat in it, on a free port."""

import sys
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import quote, urlencode

from tests.services.process import ROOT, Process, free_port

_PYTHON = sys.executable

# How to start each server that must be able to serve the chat; {port} is filled in.
CHAT = (_PYTHON, "-m", "chatsite.server", "-b", "127.0.0.1", "-p", "{port}", "chatsite.asgi:application")
DAPHNE = (_PYTHON, "-m", "daphne", "-b", "127.0.0.1", "-p", "{port}", "chatsite.asgi:application")
UVICORN = (_PYTHON, "-m", "uvicorn", "--host", "127.0.0.1", "--port", "{port}", "chatsite.asgi:application")
RUNSERVER = (_PYTHON, "manage.py", "runserver", "--noreload", "127.0.0.1:{port}")


class Reachable:
    """Something that serves the chat's pages and sockets at a port of this machine."""

    port: int
    is_secure = False

    @property
    def url(self) -> str:
        return f"http{'s' if self.is_secure else ''}://127.0.0.1:{self.port}"

    def page(self, room: str) -> str:
        """The address of a room's page; `room` as a person writes it."""
        return f"{self.url}/chat/{quote(room)}/"

    def ws_url(self, room: str, **query: str | int) -> str:
        """The address of a room's socket; `room` as a person writes it."""
        asked = f"?{urlencode(query)}" if query else ""
        return f"ws{self.url.removeprefix('http')}/ws/chat/{quote(room)}/{asked}"


def complaints(log: str) -> list[str]:
    """The lines of a server's log, in either format, that tell of a mistake."""
    signs = ("Traceback", " ERROR ", " CRITICAL ", '"level":"error"', '"level":"critical"')
    return [line for line in log.splitlines() if any(sign in line for sign in signs)]


class ServerProcess(Reachable, Process):
    """Started on construction's port each time, so a page that lost it finds it again."""

    def __init__(self, env: Mapping[str, str], log: Path, argv: Sequence[str] = CHAT) -> None:
        self.port = free_port()
        super().__init__(
            [word.format(port=self.port) for word in argv],
            log,
            env={"PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)} | dict(env),  # daphne and uvicorn look there only
        )

    def is_ready(self) -> bool:
        """Whether a GET / is answered, with whatever status below 500."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/")
            return connection.getresponse().status < 500
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
