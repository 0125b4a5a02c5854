"""Thousands of clients of the rich dialect in one thread: cheap, patient, and with little to say.

Each has a session, says hello, answers pings and notes when it hears what. What a message costs them is small beside
what it costs the server, so that the times are the server's.
"""

import errno
import json
import os
import select
import socket
import time
from collections.abc import Callable, Sequence
from enum import Enum, auto

import msgspec

from chat.text import ids

_READ = 1 << 18


class State(Enum):
    AWAY = auto()
    CONNECTING = auto()
    SHAKING = auto()
    GREETING = auto()
    HERE = auto()


class Client:
    """One socket after another of one person."""

    def __init__(self, number: int, room: str, key: str) -> None:
        self.number, self.room, self.key = number, room, key
        self.state = State.AWAY
        self.since: int | None = None
        self.epoch = ""
        self.frames = 0
        self.bytes = 0
        self.came = b""
        self.socket: socket.socket | None = None


class Crowd:
    """Override `linked`, `here`, `heard`, `told` and `lost`; call `turn` again and again."""

    def __init__(self, port: int, keys: Sequence[str], rooms: int) -> None:
        """The clients, with a session's key each, spread over so many rooms."""
        self.port = port
        self.clients = [Client(number, f"crowd-{number % rooms}", key) for number, key in enumerate(keys)]
        self._poll = select.epoll()
        self._by_fd: dict[int, Client] = {}

    # What one may want to know

    def linked(self, client: Client) -> None:
        """It has a connection, and nothing more yet."""

    def here(self, client: Client) -> None:
        """It is in the room and has caught up."""

    def heard(self, client: Client, at: float) -> None:
        """It got a message, at this time of the monotonic clock."""

    def told(self, client: Client, event: bytes) -> None:
        """It got whatever else comes to one who is in the room."""

    def lost(self, client: Client, why: str) -> None:
        """Its socket is gone."""
        raise AssertionError(f"client {client.number}: {why}")

    # What they do

    def connect(self, client: Client) -> None:
        client.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        client.state, client.came = State.CONNECTING, b""
        failure = client.socket.connect_ex(("127.0.0.1", self.port))
        if failure not in (0, errno.EINPROGRESS):
            self.lose(client, os.strerror(failure))
            return
        self._by_fd[client.socket.fileno()] = client
        self._poll.register(client.socket, select.EPOLLOUT)

    def say(self, client: Client, text: str) -> None:
        self._send(client, {"type": "send", "client_id": str(ids.uuid7()), "message": text})

    def leave(self, client: Client, *, politely: bool) -> None:
        if politely:
            self._write(client, _masked(0x88, (1000).to_bytes(2, "big")))
        self._close(client)

    def lose(self, client: Client, why: str) -> None:
        """Its socket is gone, or given up."""
        self._close(client)
        self.lost(client, why)

    def turn(self, seconds: float) -> None:
        """Handle what comes within this time, and return after the first of it."""
        for fd, _ in self._poll.poll(seconds):
            client = self._by_fd.get(fd)
            if client is not None:
                self._handle(client)

    def until(self, condition: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not (held := condition()) and time.monotonic() < deadline:
            self.turn(0.05)
        return held

    def _handle(self, client: Client) -> None:
        assert client.socket is not None
        if client.state is State.CONNECTING:
            failure = client.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if failure:
                self.lose(client, os.strerror(failure))
            else:
                self._shake_hands(client)
            return
        try:
            came = client.socket.recv(_READ)
        except OSError as error:
            self.lose(client, os.strerror(error.errno))
            return
        if not came:
            self.lose(client, "end of file")
            return
        client.bytes += len(came)
        client.came += came
        self._read(client, time.monotonic())

    def _shake_hands(self, client: Client) -> None:
        assert client.socket is not None
        self._poll.modify(client.socket, select.EPOLLIN)
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.state = State.SHAKING
        self.linked(client)
        head = [
            f"GET /ws/chat/{client.room}/ HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Upgrade: websocket",
            "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Protocol: chat.v1", f"Origin: http://127.0.0.1:{self.port}", f"Cookie: session={client.key}",
        ]  # fmt: skip
        self._write(client, "\r\n".join([*head, "", ""]).encode())

    def _read(self, client: Client, at: float) -> None:
        if client.state is State.SHAKING:
            head, end, rest = client.came.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self.lose(client, head.partition(b"\r\n")[0].decode())
                return
            client.state, client.came = State.GREETING, rest
            self._greet(client)
        while (frame := _first_frame(client.came)) and client.state is not State.AWAY:
            opcode, payload, size = frame
            client.came = client.came[size:]
            client.frames += 1
            if opcode == 1:
                self._hear(client, payload, at)
            elif opcode == 9:
                self._write(client, _masked(0x8A, payload))
            elif opcode == 8:
                self.lose(client, f"closed with {int.from_bytes(payload[:2], 'big')}")

    def _greet(self, client: Client) -> None:
        hello = {"type": "hello"} if client.since is None else {"since": client.since, "epoch": client.epoch}
        self._send(client, {"type": "hello"} | hello)

    def _hear(self, client: Client, payload: bytes, at: float) -> None:
        if payload.startswith(b'{"type":"message"'):
            self.heard(client, at)
        elif payload.startswith(b'{"type":"hello"'):
            client.epoch = msgspec.json.decode(payload)["epoch"]
        elif payload.startswith(b'{"type":"sync"') and b'"more":false' in payload[-20:]:
            client.since = msgspec.json.decode(payload)["seq"]
            if client.state is State.GREETING:
                client.state = State.HERE
                self.here(client)
        elif payload.startswith(b'{"type":"error"'):
            raise AssertionError(payload.decode())
        else:
            self.told(client, payload)

    def _send(self, client: Client, frame: object) -> None:
        self._write(client, _masked(0x81, json.dumps(frame).encode()))

    def _write(self, client: Client, data: bytes) -> None:
        assert client.socket is not None
        try:
            sent = client.socket.send(data)
        except OSError as error:
            self.lose(client, os.strerror(error.errno))
        else:
            assert sent == len(data), "so little always fits"

    def _close(self, client: Client) -> None:
        if client.socket is not None:
            self._by_fd.pop(client.socket.fileno(), None)
            client.socket.close()
        client.socket, client.state = None, State.AWAY


def _masked(first: int, payload: bytes) -> bytes:
    """With a mask of zeros: RFC 6455 wants one, and this is as cheap to take off as any."""
    assert len(payload) < 65_536
    size = bytes((0x80 | len(payload),)) if len(payload) < 126 else b"\xfe" + len(payload).to_bytes(2, "big")
    return bytes((first,)) + size + b"\0\0\0\0" + payload


def _first_frame(data: bytes) -> tuple[int, bytes, int] | None:
    """Opcode, payload and size of the first frame, if it is whole."""
    if len(data) < 2:
        return None
    size, head = data[1], 2
    if size == 126:
        size, head = int.from_bytes(data[2:4], "big"), 4
    elif size == 127:
        size, head = int.from_bytes(data[2:10], "big"), 10
    if len(data) < max(head + size, 4 if head == 4 else 10 if head == 10 else 2):
        return None
    return data[0] & 0x0F, data[head : head + size], head + size
