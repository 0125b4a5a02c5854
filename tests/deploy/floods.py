"""Floods from one address of this machine against nginx and a server, each bounded in number and time."""

import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection

from tests.services import Nginx, Reachable

ATTACKER, VISITOR = "127.0.0.66", "127.0.0.7"
ANSWER_SECONDS = 30.0


def page(nginx: Reachable, room: str, source: str = VISITOR) -> tuple[int, float]:
    """The status of a room's page and the seconds that it took."""
    began = time.monotonic()
    connection = HTTPConnection("127.0.0.1", nginx.port, timeout=ANSWER_SECONDS, source_address=(source, 0))
    try:
        connection.request("GET", f"/chat/{room}/")
        return connection.getresponse().status, time.monotonic() - began
    finally:
        connection.close()


@contextmanager
def lines(nginx: Nginx, count: int, first: bytes, source: str = ATTACKER) -> Iterator[list[socket.socket]]:
    """So many connections of an attacker, on each of which this was said; closed at the end."""
    with ExitStack() as opened:
        made = []
        for _ in range(count):
            line = socket.create_connection(("127.0.0.1", nginx.port), timeout=5, source_address=(source, 0))
            made.append(opened.enter_context(line))
            line.sendall(first)
        yield made


def answers(made: Iterable[socket.socket], seconds: float = ANSWER_SECONDS) -> Counter[str]:
    """The first line that each connection hears: its status, `closed`, or `open` where nothing came in that time."""
    told: Counter[str] = Counter()
    with selectors.DefaultSelector() as selector:
        for line in made:
            selector.register(line, selectors.EVENT_READ)
        deadline = time.monotonic() + seconds
        while selector.get_map() and (rest := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(rest):
                told[_status(key.fileobj)] += 1  # type: ignore[arg-type]
                selector.unregister(key.fileobj)
        told["open"] += len(selector.get_map())
    return +told


def drip(made: Iterable[socket.socket], byte: bytes) -> int:
    """Send a byte on each connection; how many still take it."""
    taken = 0
    for line in made:
        try:
            taken += line.send(byte)
        except OSError:
            pass
    return taken


def handshake(room: str) -> bytes:
    return (
        f"GET /ws/chat/{room}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ).encode()


def _status(line: socket.socket) -> str:
    try:
        first = line.recv(64)
    except OSError:
        return "closed"
    return first.split()[1].decode() if first else "closed"
