"""The Channels tutorial's own dialect, as any client of the tutorial, wscat or websocat speaks it."""

import json
import re

import pytest
from websockets.asyncio.client import ClientConnection, connect

from chat import limits
from chat.wire import events
from tests.client import PlainClient, RichClient
from tests.integration.server.conftest import ON_ANY_SERVER
from tests.services import ServerProcess

pytestmark = ON_ANY_SERVER


async def test_a_client_of_the_tutorial_talks_without_a_change(server: ServerProcess, room: str) -> None:
    """Word for word what the tutorial's page does: connect, send {"message"}, read `message`."""
    url = f"ws://127.0.0.1:{server.port}/ws/chat/{room}/"
    async with connect(url, proxy=None) as one:
        assert one.subprotocol is None
        await said(one, "I am here")
        async with connect(url, proxy=None) as other:
            await said(other, "I am here, too")
            await one.send(json.dumps({"message": "hello"}))
            heard = json.loads(await other.recv())

    assert heard["message"] == "hello"


async def said(socket: ClientConnection, text: str) -> None:
    """Say something, and hear it oneself: from then on one hears everything."""
    await socket.send(json.dumps({"message": text}))
    assert json.loads(await socket.recv())["message"] == text


async def test_a_message_is_told_with_who_where_and_when(server: ServerProcess, room: str) -> None:
    async with PlainClient(server.ws_url(room, name="Ana " + room[-6:])) as ana:
        said = await ana.say("hi *all*")

    assert said.message == "hi *all*"
    assert said.user == "Ana " + room[-6:]
    assert said.id == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", said.ts)


async def test_everybody_hears_everything_once_and_in_one_order(server: ServerProcess, room: str) -> None:
    async with PlainClient(server.ws_url(room)) as ana, PlainClient(server.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        await ana.say("are you there?")
        await bo.see("are you there?")
        for number in range(50):
            await ana.send(message=f"ana {number}")
            await bo.send(message=f"bo {number}")
        for client in (ana, bo):
            await client.until(lambda client=client: len(client.log) == 101, "a hundred messages")

        assert ana.log == bo.log
        assert [said.id for said in ana.log] == list(range(1, 102))
        for name in ("ana", "bo"):
            assert [text for text in ana.texts if text.startswith(name)] == [f"{name} {number}" for number in range(50)]


@pytest.mark.parametrize(
    ("asked", "told"),
    [("3", 3), ("0", 0), ("100", 7), ("99999999", 0), ("500", 7), ("-1", 0), ("x", 0), ("1.5", 0), ("٣", 0), ("", 0)],
)
async def test_history_first_tells_the_last_ones(server: ServerProcess, room: str, asked: str, told: int) -> None:
    async with PlainClient(server.ws_url(room)) as ana:
        for number in range(1, 8):
            await ana.say(f"said {number}")
    async with PlainClient(server.ws_url(room, history=asked)) as bo:
        await bo.say("now")

        assert bo.texts == [*(f"said {number}" for number in range(8 - told, 8)), "now"]


async def test_of_a_long_log_no_more_than_the_bound_is_told(server: ServerProcess, room: str) -> None:
    async with PlainClient(server.ws_url(room)) as ana:
        await ana.say("first")
        for number in range(limits.HISTORY_MESSAGES + 10):
            await ana.send(message=f"said {number}")
        await ana.see(f"said {limits.HISTORY_MESSAGES + 9}")
    async with PlainClient(server.ws_url(room, history=500)) as bo:
        await bo.see(f"said {limits.HISTORY_MESSAGES + 9}")

        assert len(bo.log) == limits.HISTORY_MESSAGES


async def test_a_name_that_somebody_has_gets_a_suffix(server: ServerProcess, room: str) -> None:
    name = "Bo " + room[-6:]
    async with PlainClient(server.ws_url(room, name=name)) as one, PlainClient(server.ws_url(room, name=name)) as other:
        assert (await one.say("one")).user == name
        assert (await other.say("two")).user == f"{name} 2"


@pytest.mark.parametrize("name", ["", "\u202egnp", "x" * 100, "\x00", "<script>alert(1)</script>", "\ud7ff"])
async def test_any_name_may_be_asked_for(server: ServerProcess, room: str, name: str) -> None:
    async with PlainClient(server.ws_url(room, name=name)) as ana:
        assert (await ana.say("hi")).user


@pytest.mark.parametrize(
    "query", ["?" + "&".join("a=1" for _ in range(50)), "?%ff=%fe&history=%ff", "?&&==&", "?history"]
)
async def test_a_strange_query_keeps_nobody_out(server: ServerProcess, room: str, query: str) -> None:
    async with PlainClient(server.ws_url(room) + query) as ana:
        await ana.say("hi")


async def test_one_who_only_listens_is_nobody(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana, PlainClient(server.ws_url(room)) as listener:
        await ana.enter()
        await listener.enter()
        await ana.say("hi")
        await listener.see("hi")
        assert ana.count == 1

        await listener.say("hello")
        await ana.until(lambda: ana.count == 2, "the speaker is seen")


async def test_an_error_is_told_and_the_socket_stays(server: ServerProcess, room: str) -> None:
    async with PlainClient(server.ws_url(room)) as ana:
        for frame, code in [("", "bad_request"), ("hi", "bad_request"), ('{"message":" "}', "empty")]:
            await ana.send_frame(frame)
            assert (await ana.refused()).code == code
        await ana.say("still here")


async def test_nothing_but_messages_is_ever_told(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana, PlainClient(server.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        first = await ana.say("first")
        await ana.edit(first.id, "first, edited")
        second = await ana.say("second")
        await ana.delete(second.id)
        await ana.send(type="presence", state="idle")
        await ana.next(events.Tick)
        await ana.say("third")
        await bo.see("third")

        assert [said.id for said in bo.log] == [1, 3, 5]
        assert len(bo.frames) == 3
    async with PlainClient(server.ws_url(room, history=10)) as late:
        await late.see("third")

        assert late.texts == ["first, edited", "third"]


async def test_a_bot_sees_messages_with_the_name_of_their_author(server: ServerProcess, room: str) -> None:
    async with RichClient(server.ws_url(room)) as ana, PlainClient(server.ws_url(room)) as bot:
        await ana.enter()
        await bot.enter()
        await ana.say("ping")

        assert (await bot.see("ping")).user == ana.me.name
        said = await bot.say("pong")
        assert (await ana.see("pong")).user.name == said.user
