"""The log of a real server: a line for each request and socket, in both formats, and no secret in it."""

import asyncio
import json
import re
from collections.abc import Mapping

import pytest
from websockets.exceptions import InvalidStatus

from tests.client import DEADLINE_SECONDS, PlainClient, RichClient
from tests.integration.server.browser import Browser
from tests.services import ServerProcess, Stack
from tests.services.process import wait_for


def told(server: ServerProcess, event: str) -> list[Mapping[str, object]]:
    """What the JSON log says of this kind of thing."""
    whole, _, _ = server.log().rpartition("\n")  # what stands behind is still being written
    lines = [json.loads(line) for line in whole.splitlines()]
    return [line for line in lines if line["event"] == event]


def test_a_request_is_one_line_with_an_id_that_its_answer_has_too(embedded_stack: Stack) -> None:
    server = embedded_stack.serve(LOG_FORMAT="json", TRUSTED_PROXIES="127.0.0.1")
    browser = Browser(server)
    given = browser.get("/chat/garden/?secret=words", X_Request_Id="from-the-proxy", X_Forwarded_For="192.0.2.7")
    made = browser.get("/chat/garden/", X_Request_Id="not an id\u00ff")

    assert given.headers["x-request-id"] == "from-the-proxy"
    assert re.fullmatch("[0-9a-f]{16}", made.headers["x-request-id"])

    def lines() -> list[Mapping[str, object]]:
        return [line for line in told(server, "request") if line["id"] == "from-the-proxy"]

    assert wait_for(lambda: lines() != [], DEADLINE_SECONDS)  # it is written when the answer has gone out
    [line] = lines()
    assert (line["method"], line["path"], line["status"]) == ("GET", "/chat/garden/", 200)
    assert (line["address"], line["bytes"]) == ("192.0.2.7", len(given.text.encode()))
    assert 0 < float(str(line["seconds"])) < 20
    assert "words" not in server.log()


def test_nobody_but_the_proxy_gives_an_id(embedded_stack: Stack) -> None:
    answer = Browser(embedded_stack.serve()).get("/", X_Request_Id="chosen")

    assert re.fullmatch("[0-9a-f]{16}", answer.headers["x-request-id"])


async def test_a_socket_is_one_line_at_its_end(stack: Stack, room: str) -> None:
    server = stack.serve(LOG_FORMAT="json")
    async with RichClient(server.ws_url(room, name="Secret Name")) as ana, PlainClient(server.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        await ana.say("secret words")
        await bo.see("secret words")
        person, frames = ana.me.id, len(ana.frames)
        assert told(server, "socket") == []
    assert await asyncio.to_thread(wait_for, lambda: len(told(server, "socket")) == 2, DEADLINE_SECONDS)

    [rich] = [line for line in told(server, "socket") if line["user"] == person]
    assert (rich["room"], rich["code"], rich["frames_in"], rich["level"]) == (room, 1000, 2, "info")
    assert int(str(rich["frames_out"])) >= frames
    assert re.fullmatch("[0-9a-f]{16}", str(rich["id"]))
    assert "ecret" not in server.log()


async def test_a_socket_that_is_not_let_in_is_one_line_with_why(embedded_stack: Stack, room: str) -> None:
    server = embedded_stack.serve(LOG_FORMAT="json", CHAT_GUESTS="off", CHAT_SOCKETS_PER_ADDRESS="1")
    secret = {"cookie": "session=s3cret"}

    with pytest.raises(InvalidStatus):
        await RichClient(server.ws_url(room), origin="https://evil.example", **secret).__aenter__()
    for url, code in (
        (f"ws://127.0.0.1:{server.port}/ws/nowhere/?name=s3cret", 4404),
        (server.ws_url("   ", name="s3cret"), 4404),
        (server.ws_url(room), 4401),
    ):
        async with PlainClient(url, **secret) as refused:
            assert await refused.closed() == code
    async with RichClient(server.ws_url(room), **secret), RichClient(server.ws_url(room), **secret) as second:
        assert await second.closed() == 4429

    assert await asyncio.to_thread(wait_for, lambda: len(told(server, "socket refused")) == 5, DEADLINE_SECONDS)
    # Of those two the first's
    assert await asyncio.to_thread(wait_for, lambda: len(told(server, "socket")) == 1, DEADLINE_SECONDS)
    lines = told(server, "socket refused")
    assert [line["code"] for line in lines] == [403, 4404, 4404, 4401, 4429]
    assert lines[0]["origin"] == "https://evil.example"
    assert [line["path"] for line in lines[:2]] == [f"/ws/chat/{room}/", "/ws/nowhere/"]
    assert {line["address"] for line in lines} == {"127.0.0.1"}
    assert len({line["id"] for line in lines}) == 5
    assert "s3cret" not in server.log()


async def test_a_flood_of_sockets_that_are_not_let_in_does_not_fill_the_log(embedded_stack: Stack) -> None:
    server = embedded_stack.serve(LOG_FORMAT="json", CHAT_REFUSAL_LINES="3", CHAT_REFUSAL_LINES_PER_SECOND="0.001")
    for _ in range(30):
        async with PlainClient(f"ws://127.0.0.1:{server.port}/ws/nowhere/") as refused:
            assert await refused.closed() == 4404

    assert len(told(server, "socket refused")) == 3
    assert told(server, "socket") == []


@pytest.mark.parametrize("style", ["human", "json"])
def test_tokens_and_cookies_are_not_in_the_log(embedded_stack: Stack, style: str) -> None:
    server = embedded_stack.serve(LOG_FORMAT=style)
    browser = Browser(server)
    browser.cookies["session"] = "s3cret"
    for path in (
        "/invite/s3cret/",
        "/account/sign-up/s3cret",
        "/account/reset/s3cret/s3cret/",
        "/?next=/invite/s3cret/",
    ):
        browser.get(path, Authorization="Bearer s3cret")
    browser.get("/", Host="elsewhere.example")

    for path in ("/invite/***", "/account/sign-up/***", "/account/reset/***"):
        assert wait_for(lambda path=path: path in server.log(), DEADLINE_SECONDS)
    assert "s3cret" not in server.log()
    assert "Traceback" not in server.log()


def test_probes_are_not_worth_a_line(embedded_stack: Stack) -> None:
    server = embedded_stack.serve()
    assert Browser(server).get("/healthz").status == 200

    assert "/healthz" not in server.log()
