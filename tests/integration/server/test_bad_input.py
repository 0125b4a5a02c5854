"""Whatever comes in gets what the protocol says, and the socket (where it may), the room and the log stay whole."""

import json
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from msgspec import UNSET
from websockets.asyncio.client import connect

from tests.client import Client, PlainClient, RichClient
from tests.integration.server.conftest import ON_ANY_SERVER
from tests.services import ServerProcess

pytestmark = ON_ANY_SERVER

BAD_REQUESTS = {
    "not JSON": "hi",
    "empty frame": "",
    "half an object": '{"message":',
    "a list": '[{"message":"hi"}]',
    "a string": '"hi"',
    "null": "null",
    "NaN": "NaN",
    "NaN in an object": '{"message":NaN,"type":NaN}',
    "half of a pair": '{"type":"send","message":"\\ud83d","client_id":"x"}',
    "a NUL outside of a string": '{"message"\x00:"hi"}',
    "10,000 levels": "[" * 10_000 + "]" * 10_000,
    "10,000 levels in a field": '{"message":' + "[" * 10_000 + "]" * 10_000 + "}",
    "5,000 digits": '{"message":' + "9" * 5_000 + "}",
    "wrong type": '{"message":7}',
    "binary frame": b'{"message":"hi"}',
    "binary rubbish": b"\xff\x00\xfe",
    "empty binary frame": b"",
}
UUID = str(uuid4())
RICH = {
    "unknown type": ('{"type":"dance"}', "unknown_type"),
    "a type of a later version": ('{"type":"poll"}', "unknown_type"),
    "the plain dialect": ('{"message":"hi"}', "bad_request"),
    "unknown field": (f'{{"type":"send","client_id":"{UUID}","message":"hi","colour":1}}', "bad_request"),
    "missing field": ('{"type":"send","message":"hi"}', "bad_request"),
    "no UUID": ('{"type":"send","client_id":"1","message":"hi"}', "bad_request"),
    "empty": (f'{{"type":"send","client_id":"{UUID}","message":""}}', "empty"),
    "blank": (f'{{"type":"send","client_id":"{UUID}","message":" \\n\\u3000"}}', "empty"),
    "too long": (json.dumps({"type": "send", "client_id": UUID, "message": "x" * 8001}), "too_long"),
    "too long in emoji": (json.dumps({"type": "send", "client_id": UUID, "message": "😀" * 8001}), "too_long"),
    "NUL": (f'{{"type":"send","client_id":"{UUID}","message":"a\\u0000b"}}', "bad_request"),
    "an edit too long": (json.dumps({"type": "edit", "ref": "r", "id": 1, "message": "x" * 8001}), "too_long"),
    "an edit to nothing": ('{"type":"edit","ref":"r","id":1,"message":" "}', "empty"),
    "a large number": ('{"type":"delete","ref":"r","id":9007199254740993}', "bad_request"),
    "a broken number": ('{"type":"delete","ref":"r","id":1.5}', "bad_request"),
    "no such message": ('{"type":"delete","ref":"r","id":9007199254740992}', "not_found"),
    "too much history": ('{"type":"history","ref":"r","before":9,"limit":101}', "bad_request"),
    "a hello that is none": ('{"type":"hello","since":"x","epoch":7}', "bad_request"),
}  # fmt: skip
PLAIN = {
    "missing field": ("{}", "bad_request"),
    "blank": ('{"message":"  "}', "empty"),
    "too long": (json.dumps({"message": "😀" * 8001}), "too_long"),
    "NUL": ('{"message":"a\\u0000b"}', "bad_request"),
}


@pytest.mark.parametrize("frame", BAD_REQUESTS.values(), ids=BAD_REQUESTS)
@pytest.mark.parametrize("kind", [PlainClient, RichClient])
async def test_a_frame_that_is_none_is_a_bad_request(
    server: ServerProcess, room: str, kind: type[Client], frame: str | bytes
) -> None:
    async with kind(server.ws_url(room)) as ana:
        await assert_refused(ana, frame, "bad_request", marked=False)


@pytest.mark.parametrize(("frame", "code"), RICH.values(), ids=RICH)
async def test_a_rich_frame_that_cannot_be_done_says_why(
    server: ServerProcess, room: str, frame: str, code: str
) -> None:
    async with RichClient(server.ws_url(room)) as ana:
        await assert_refused(ana, frame, code)


@pytest.mark.parametrize(("frame", "code"), PLAIN.values(), ids=PLAIN)
async def test_a_plain_frame_that_cannot_be_done_says_why(
    server: ServerProcess, room: str, frame: str, code: str
) -> None:
    async with PlainClient(server.ws_url(room)) as ana:
        await assert_refused(ana, frame, code)


async def assert_refused(client: Client, frame: str | bytes, code: str, *, marked: bool = True) -> None:
    """One error with this code, of the shape of the dialect; then socket and room go on as if nothing had been."""
    if isinstance(client, RichClient):
        await client.enter()
    await client.send_frame(frame)
    error = await client.refused()
    assert error.code == code
    assert error.message
    assert len(error.message) < 300
    if isinstance(client, RichClient):
        assert error.temporary is False
    if isinstance(client, RichClient) and marked:
        sent = json.loads(frame)
        assert error.client_id == sent.get("client_id", UNSET)
        assert error.ref == sent.get("ref", UNSET)
    text = f"still here {uuid4()}"
    assert isinstance(client, PlainClient | RichClient)
    await client.say(text)
    await client.see(text)
    assert client.texts == [text]


async def test_8000_emoji_are_fine_however_they_are_written(server: ServerProcess, room: str) -> None:
    text = "😀" * 8_000
    async with PlainClient(server.ws_url(room)) as ana, RichClient(server.ws_url(room)) as bo:
        await bo.enter()
        await ana.send_frame(json.dumps({"message": text}))  # each as two escapes: 96,000 bytes
        await ana.send_frame(json.dumps({"message": text}, ensure_ascii=False))
        await bo.until(lambda: len(bo.messages) == 2, "both")

        assert bo.texts == [text, text]


@pytest.mark.parametrize(
    "name", ["a b", "<script>", "..", "😀", "x" * 65, "a%00b", "~hidden", "a.b", "%ff%fe", "a%2Fb", "a\u200bb", "%25"]
)
async def test_a_room_name_that_is_none_closes_4404(server: ServerProcess, name: str) -> None:
    url = f"ws://127.0.0.1:{server.port}/ws/chat/{name if '%' in name else quote(name, safe='')}/"
    for kind in (PlainClient, RichClient):
        async with kind(url) as nobody:
            assert await nobody.closed() == 4404
            assert nobody.frames == []


@pytest.mark.parametrize(
    "path", ["/", "/ws/", "/ws/chat/", "/ws/chat/a/b/", "/ws/chat/lobby", "/chat/lobby/", "/ws/other/%00/", "//"]
)
async def test_an_unknown_path_closes_4404(server: ServerProcess, path: str) -> None:
    async with PlainClient(f"ws://127.0.0.1:{server.port}{path}") as nobody:
        assert await nobody.closed() == 4404


@pytest.mark.parametrize("asked", [["chat.v2"], ["chat.v2", "chat.v1"], ["chat.v1"]])
async def test_the_dialect_is_chosen_by_the_subprotocol(server: ServerProcess, room: str, asked: list[Any]) -> None:
    async with connect(server.ws_url(room), subprotocols=asked, proxy=None) as socket:
        assert socket.subprotocol == ("chat.v1" if "chat.v1" in asked else None)
