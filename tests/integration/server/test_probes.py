"""What is told to those who watch over the server, before Django sees the request."""

import asyncio
import json
from collections.abc import Sequence
from http.client import HTTPConnection

import pytest

from tests.chaos.database import query
from tests.client import PlainClient
from tests.integration.server.browser import Browser
from tests.services import DAPHNE, UVICORN, ServerProcess, Stack
from tests.services.process import wait_for


def ready(server: ServerProcess) -> tuple[int, dict[str, str]]:
    page = Browser(server).get("/readyz")
    return page.status, json.loads(page.text)


def test_a_server_is_alive_and_ready(stack: Stack) -> None:
    server = stack.serve()
    layer = "none needed" if stack.kind == "embedded" else "ok"

    alive = Browser(server).get("/healthz")
    assert (alive.status, json.loads(alive.text)) == (200, {"status": "alive"})
    assert (alive.headers["content-type"], alive.headers["cache-control"]) == ("application/json", "no-store")
    assert wait_for(lambda: ready(server) == (200, {"status": "ready", "database": "ok", "layer": layer}), 15)
    assert Browser(server).head("/readyz").text == ""


def test_probes_know_an_address_and_not_the_sites_name_and_are_led_nowhere(embedded_stack: Stack) -> None:
    server = embedded_stack.serve(CHAT_GUESTS="off", ALLOWED_ORIGINS="https://chat.example.org")
    probe = Browser(server)

    assert probe.get("/", Host="10.0.0.7").status == 400  # the precondition: no page is shown under that name
    assert [probe.get(path, Host="10.0.0.7").status for path in ("/healthz", "/readyz")] == [200, 200]
    assert probe.cookies == {}


def test_nothing_else_is_a_probe(embedded_stack: Stack) -> None:
    browser = Browser(embedded_stack.serve())

    assert [browser.get(path).status for path in ("/healthz/", "/readyz/x", "/HEALTHZ")] == [404, 404, 404]
    assert [browser.post(path, {}).status for path in ("/healthz", "/readyz")] == [405, 405]


def test_a_server_whose_database_lacks_a_migration_is_not_ready_and_newer_ones_do_no_harm(stack: Stack) -> None:
    server = stack.serve(CHAT_READY_KEPT_SECONDS="0")
    newer = "INSERT INTO django_migrations (app, name, applied) VALUES ('chat', '9999', '2026-01-01') RETURNING id"
    query(stack, newer)
    assert ready(server)[0] == 200

    query(stack, "DELETE FROM django_migrations WHERE app = 'chat' AND name <> '9999' RETURNING id")
    status, told = ready(server)

    assert (status, told["status"], told["database"]) == (503, "not ready", "migrations missing")
    assert Browser(server).get("/healthz").status == 200


async def test_a_server_that_is_told_to_stop_is_not_ready(embedded_stack: Stack, room: str) -> None:
    server = embedded_stack.serve()
    kept = HTTPConnection("127.0.0.1", server.port)  # new ones are refused from then on

    def told() -> tuple[int, dict[str, str]]:
        kept.request("GET", "/readyz")
        answer = kept.getresponse()
        return answer.status, json.loads(answer.read())

    async with PlainClient(server.ws_url(room)) as deaf:  # who does not answer the close, and holds it up
        await deaf.say("hi")
        deaf.socket.transport.pause_reading()
        assert told()[0] == 200
        server.terminate()
        assert await asyncio.to_thread(wait_for, lambda: told() == (503, {"status": "draining"}), 3)
        deaf.socket.transport.resume_reading()
        assert await asyncio.to_thread(server.wait) == 0
    kept.close()


@pytest.mark.parametrize("argv", [DAPHNE, UVICORN], ids=["daphne", "uvicorn"])
def test_other_servers_answer_too(embedded_stack: Stack, argv: Sequence[str]) -> None:
    server = embedded_stack.serve(argv)

    assert ready(server) == (200, {"status": "ready", "database": "ok", "layer": "none needed"})
