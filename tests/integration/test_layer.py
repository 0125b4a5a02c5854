"""The channel layer over a real Redis: what is said in a group is heard, also after Redis has hung up."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from redis import asyncio as aioredis

from chat.realtime.layer import RedisLayer
from tests.services import Redis


@pytest.fixture(scope="module")
def redis() -> Iterator[Redis]:
    with Redis() as redis:
        yield redis


@pytest.fixture
async def layer(redis: Redis) -> AsyncIterator[RedisLayer]:
    layer = RedisLayer(hosts=[redis.url])
    yield layer
    await layer.flush()


class Listener:
    def __init__(self) -> None:
        self.heard: asyncio.Queue[Any] = asyncio.Queue()

    async def join(self, layer: RedisLayer, *groups: str) -> None:
        channel = await layer.new_channel("test")
        for group in groups:
            await layer.group_add(group, channel)
        layer.pass_on(channel, self.heard.put_nowait, but="myself")

    async def next(self) -> Any:
        return await asyncio.wait_for(self.heard.get(), 10)


async def test_each_group_hears_its_own(layer: RedisLayer) -> None:
    both, one = Listener(), Listener()
    await both.join(layer, "a", "b")
    await one.join(layer, "b")

    await layer.group_send_many([("a", {"n": 1}), ("b", {"n": 2})])
    await layer.group_send("b", {"n": 3})

    assert [await both.next() for _ in range(3)] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert [await one.next() for _ in range(2)] == [{"n": 2}, {"n": 3}]


async def test_who_has_left_a_group_hears_it_no_more(layer: RedisLayer) -> None:
    stays, goes = Listener(), Listener()
    await stays.join(layer, "a", "end")
    channel = await layer.new_channel("test")
    await layer.group_add("a", channel)
    layer.pass_on(channel, goes.heard.put_nowait, but="myself")
    await layer.group_discard("a", channel)

    await layer.group_send("a", {"n": 1})

    assert await stays.next() == {"n": 1}
    assert goes.heard.empty()


async def test_what_oneself_says_is_left_out_and_nothing_else(layer: RedisLayer) -> None:
    listener = Listener()
    await listener.join(layer, "a")

    mine = {"type": "t", "from": "myself", "body": b"x" * 1000}
    others = [mine | {"from": sender} for sender in ("", "another", "myself too")] + [
        mine | {"from": "", "body": "myself"}
    ]
    for message in (mine, others[0], mine, *others[1:]):
        await layer.group_send("a", message)

    assert [await listener.next() for _ in others] == others


async def test_without_pass_on_it_is_received_as_from_any_layer(layer: RedisLayer) -> None:
    channel = await layer.new_channel("test")
    await layer.send(channel, {"n": 1})

    assert await asyncio.wait_for(layer.receive(channel), 10) == {"n": 1}


async def test_listening_and_publishing_go_on_after_redis_hung_up(layer: RedisLayer, redis: Redis) -> None:
    listener = Listener()
    await listener.join(layer, "a")
    await layer.group_send("a", {"n": 0})
    assert await listener.next() == {"n": 0}

    async with aioredis.from_url(redis.url) as other:
        for kind in ("pubsub", "normal"):
            await other.client_kill_filter(_type=kind, skipme=True)
    number = 0
    while listener.heard.empty():
        number += 1
        try:
            await layer.group_send("a", {"n": number})
        except ConnectionError:  # the one that was hung up
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        assert number < 1000

    assert (await listener.next())["n"] <= number


async def test_a_word_that_cannot_be_read_harms_nobody(layer: RedisLayer, redis: Redis) -> None:
    listener = Listener()
    await listener.join(layer, "a")
    async with aioredis.from_url(redis.url) as other:
        await other.publish("asgi__group__a", b"not a message of the layer")
    await layer.group_send("a", {"n": 1})

    assert await listener.next() == {"n": 1}
