"""An operator ends the server: everybody is told, what was sent is saved, and it is gone in time."""

import asyncio
import signal
import time
from http.client import HTTPConnection

import pytest

from chat.wire import events
from tests.client import PlainClient, RichClient
from tests.services import Stack


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_stopping_server_sends_everybody_away_with_a_word(
    stack: Stack, room: str, number: signal.Signals
) -> None:
    server = stack.serve()
    async with (
        RichClient(server.ws_url(room)) as ana,
        RichClient(server.ws_url(room)) as silent,
        PlainClient(server.ws_url(room)) as plain,
    ):
        await ana.enter()
        await plain.enter()
        await ana.say("last words")
        await plain.see("last words")
        began = time.monotonic()
        server.stop_signal = number
        server.terminate()
        assert {await client.closed() for client in (ana, silent, plain)} == {4412}
        status = await asyncio.to_thread(server.wait)

        assert status == 0
        assert time.monotonic() - began < 10
        [notice] = ana.of(events.Notice)
        assert notice.code == "server_restart"
        assert 0 <= notice.retry_after <= 0.5
        assert silent.frames == []
        assert plain.texts == ["last words"]
    assert "Traceback" not in server.log()


async def test_what_was_sent_before_the_end_is_acked_and_saved_or_neither(stack: Stack, room: str) -> None:
    server = stack.serve(CHAT_RATE_LIMITS="off")
    async with RichClient(server.ws_url(room)) as ana:
        hello = await ana.enter()
        sent = [await ana.post(f"said {number}") for number in range(300)]
        await ana.next(events.Ack)
        server.terminate()
        assert await ana.closed() == 4412
        acked = {ack.client_id for ack in ana.of(events.Ack)}
    await asyncio.to_thread(server.wait)
    server.start()
    async with RichClient(server.ws_url(room)) as back:
        await back.enter(since=0, epoch=hello.epoch)

        saved = [message.client_id for message in sorted(back.messages.values(), key=lambda message: message.id)]
        assert acked <= set(saved)
        assert saved == sent[: len(saved)]


async def test_who_has_not_been_sent_away_yet_talks_on(embedded_stack: Stack, room: str) -> None:
    server = embedded_stack.serve(CHAT_CLOSING_SECONDS="60")  # three for each of a few
    async with RichClient(server.ws_url(room)) as ana, RichClient(server.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        server.terminate()
        sent_away = {asyncio.create_task(client.closed()): client for client in (ana, bo)}
        first, _ = await asyncio.wait(sent_away, return_when=asyncio.FIRST_COMPLETED)
        [still_there] = [client for task, client in sent_away.items() if task not in first]
        await still_there.say("still here")
        assert set(await asyncio.gather(*sent_away)) == {4412}
    assert await asyncio.to_thread(server.wait) == 0


async def test_a_half_sent_request_and_a_young_socket_do_not_hold_it_up(embedded_stack: Stack, room: str) -> None:
    server = embedded_stack.serve()
    half = HTTPConnection("127.0.0.1", server.port)
    half.connect()
    half.sock.sendall(b"POST /me/name/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\nname=")
    async with PlainClient(server.ws_url(room)) as young:
        began = time.monotonic()
        server.terminate()
        assert await young.closed() == 4412
        assert await asyncio.to_thread(server.wait) == 0
    half.close()

    assert time.monotonic() - began < 10
    assert "Traceback" not in server.log()


async def test_a_client_that_does_not_answer_the_close_does_not_hold_it_up(embedded_stack: Stack, room: str) -> None:
    server = embedded_stack.serve()
    async with PlainClient(server.ws_url(room)) as deaf:
        await deaf.say("hi")
        deaf.socket.transport.pause_reading()
        began = time.monotonic()
        server.terminate()
        assert await asyncio.to_thread(server.wait) == 0
        assert time.monotonic() - began < 10
        deaf.socket.transport.resume_reading()
    assert "Traceback" not in server.log()


async def test_a_server_killed_and_started_again_lost_nothing_that_was_acked(stack: Stack, room: str) -> None:
    server = stack.serve(CHAT_RATE_LIMITS="off")
    async with RichClient(server.ws_url(room)) as ana:
        hello = await ana.enter()
        for number in range(200):
            await ana.post(f"said {number}")
        await ana.until(lambda: len(ana.of(events.Ack)) > 20, "some acks")
        server.kill()
        assert await ana.closed() == 1006
        acked = {ack.client_id: ack.id for ack in ana.of(events.Ack)}
    server.start()
    async with RichClient(server.ws_url(room)) as back:
        again = await back.enter(since=0, epoch=hello.epoch)
        assert again.epoch == hello.epoch

        found = {message.client_id: message.id for message in back.messages.values()}
        assert acked.items() <= found.items()
        assert sorted(found.values()) == list(range(1, len(found) + 1))
