"""Reads the frames that a chat is made of: whole, small, masked texts (RFC 6455, 5.2). Anything else is left alone."""

_TEXT, _MASKED, _LENGTH, _TWO_BYTES = 0x81, 0x80, 0x7F, 126
_SMALL_BYTES = 4096


def small_texts(data: bytes) -> tuple[list[str], int]:
    """The texts at the front of the data, and how many bytes they took.

    It stops before whatever is not one of them: another kind of frame, one that is not whole or not well made, and
    text that is not UTF-8.
    """
    texts: list[str] = []
    taken, end = 0, len(data)
    while end - taken >= 6 and data[taken] == _TEXT and data[taken + 1] & _MASKED:
        size, mask_at = data[taken + 1] & _LENGTH, taken + 2
        if size >= _TWO_BYTES:
            size, mask_at = _long_size(data, taken), taken + 4
        start = mask_at + 4
        if size < 0 or start + size > end:
            break
        try:
            texts.append(_unmasked(data[start : start + size], data[mask_at:start]).decode())
        except UnicodeDecodeError:
            break
        taken = start + size
    return texts, taken


def _long_size(data: bytes, at: int) -> int:
    """The length in two bytes; -1 for one that is not small, or that one byte could have told."""
    size = int.from_bytes(data[at + 2 : at + 4], "big") if data[at + 1] & _LENGTH == _TWO_BYTES else 0
    return size if _TWO_BYTES <= size <= _SMALL_BYTES else -1


def _unmasked(payload: bytes, mask: bytes) -> bytes:
    size = len(payload)
    key = int.from_bytes((mask * (size // 4 + 1))[:size], "little")
    return (int.from_bytes(payload, "little") ^ key).to_bytes(size, "little")
