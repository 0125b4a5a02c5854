"""Frames leave a socket in order; one who does not read is cut off, and nobody else waits for it."""

import asyncio
from typing import Any

import pytest

from chat import limits
from chat.realtime.frames import Frames
from chat.realtime.outlet import EXTENSION, QueueOutlet, ReadyOutlet, open_outlet
from chat.wire.codes import Close


class Server:
    """Takes what is sent, as long as the client reads."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.reads = asyncio.Event()
        self.reads.set()

    async def send(self, message: dict[str, Any]) -> None:
        await self.reads.wait()
        self.sent.append(message)

    @property
    def texts(self) -> list[str]:
        return [message["text"] for message in self.sent if message["type"] == "websocket.send"]

    @property
    def codes(self) -> list[int]:
        return [message["code"] for message in self.sent if message["type"] == "websocket.close"]


class ReadyServer:
    """The same for ready frames: counts what the client has not read."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.left = 0
        self.reading = True
        self.codes: list[int] = []
        self.was_cut = False

    def write(self, data: bytes) -> int:
        self.written.append(data)
        self.left += 0 if self.reading else len(data)
        return self.left

    def unread(self) -> int:
        return self.left

    def finish(self, code: int) -> None:
        self.codes.append(code)

    def cut(self) -> None:
        self.was_cut = True


