"""Raw WebSocket frames, right and wrong ones, over a plain TCP connection."""

import os
import socket
from typing import NamedTuple, Self

TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA


class Frame(NamedTuple):
    opcode: int
    payload: bytes

    @property
    def close_code(self) -> int:
        return int.from_bytes(self.payload[:2], "big")


def frame(opcode: int, payload: bytes = b"", *, final: bool = True, reserved: int = 0, masked: bool = True) -> bytes:
    """One frame as a client sends it, unless told otherwise."""
    first = (0x80 if final else 0) | reserved << 4 | opcode
    return bytes([first]) + _length(len(payload), masked) + (_masked(payload) if masked else payload)


def announced(opcode: int, size: int) -> bytes:
    """The head of a frame that claims to be that long."""
    return bytes([0x80 | opcode, 0xFF]) + size.to_bytes(8, "big") + os.urandom(4)


def _length(size: int, masked: bool) -> bytes:
    bit = 0x80 if masked else 0
    if size < 126:
        return bytes([bit | size])
    if size < 65_536:
        return bytes([bit | 126]) + size.to_bytes(2, "big")
    return bytes([bit | 127]) + size.to_bytes(8, "big")


def _masked(payload: bytes) -> bytes:
    key = os.urandom(4)
    return key + bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))


class RawSocket:
    """A client that has shaken hands and may now send any bytes."""

    def __init__(self, port: int, path: str = "/") -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._buffer = b""
        self.send(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = self._until(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101"), head

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def receive(self) -> Frame | None:
        """The next frame of the server; None when it has ended the connection. A reset is an error."""
        head = self._exactly(2)
        if head is None:
            return None
        assert not head[1] & 0x80, "a server must not mask"
        size = head[1] & 0x7F
        if size > 125:
            size = int.from_bytes(self._exactly(2 if size == 126 else 8) or b"", "big")
        return Frame(head[0] & 0x0F, self._exactly(size) or b"")

    def receive_close(self) -> int:
        """The code of the close frame, past whatever comes before it; the connection then ends in order."""
        while (got := self.receive()) is not None and got.opcode != CLOSE:
            pass
        assert got is not None, "the connection ended without a close frame"
        assert self.receive() is None
        return got.close_code

    def _exactly(self, size: int) -> bytes | None:
        while len(self._buffer) < size:
            data = self.socket.recv(65_536)
            if not data:
                assert not self._buffer, "the connection ended within a frame"
                return None
            self._buffer += data
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            data = self.socket.recv(4096)
            assert data, "the connection ended before the handshake did"
            self._buffer += data
        found, self._buffer = self._buffer.split(mark, 1)
        return found
