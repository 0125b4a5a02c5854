"""The bus outlives every error of the layer, and tells no more than was said."""

import asyncio
from typing import Any

import pytest

from chat import limits
from chat.realtime.bus import SITE, Bus, _join
from chat.wire import announcements
from chat.wire.announcements import Account, AnyNews, Change, Changes, Echo


def renamed(name: str) -> Account:
    return Account("renamed", 1, name=name)


def changes(after: int, upto: int, room: int = 7, epoch: str = "k3") -> Changes:
    return Changes(epoch, room, after, upto, 0, [Change(number, str(number)) for number in range(after + 1, upto + 1)])


def test_adjoining_ranges_become_one() -> None:
    assert _join([changes(4, 5), changes(5, 7), changes(7, 8)]) == [changes(4, 8)]


@pytest.mark.parametrize(
    "news",
    [
        [changes(4, 5), changes(6, 7)],
        [changes(5, 6), changes(4, 5)],
        [changes(4, 5), changes(4, 5)],
        [changes(4, 6), changes(5, 7)],
        [changes(4, 5), changes(5, 6, room=8)],
        [changes(4, 5), changes(5, 6, epoch="k4")],
        [changes(4, 5), renamed("Ana"), changes(5, 6)],
        [renamed("Ana"), renamed("Ana")],
        [],
    ],
)
def test_nothing_else_is_joined(news: list[AnyNews]) -> None:
    assert _join(news) == news


class Layer:
    """A channel layer of one process; fails or is silent when told to."""

    def __init__(self) -> None:
        self.groups: dict[str, set[str]] = {}
        self.queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.failing: set[str] = set()
        self.deaf = False
        self.sent: list[str] = []  # to which groups
        self.made = 0

    def __call__(self) -> "Layer":
        self.made += 1
        return self

    async def new_channel(self, prefix: str) -> str:
        self._maybe_fail("new_channel")
        return f"{prefix}!{self.made}"

    async def group_add(self, group: str, channel: str) -> None:
        self._maybe_fail("group_add")
        self.groups.setdefault(group, set()).add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        self.groups.get(group, set()).discard(channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        self.sent.append(group)
        self._maybe_fail("group_send")
        if self.groups.get(group) and not self.deaf:
            self.queue.put_nowait(message | {"from": "another process"})  # one's own is not heard again

    async def receive(self, _channel: str) -> dict[str, Any]:
        self._maybe_fail("receive")
        return await self.queue.get()

    def _maybe_fail(self, verb: str) -> None:
        if verb in self.failing:
            raise ConnectionError(verb)


class Ears:
    def __init__(self) -> None:
        self.heard: list[AnyNews] = []
        self.joined: list[str] = []


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RETRY_SECONDS", 0.001)
    monkeypatch.setattr(limits, "ECHO_SECONDS", 0.02)


@pytest.fixture
async def layer() -> Layer:
    return Layer()


@pytest.fixture
async def ears() -> Ears:
    return Ears()


@pytest.fixture
async def bus(layer: Layer, ears: Ears):
    bus = Bus("one", layer, ears.heard.append, ears.joined.append)
    bus.start()
    yield bus
    await bus.stop()


async def until(condition) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - whatever it is, it has no event
            await asyncio.sleep(0.001)


async def test_what_is_said_to_a_group_is_heard_there(bus: Bus, ears: Ears) -> None:
    bus.join("r.k3.7")
    await until(lambda: "r.k3.7" in ears.joined)

    bus.send("r.k3.7", changes(4, 5))
    bus.send("r.k3.8", changes(4, 5, room=8))

    await until(lambda: ears.heard)
    assert ears.heard == [changes(4, 5)]


async def test_what_is_due_together_goes_in_one_message_joined(bus: Bus, layer: Layer, ears: Ears) -> None:
    bus.join("r")
    await until(lambda: "r" in ears.joined)

    for number in range(20):
        bus.send("r", changes(number, number + 1))
    await until(lambda: ears.heard)

    assert ears.heard == [changes(0, 20)]
    assert layer.sent.count("r") == 1


async def test_a_group_that_was_left_is_heard_no_more(bus: Bus, layer: Layer, ears: Ears) -> None:
    bus.join("r")
    await until(lambda: "r" in ears.joined)
    bus.leave("r")
    await until(lambda: not layer.groups["r"])

    bus.send("r", changes(4, 5))
    bus.send(SITE, renamed("Ana"))
    bus.join(SITE)
    await until(lambda: SITE in ears.joined)
    bus.send(SITE, renamed("Ana"))
    await until(lambda: ears.heard)

    assert set(ears.heard) == {renamed("Ana")}


async def test_a_group_that_could_not_be_joined_is_joined_later(
    bus: Bus, layer: Layer, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "ECHO_SECONDS", 3600)  # no new layer helps it
    layer.failing.add("group_add")
    bus.join("r")
    await asyncio.sleep(0.01)
    assert "r" not in ears.joined

    layer.failing.clear()

    await until(lambda: "r" in ears.joined)


@pytest.mark.parametrize("verb", ["new_channel", "receive", "group_send"])
async def test_the_bus_comes_back_after_a_layer_that_failed(bus: Bus, layer: Layer, ears: Ears, verb: str) -> None:
    bus.join("r")
    await until(lambda: "r" in ears.joined)
    layer.failing.add(verb)
    layer.queue.put_nowait({})
    bus.send("r", changes(1, 2))
    await asyncio.sleep(0.05)

    layer.failing.clear()
    ears.heard.clear()

    async with asyncio.timeout(5):
        number = 10
        while not ears.heard:
            number += 2
            bus.send("r", changes(number, number + 1))
            await asyncio.sleep(0.005)


async def test_a_layer_that_has_gone_deaf_is_built_anew(bus: Bus, layer: Layer, ears: Ears) -> None:
    bus.join("r")
    await until(lambda: "r" in ears.joined)
    layer.deaf = True

    await until(lambda: bus.rebuilt)
    layer.deaf = False

    assert layer.made > 1
    await until(lambda: ears.joined.count("r") > 1)


async def test_what_is_not_understood_is_counted_and_the_rest_is_heard(bus: Bus, layer: Layer, ears: Ears) -> None:
    layer.queue.put_nowait({"type": "chat.news", "body": b"\xc1"})
    layer.queue.put_nowait({"type": "something.else"})
    layer.queue.put_nowait({"body": announcements.encode([renamed("Ana")])})
    await until(lambda: ears.heard)

    assert ears.heard == [renamed("Ana")]
    assert bus.not_understood >= 1


async def test_more_than_so_much_is_dropped_and_counted(
    layer: Layer, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "OUTGOING_NEWS", 3)
    bus = Bus("one", layer, ears.heard.append, ears.joined.append)

    for number in range(5):
        bus.send("r", changes(number, number + 1))

    assert bus.dropped == 2


async def test_what_waits_is_sent_before_the_end(layer: Layer, ears: Ears) -> None:
    bus = Bus("one", layer, ears.heard.append, ears.joined.append)
    bus.start()
    bus.send("r", changes(1, 2))

    await bus.stop()

    bodies = []
    while not layer.queue.empty():
        bodies += announcements.decode(layer.queue.get_nowait()["body"])
    assert "r" in layer.sent
    assert all(isinstance(item, Echo | Changes) for item in bodies)
