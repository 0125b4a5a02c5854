"""A WebSocket client that can say one thing and hear one answer: enough to know that frames pass."""

import base64
import os
from contextlib import suppress
from http.client import HTTPConnection
from typing import IO

_PATH = "/ws/chat/doctor/"
_SUBPROTOCOL = "chat.v1"
# Before a hello everything else is refused, and no room is entered.
_ASKED, _ANSWERED = b'{"type":"typing"}', b'"bad_request"'
TALKED = 0


def talk(connection: HTTPConnection, origin: str) -> int:
    """TALKED, or the status that came instead: 101 where it opened and then nothing was heard.

    Raises OSError and HTTPException.
    """
    try:
        connection.request(
            "GET",
            _PATH,
            headers={
                "Origin": origin,
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
                "Sec-WebSocket-Protocol": _SUBPROTOCOL,
            },
        )
        sock = connection.sock
        answer = connection.getresponse()
        if answer.status != 101:
            return answer.status
        sock.sendall(_frame(_ASKED))
        assert answer.fp is not None
        return TALKED if _ANSWERED in _heard(answer.fp) else 101
    finally:
        connection.close()


def _frame(text: bytes) -> bytes:
    """One short text frame, masked as a client's have to be."""
    mask = os.urandom(4)
    return bytes([0x81, 0x80 | len(text)]) + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(text))


def _heard(file: IO[bytes]) -> bytes:
    """The first frame; empty where none comes."""
    with suppress(TimeoutError):
        header = file.read(2)
        if len(header) == 2:
            length = header[1] & 0x7F
            return file.read(int.from_bytes(file.read(2)) if length == 126 else length)
    return b""
