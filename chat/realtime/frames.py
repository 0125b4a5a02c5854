"""Text frames that go to many sockets: encoded once, and framed once for servers that take ready bytes."""

from collections.abc import Sequence
from functools import cached_property


class Frames:
    """Some frames in their order."""

    def __init__(self, *texts: str) -> None:
        self.texts: Sequence[str] = texts

    @cached_property
    def framed(self) -> bytes:
        """The same as WebSocket frames: final, text, not masked (RFC 6455, 5.2)."""
        return b"".join(_framed(text.encode()) for text in self.texts)


def _framed(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
