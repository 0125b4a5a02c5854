"""Text frames that go to many sockets: encoded once, and framed once for servers that take ready bytes."""

from collections.abc import Sequence


class Frames:
    """Some frames in their order."""

    __slots__ = ("_framed", "texts")

    def __init__(self, *texts: str) -> None:
        self.texts: Sequence[str] = texts
        self._framed: bytes | None = None

    @property
    def framed(self) -> bytes:
        """The same as WebSocket frames: final, text, not masked (RFC 6455, 5.2)."""
        if self._framed is None:
            self._framed = b"".join([_framed(text.encode()) for text in self.texts])
        return self._framed


def _framed(payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((0x81, size)) + payload
    if size < 65_536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
