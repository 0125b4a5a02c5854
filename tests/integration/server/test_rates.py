"""Bounds on how much and how many: told with the time to wait, and the end for who floods."""

import json
from collections.abc import Iterator

import pytest

from chat.wire import events
from tests.client import PlainClient, Refused, RichClient
from tests.integration.server.browser import Browser
from tests.services import ServerProcess, Stack, StackMaker


@pytest.fixture(scope="module")
def stack_here(stack_maker: StackMaker) -> Iterator[Stack]:
    with stack_maker.embedded() as stack:
        yield stack


@pytest.fixture(scope="module")
def strict(stack_here: Stack) -> ServerProcess:
    return stack_here.serve(
        CHAT_MESSAGE_BURST="3",
        CHAT_MESSAGES_PER_SECOND="0.01",
        CHAT_FRAME_BURST="30",
        CHAT_FRAMES_PER_SECOND="0.1",
        CHAT_FLOOD_FRAMES="20",
        CHAT_SOCKETS_PER_PERSON="2",
        CHAT_RENAME_BURST="2",
        CHAT_RENAMES_PER_SECOND="0.001",
        CHAT_SYNC_MESSAGES="5",
        CHAT_PAGE_MESSAGES="3",
    )


@pytest.fixture(scope="module")
def impatient(stack_here: Stack) -> ServerProcess:
    return stack_here.serve(CHAT_HELLO_SECONDS="0.5")


@pytest.fixture(scope="module")
def narrow(stack_here: Stack) -> ServerProcess:
    return stack_here.serve(
        CHAT_ROOM_BURST="2",
        CHAT_ROOMS_PER_SECOND="0.0001",
        CHAT_GUEST_BURST="2",
        CHAT_GUESTS_PER_SECOND="0.0001",
        CHAT_SOCKETS_PER_ADDRESS="3",
    )


async def test_too_many_messages_are_refused_with_the_time_to_wait(strict: ServerProcess, room: str) -> None:
    async with RichClient(strict.ws_url(room)) as ana, RichClient(strict.ws_url(room)) as bo:
        await ana.enter()
        await bo.enter()
        for number in range(3):
            await ana.say(f"said {number}")
        with pytest.raises(Refused) as refused:
            await ana.say("too many")
        error = refused.value.error
        assert (error.code, error.temporary) == ("rate_limited", True)
        assert isinstance(error.retry_after, float)
        assert 50 < error.retry_after <= 100

        await bo.say("bo has a rate of his own")
        await ana.see("bo has a rate of his own")
        assert ana.texts == ["said 0", "said 1", "said 2", "bo has a rate of his own"]


async def test_a_person_has_one_rate_over_all_sockets(strict: ServerProcess, room: str) -> None:
    async with RichClient(strict.ws_url(room)) as ana, RichClient(strict.ws_url(f"{room}-2")) as tab:
        key = (await ana.enter()).key
        assert isinstance(key, str)
        await tab.enter(key=key)
        await ana.say("one")
        await tab.say("two")
        await ana.say("three")
        with pytest.raises(Refused):
            await tab.say("four")


async def test_a_plain_client_is_told_so_too(strict: ServerProcess, room: str) -> None:
    async with PlainClient(strict.ws_url(room)) as ana:
        for number in range(3):
            await ana.say(f"said {number}")
        await ana.send(message="too many")

        assert (await ana.refused()).code == "rate_limited"


async def test_who_floods_is_first_told_and_then_closed(strict: ServerProcess, room: str) -> None:
    async with RichClient(strict.ws_url(room)) as ana:
        await ana.enter()
        for _ in range(80):
            await ana.send_frame("[]")

        assert await ana.closed() == 4429
        codes = [error.code for error in ana.of(events.Error)]
        assert set(codes) == {"bad_request", "rate_limited"}
        assert codes.count("rate_limited") == 20


@pytest.mark.parametrize("frame", ["", "{}", '{"type":"send"}', None])
async def test_without_a_hello_in_time_the_socket_closes_4408(
    impatient: ServerProcess, room: str, frame: str | None
) -> None:
    async with RichClient(impatient.ws_url(room)) as ana:
        if frame is not None:
            await ana.send_frame(frame)

        assert await ana.closed() == 4408


async def test_a_plain_client_needs_no_hello(impatient: ServerProcess, room: str) -> None:
    async with PlainClient(impatient.ws_url(room)) as ana, RichClient(impatient.ws_url(room)) as silent:
        assert await silent.closed() == 4408
        await ana.say("still here")


async def test_a_person_with_too_many_sockets_gets_no_further_one(strict: ServerProcess, room: str) -> None:
    async with RichClient(strict.ws_url(room)) as one, RichClient(strict.ws_url(room)) as two:
        key = (await one.enter()).key
        assert isinstance(key, str)
        await two.enter(key=key)
        async with RichClient(strict.ws_url(room)) as three:
            await three.send(type="hello", key=key)
            assert await three.closed() == 4429
        await two.leave()
        await one.say("still here")
        async with RichClient(strict.ws_url(room)) as four:
            assert (await four.enter(key=key)).user == one.me


async def test_more_changes_than_the_bound_start_the_log_anew(strict: ServerProcess, room: str) -> None:
    keys: list[str] = []
    for _ in range(3):
        async with RichClient(strict.ws_url(room)) as client:
            hello = await client.enter()
            assert isinstance(hello.key, str)
            keys.append(hello.key)
            await client.say("one")
            await client.say("two")
    async with RichClient(strict.ws_url(room)) as back:
        await back.enter(since=1, epoch=hello.epoch, key=keys[0])
        assert back.of(events.Sync)[-1].complete
        assert sorted(back.messages) == [2, 3, 4, 5, 6]
    async with RichClient(strict.ws_url(room)) as back:
        await back.enter(since=0, epoch=hello.epoch, key=keys[0])
        [sync] = back.of(events.Sync)
        assert (sync.complete, sync.seq, [message.id for message in sync.messages]) == (False, 6, [4, 5, 6])


async def test_one_address_opens_only_so_many_rooms_guests_and_sockets(narrow: ServerProcess, room: str) -> None:
    async with RichClient(narrow.ws_url(f"{room}-1")) as one, RichClient(narrow.ws_url(f"{room}-2")) as two:
        key = (await one.enter()).key
        assert isinstance(key, str)
        await two.enter()
        async with RichClient(narrow.ws_url(f"{room}-1")) as three:
            async with RichClient(narrow.ws_url(f"{room}-1")) as one_socket_too_many:
                assert await one_socket_too_many.closed() == 4429
            await three.send(type="hello")  # a third guest
            assert await three.closed() == 4429
        async with RichClient(narrow.ws_url(f"{room}-3")) as one_room_too_many:
            await one_room_too_many.send(type="hello", key=key)
            assert await one_room_too_many.closed() == 4429
        async with RichClient(narrow.ws_url(f"{room}-2")) as known:
            assert (await known.enter(key=key)).user == one.me


def test_names_are_changed_only_so_often(strict: ServerProcess, room: str) -> None:
    browser = Browser(strict)
    browser.room(room)

    answers = [browser.post("/me/name/", {"name": f"Name {room[-6:]} {number}"}) for number in range(3)]

    assert [answer.status for answer in answers] == [302, 302, 429]
    assert json.loads(answers[-1].text)["code"] == "rate_limited"
