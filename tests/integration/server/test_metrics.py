"""What Prometheus is shown: by whom it may be seen, and that the numbers are true."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chat.text import ids
from tests.chaos.database import query
from tests.client import DEADLINE_SECONDS, PlainClient, Refused, RichClient
from tests.integration.server.browser import Browser
from tests.rfc6455.wire import RawSocket
from tests.services import ServerProcess, Stack
from tests.services.process import wait_for

TOKEN = "a token for tests"


def numbers(server: ServerProcess) -> Mapping[str, float]:
    """Each sample by its name and, where there are labels, their values: `chat_refusals_total empty`."""
    page = Browser(server).get("/metrics", Authorization=f"Bearer {TOKEN}")
    assert page.status == 200
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }


async def test_what_was_said_is_counted_once_and_each_delivery_too(stack: Stack, room: str) -> None:
    server = stack.serve(CHAT_RATE_LIMITS="off", METRICS_TOKEN=TOKEN)
    async with RichClient(server.ws_url(room)) as ana, PlainClient(server.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        for number in range(20):
            await ana.say(f"said {number}")
        await bo.see("said 19")
        once = str(ids.uuid7())
        assert (await ana.say("twice", once)).id == (await ana.say("twice", once)).id
        await bo.see("twice")
        with pytest.raises(Refused):
            await ana.say("")
        lag = "chat_event_loop_lag_seconds_count"  # looked at four times a second
        assert await asyncio.to_thread(wait_for, lambda: numbers(server)[lag] > 0, DEADLINE_SECONDS)
        told = await asyncio.to_thread(numbers, server)

        assert told["chat_messages_total"] == 21
        assert told["chat_repeats_total"] == 1
        assert told["chat_deliveries_total"] == 2 * 21
        assert told["chat_batch_changes_sum"] == 22
        assert told["chat_commit_seconds_count"] == told["chat_batch_changes_count"] <= 22
        assert 0 < told["chat_commit_seconds_sum"] < 22
        assert told["chat_commit_to_socket_seconds_count"] >= 21  # news of people and of what they read count too
        assert 0 < told["chat_commit_to_socket_seconds_sum"] < 21
        assert told["chat_refusals_total empty"] == 2  # and Bo's knock
        assert told["chat_gap_fills_total"] == 0
        assert (told["chat_sockets"], told["chat_rooms"], told["chat_layer_up"]) == (2, 1, 1)
        assert (told["chat_unread_bytes"], told["chat_waiting_changes"], told["chat_stopping"]) == (0, 0, 0)
        assert told["process_resident_memory_bytes"] > 1_000_000

    assert await asyncio.to_thread(wait_for, lambda: numbers(server)["chat_sockets"] == 0, DEADLINE_SECONDS)
    [(saved,)] = query(stack, "SELECT count(*) FROM chat_message")
    assert saved == told["chat_messages_total"]


async def test_a_gap_is_counted_and_the_layers_state_is_shown(distributed_stack: Stack, room: str) -> None:
    settings = {"METRICS_TOKEN": TOKEN, "CHAT_ECHO_SECONDS": "0.5"}
    one, other = distributed_stack.serve(**settings), distributed_stack.serve(**settings)
    async with RichClient(one.ws_url(room)) as ana, RichClient(other.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        assert await asyncio.to_thread(wait_for, lambda: numbers(one)["chat_layer_echo_seconds_count"] > 0, 10)
        await asyncio.to_thread(distributed_stack.redis.kill)
        await ana.say("past Redis")
        await bo.see("past Redis")

        assert (await asyncio.to_thread(numbers, one))["chat_gap_fills_total"] == 0
        assert (await asyncio.to_thread(numbers, other))["chat_gap_fills_total"] >= 1
        assert await asyncio.to_thread(wait_for, lambda: numbers(one)["chat_layer_up"] == 0, 10)
        assert await asyncio.to_thread(wait_for, lambda: numbers(one)["chat_layer_dropped_total"] > 0, 10)
        await asyncio.to_thread(distributed_stack.redis.start)
        assert await asyncio.to_thread(wait_for, lambda: numbers(one)["chat_layer_up"] == 1, 20)


async def test_one_who_does_not_read_is_seen_and_then_cut(embedded_stack: Stack, room: str) -> None:
    server = embedded_stack.serve(CHAT_RATE_LIMITS="off", CHAT_CLOSE_SECONDS="1", METRICS_TOKEN=TOKEN)
    most = 0.0
    with RawSocket(server.port, f"/ws/chat/{room}/"):
        async with RichClient(server.ws_url(room)) as ana:
            await ana.enter()
            for number in range(1_500):
                await ana.say(f"{number} {'x' * 7900}")
                if number % 20 == 0:
                    told = await asyncio.to_thread(numbers, server)
                    most = max(most, told["chat_unread_bytes"])
                    if told["chat_socket_closes_total slow_reader"]:
                        break
            assert told["chat_socket_closes_total slow_reader"] == 1
            assert most > 0


ANY = {"METRICS_ALLOW": "10.0.0.0/8 127.0.0.1"}


@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [
        ({}, {}, 404),
        ({}, {"Authorization": "Bearer "}, 404),
        ({"METRICS_TOKEN": TOKEN}, {}, 404),
        ({"METRICS_TOKEN": TOKEN}, {"Authorization": f"Bearer {TOKEN}x"}, 404),
        ({"METRICS_TOKEN": TOKEN}, {"Authorization": TOKEN}, 404),
        ({"METRICS_TOKEN": TOKEN}, {"Authorization": f"Bearer {TOKEN}"}, 200),
        (ANY, {}, 200),
        (ANY, {"X-Forwarded-For": "192.0.2.7"}, 404),
        (ANY, {"X-Forwarded-For": "10.0.0.7"}, 404),
        (ANY, {"Forwarded": "for=10.0.0.7"}, 404),
        ({"METRICS_ALLOW": "10.0.0.0/8"}, {}, 404),
        (ANY | {"METRICS_TOKEN": TOKEN}, {"X-Forwarded-For": "192.0.2.7", "Authorization": f"Bearer {TOKEN}"}, 200),
    ],
)
def test_the_numbers_are_for_those_who_were_told_how(
    embedded_stack: Stack, settings: dict[str, str], headers: dict[str, str], status: int
) -> None:
    browser = Browser(embedded_stack.serve(**settings))
    page = browser.get("/metrics", **headers)

    assert page.status == status
    if status == 404:
        assert page.text == browser.get("/metricz").text


def test_the_token_may_be_kept_in_a_file(embedded_stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    server = embedded_stack.serve(METRICS_TOKEN_FILE=str(tmp_path / "token"))

    assert "chat_messages_total" in numbers(server)