async def turns(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture
async def server() -> Server:
    return Server()


@pytest.fixture
async def queue(server: Server):
    outlet = QueueOutlet(server.send)
    yield outlet
    outlet.stop()


@pytest.fixture
async def ready_server() -> ReadyServer:
    return ReadyServer()


@pytest.fixture
async def ready(ready_server: ReadyServer):
    outlet = ReadyOutlet(ready_server)
    yield outlet
    outlet.stop()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_ready_frame_is_what_the_standard_says(size: int) -> None:
    framed = Frames("é" * (size // 2) + "x" * (size % 2)).framed

    assert framed[0] == 0x81
    header = 2 if size < 126 else 4 if size < 65_536 else 10
    stated = framed[1] if size < 126 else int.from_bytes(framed[2:header], "big")
    assert stated == size == len(framed) - header


async def test_the_road_is_chosen_by_what_the_server_offers(server: Server, ready_server: ReadyServer) -> None:
    plain, ready = (
        open_outlet({}, server.send),
        open_outlet({"extensions": {EXTENSION: ready_server}}, server.send),
    )

    assert isinstance(plain, QueueOutlet)
    assert isinstance(ready, ReadyOutlet)
    plain.stop()


# Any server


async def test_frames_leave_in_order_and_the_close_last(server: Server, queue: QueueOutlet) -> None:
    queue.put(Frames("a", "b"))
    queue.put(Frames("c"))
    queue.close(Close.RESTARTING)
    queue.put(Frames("too late"))
    await turns()

    assert server.texts == ["a", "b", "c"]
    assert server.codes == [4412]
    assert server.sent[-1]["type"] == "websocket.close"


async def test_the_first_code_holds(server: Server, queue: QueueOutlet) -> None:
    queue.close(Close.NO_ROOM)
    queue.close(Close.RESTARTING)
    await turns()

    assert server.codes == [4404]


async def test_one_who_does_not_read_is_cut_off_at_the_bound(server: Server, queue: QueueOutlet) -> None:
    server.reads.clear()
    put = 0
    while not queue.closed:
        queue.put(Frames("x" * 10_000))
        put += 1
        await asyncio.sleep(0)
    assert put * 10_000 <= limits.UNREAD_BYTES + 20_000
    assert not queue._texts  # what it will not read is not kept

    server.reads.set()
    await turns()

    assert server.codes == [4409]


async def test_one_who_reads_may_get_any_amount(server: Server, queue: QueueOutlet) -> None:
    for _ in range(300):
        queue.put(Frames("x" * 10_000))
        await queue.room_for_more()

    assert not queue.closed
    assert len(server.texts) == 300


async def test_a_large_answer_waits_until_what_was_put_is_gone(server: Server, queue: QueueOutlet) -> None:
    server.reads.clear()
    queue.put(Frames("a", "b"))
    waiting = asyncio.create_task(queue.room_for_more())
    await turns()
    assert not waiting.done()

    server.reads.set()
    await asyncio.wait_for(waiting, 5)


@pytest.mark.parametrize("how", ["stop", "close"])
async def test_a_large_answer_does_not_wait_for_one_who_is_gone(server: Server, queue: QueueOutlet, how: str) -> None:
    server.reads.clear()
    queue.put(Frames("a", "b"))
    waiting = asyncio.create_task(queue.room_for_more())
    await turns()

    if how == "stop":
        queue.stop()
    else:
        queue.close(Close.SLOW_READER)
        server.reads.set()
    await asyncio.wait_for(waiting, 5)


async def test_a_server_that_has_closed_already_makes_no_noise(queue: QueueOutlet) -> None:
    async def closed(_: dict[str, Any]) -> None:
        raise RuntimeError("already closed")

    queue._send = closed
    queue.close(Close.RESTARTING)
    await turns()

    assert queue._task.done()
    assert queue._task.exception() is None


# Our own


async def test_what_is_due_in_one_turn_goes_out_in_one_write(ready_server: ReadyServer, ready: ReadyOutlet) -> None:
    ready.put(Frames("a"))
    ready.put(Frames("b", "c"))
    assert ready_server.written == []
    await turns()
    ready.put(Frames("d"))
    await turns()

    assert ready_server.written == [Frames("a", "b", "c").framed, Frames("d").framed]


async def test_a_close_comes_after_what_was_put_before_it(ready_server: ReadyServer, ready: ReadyOutlet) -> None:
    ready.put(Frames("a"))
    ready.close(Close.RESTARTING)
    ready.close(Close.NO_ROOM)
    ready.put(Frames("too late"))
    await turns()

    assert ready_server.written == [Frames("a").framed]
    assert ready_server.codes == [4412]


async def test_one_who_leaves_too_much_unread_is_cut_off(
    ready_server: ReadyServer, ready: ReadyOutlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CLOSE_SECONDS", 0)
    ready_server.reading = False
    for _ in range(200):
        ready.put(Frames("é" * 5_000))
        await turns(2)
    await asyncio.sleep(0.01)

    assert ready.closed
    assert ready_server.codes == [4409]
    assert ready_server.left <= limits.UNREAD_BYTES
    assert ready_server.was_cut


async def test_one_who_reads_may_get_more_than_the_bound_in_one_turn(
    ready_server: ReadyServer, ready: ReadyOutlet
) -> None:
    for _ in range(3):
        ready.put(Frames("x" * limits.UNREAD_BYTES))
    await turns()

    assert not ready.closed
    assert len(ready_server.written) == 1


async def test_many_sockets_are_written_to_in_one_turn_whatever_one_of_them_does() -> None:
    servers = [ReadyServer() for _ in range(3)]
    outlets = [ReadyOutlet(server) for server in servers]
    servers[0].left = "no number"  # type: ignore[assignment]
    frames = Frames("a")
    for outlet in outlets:
        outlet.put(frames)
    await turns(2)

    assert [server.written for server in servers[1:]] == [[frames.framed]] * 2


async def test_who_closes_properly_is_not_cut(
    ready_server: ReadyServer, ready: ReadyOutlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CLOSE_SECONDS", 0.001)
    ready.close(Close.RESTARTING)
    ready.stop()
    await asyncio.sleep(0.01)

    assert not ready_server.was_cut


async def test_a_large_answer_waits_until_little_is_unread(ready_server: ReadyServer, ready: ReadyOutlet) -> None:
    ready_server.left = limits.LITTLE_BYTES + 1
    waiting = asyncio.create_task(ready.room_for_more())
    await asyncio.sleep(0.05)
    assert not waiting.done()

    ready_server.left = limits.LITTLE_BYTES
    await asyncio.wait_for(waiting, 5)

    assert not ready.closed


async def test_one_who_stops_reading_a_large_answer_is_cut_off(
    ready_server: ReadyServer, ready: ReadyOutlet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "STALL_SECONDS", 0.03)
    ready_server.left = limits.LITTLE_BYTES + 1

    await asyncio.wait_for(ready.room_for_more(), 5)

    assert ready_server.codes == [4409]


async def test_what_is_worth_nothing_later_does_not_wait_for_a_slow_reader(
    server: Server, queue: QueueOutlet, ready_server: ReadyServer, ready: ReadyOutlet
) -> None:
    server.reads.clear()
    ready_server.reading = False
    for outlet in (queue, ready):
        outlet.put_unless_busy(Frames("sent"))
        outlet.put(Frames("x" * (limits.LITTLE_BYTES + 1)))
    await turns()
    for outlet in (queue, ready):
        outlet.put_unless_busy(Frames("dropped"))
        outlet.put(Frames("kept"))
    server.reads.set()
    await turns()

    said = b"".join(ready_server.written).decode("latin-1")
    for all_said in (server.texts, said):
        assert "sent" in all_said
        assert "dropped" not in all_said
    assert server.texts[-1] == "kept"
    assert said.endswith("kept")
