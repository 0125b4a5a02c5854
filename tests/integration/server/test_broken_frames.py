"""Frames that break RFC 6455 or are too large: our server closes with a code that says why, stock Daphne need not."""

import json

import pytest

from chat import limits
from tests.client import PlainClient
from tests.services import ServerProcess


async def test_a_frame_of_the_greatest_size_is_read_and_a_larger_one_closes(server: ServerProcess, room: str) -> None:
    def padded(size: int) -> str:
        frame = json.dumps({"message": "hi", "pad": ""})
        return json.dumps({"message": "hi", "pad": "x" * (size - len(frame))})

    async with PlainClient(server.ws_url(room)) as ana, PlainClient(server.ws_url(room)) as bo:
        await ana.send_frame(padded(limits.FRAME_BYTES))
        await ana.see("hi")
        await ana.send_frame(padded(limits.FRAME_BYTES + 1))
        assert await ana.closed() == 1009

        await bo.say("the room goes on")
        assert bo.texts[-1] == "the room goes on"


BROKEN = {
    "invalid UTF-8": (b"\x81\x82\0\0\0\0\xff\xfe", 1007),
    "a surrogate in UTF-8": (b"\x81\x83\0\0\0\0\xed\xa0\x80", 1007),
    "not masked": (b"\x81\x02hi", 1002),
    "reserved bits": (b"\xf1\x82\0\0\0\0hi", 1002),
    "reserved opcode": (b"\x83\x82\0\0\0\0hi", 1002),
    "a continuation of nothing": (b"\x80\x82\0\0\0\0hi", 1002),
    "a ping too long": (b"\x89\xfe\x00\x7e\0\0\0\0" + b"x" * 126, 1002),
    "a length of 2^40": (b"\x81\xff\0\0\1\0\0\0\0\0\0\0\0\0", 1009),
}


@pytest.mark.parametrize(("raw", "code"), BROKEN.values(), ids=BROKEN)
async def test_broken_framing_closes_with_the_code_that_says_why(
    server: ServerProcess, room: str, raw: bytes, code: int
) -> None:
    async with PlainClient(server.ws_url(room)) as ana, PlainClient(server.ws_url(room)) as bo:
        await ana.say("one")
        ana.socket.transport.write(raw)
        assert await ana.closed() == code

        await bo.say("the room goes on")
