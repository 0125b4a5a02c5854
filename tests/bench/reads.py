"""`python -m tests.bench.reads [--messages 1000000] [--postgres]`: CPU of pages, history and catch-up of a long log.

One member, one request after the other, over the network of a real server; beside a room of that many messages there
is one of 100. CPU is that of the server and its Redis, and PostgreSQL's in a column of its own.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable
from http.client import HTTPConnection
from itertools import count
from statistics import median
from time import perf_counter
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.bench.load import Shape
from tests.bench.subject import Subject, ours, static_files

PEOPLE = 50
MISSED = 500
SHORT = 100


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=100, help="that each read is done")
    parser.add_argument("--postgres", action="store_true")
    asked = parser.parse_args()
    logs = {"short": SHORT, "long": asked.messages}
    with static_files() as static, ours(static, Shape(1, PEOPLE), postgres=asked.postgres, logs=logs) as subject:
        reader = Reader(subject, asked.messages, asked.times)
        print(f"{'':<44}{'CPU ms':>8}{'postgres':>10}{'median ms':>11}{'KiB':>8}")
        reader.pages()
        reader.socket()
    return 0


class Reader:
    def __init__(self, subject: Subject, messages: int, times: int) -> None:
        assert subject.cookies is not None
        self._subject = subject
        self._last = messages
        self._times = times
        self._cookie = f"session={subject.cookies.read_text().split()[0]}"
        self._chance = random.Random(1)

    def pages(self) -> None:
        http = HTTPConnection("127.0.0.1", self._subject.servers[0].port)

        def get(path: str) -> int:
            http.request("GET", path, headers={"Cookie": self._cookie, "Accept-Language": "en-US,en;q=0.5"})
            response = http.getresponse()
            body = response.read()
            assert response.status == 200, response.status
            return len(body)

        self._measure(f"page of a room of {SHORT}", lambda: get("/chat/short/"))
        self._measure(f"page of a room of {self._last:,}", lambda: get("/chat/long/"))
        self._measure("page around a message of it", lambda: get(f"/chat/long/{self._anywhere()}"))
        self._measure("the page's words", lambda: get("/words.js"))
        self._measure("home", lambda: get("/"))

    def socket(self) -> None:
        server = self._subject.servers[0]
        with connect(
            server.ws_url("long"), subprotocols=[Subprotocol("chat.v1")], origin=Origin(server.url), max_size=None,
            additional_headers={"Cookie": self._cookie}, proxy=None, ping_interval=None,
        ) as socket:  # fmt: skip
            socket.send(json.dumps({"type": "hello"}))
            epoch = _until(socket, "hello")[0]["epoch"]
            _until(socket, "presence")
            for limit in (50, 100):
                self._measure(f"{limit} of history, anywhere", lambda limit=limit: self._history(socket, limit))
            for missed in (0, MISSED):
                self._measure(
                    f"hello again, {missed} changes missed", lambda missed=missed: self._catch_up(socket, epoch, missed)
                )

    def _history(self, socket: ClientConnection, limit: int) -> int:
        asked = {"type": "history", "ref": "r", "before": self._anywhere() + limit, "limit": limit}
        socket.send(json.dumps(asked))
        found, size = _until(socket, "history")
        assert len(found["messages"]) == limit
        return size

    def _catch_up(self, socket: ClientConnection, epoch: str, missed: int) -> int:
        socket.send(json.dumps({"type": "hello", "since": self._last - missed, "epoch": epoch}))
        found, size = _until(socket, "sync")
        got = len(found["messages"])
        while found["more"]:
            found, more = _until(socket, "sync")
            got, size = got + len(found["messages"]), size + more
        assert got == missed
        _until(socket, "presence")
        return size

    def _anywhere(self) -> int:
        return self._chance.randrange(1, self._last - 100)

    def _measure(self, what: str, read: Callable[[], int]) -> None:
        for _ in range(5):
            read()
        before, took = self._subject.usage(), []
        for _ in range(self._times):
            begun = perf_counter()
            size = read()
            took.append(perf_counter() - begun)
        used = self._subject.usage() - before
        each = 1e3 / self._times
        print(
            f"{what:<44}{used.cpu * each:>8.2f}{used.postgres_cpu * each:>10.2f}"
            f"{median(took) * 1e3:>11.2f}{size / 1024:>8.0f}",
            flush=True,
        )


def _until(socket: ClientConnection, kind: str) -> tuple[dict[str, Any], int]:
    """The next event of that kind, and how many bytes it was."""
    for _ in count():
        text = socket.recv(timeout=30)
        event = json.loads(text)
        if event["type"] == kind and not (kind == "presence" and "here" not in event):
            return event, len(text)
    raise AssertionError


if __name__ == "__main__":
    sys.exit(main())
