"""`python -m tests.bench.idle --sockets 10000 --rooms 1`: what thousands cost who only listen, and one word to all.

All come in, say nothing for a while, hear one message in each room, a few times over, and leave. Everybody has to hear
each of them. A run of 10,000 takes about three minutes.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from statistics import median

from tests.bench.crowd import Client, Crowd, State
from tests.bench.stage import Stage, stage

_AT_ONCE = 32
_WARM_UP = 64  # visitors; what a server opens and loads with the first is not the cost of all
_PATIENCE_SECONDS = 30


class Listeners(Crowd):
    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.present = 0
        self.times: list[float] = []

    def here(self, client: Client) -> None:
        self.present += 1

    def heard(self, client: Client, at: float) -> None:
        self.times.append(at)

    def warm_up(self, rooms: int) -> None:
        """A message in each room too: an empty one is cheaper to come into."""
        first = self.clients[: max(_WARM_UP, rooms)]
        self.come(first)
        for speaker in first[:rooms]:
            self.say(speaker, "first")
        assert self.until(lambda: len(self.times) >= len(first), _PATIENCE_SECONDS), "not everybody hears the first"
        self.go(first)
        self.wait(3)

    def come(self, clients: Sequence[Client]) -> None:
        self.present = 0
        for number, client in enumerate(clients, 1):
            self.connect(client)
            self._await(number - _AT_ONCE)
        self._await(len(clients))

    def _await(self, many: int) -> None:
        assert self.until(lambda: self.present >= many, _PATIENCE_SECONDS), f"{self.present} are in, and nobody more"

    def go(self, clients: Sequence[Client]) -> None:
        """Half of them without a good-bye."""
        for client in clients:
            assert client.state is State.HERE
            self.leave(client, politely=client.number % 2 == 0)

    def wait(self, seconds: float) -> None:
        self.until(lambda: False, seconds)

    def tell_all(self, rooms: int, text: str) -> list[float]:
        """One message in each room; milliseconds until each of all members had it."""
        self.times = []
        begun = time.monotonic()
        for speaker in self.clients[:rooms]:
            self.say(speaker, text)
        assert self.until(lambda: len(self.times) >= len(self.clients), _PATIENCE_SECONDS), "some did not hear it"
        return sorted((at - begun) * 1e3 for at in self.times)

    def be_sure(self) -> None:
        self.wait(1)
        assert len(self.times) == len(self.clients), "some heard it twice"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=10_000)
    parser.add_argument("--rooms", type=int, default=1)
    parser.add_argument("--idle", type=float, default=30, help="seconds of silence")
    parser.add_argument("--messages", type=int, default=5)
    asked = parser.parse_args()
    print(f"{asked.sockets} sockets in {asked.rooms} room(s)", flush=True)
    with stage(asked.sockets) as scene:
        listeners = Listeners(scene.server.port, scene.keys, asked.rooms)
        listeners.warm_up(asked.rooms)
        descriptors = scene.descriptors
        _come(scene, listeners)
        _idle(scene, listeners, asked.idle)
        for number in range(asked.messages):
            _tell(scene, listeners, asked.rooms, f"message {number}")
        return _go(scene, listeners, descriptors)


def _come(scene: Stage, listeners: Listeners) -> None:
    scene.longest_stall()
    cpu, rss, begun = scene.cpu, scene.rss_kib, time.monotonic()
    listeners.come(listeners.clients)
    seconds, people = time.monotonic() - begun, len(listeners.clients)
    listeners.wait(5)
    kib = (scene.rss_kib - rss) / people
    frames, size = (median(getattr(one, what) for one in listeners.clients) for what in ("frames", "bytes"))
    print(
        f"  in after {seconds:.1f} s, {(scene.cpu - cpu) / people * 1e3:.2f} ms CPU each; {kib:.1f} KiB RSS each "
        f"({scene.rss_kib / 1024:.0f} MiB in all); frames to each {frames:.0f}, {size / 1024:.1f} KiB (medians); "
        f"longest stall {scene.longest_stall():.0f} ms",
        flush=True,
    )


def _idle(scene: Stage, listeners: Listeners, seconds: float) -> None:
    cpu, begun = scene.cpu, time.monotonic()
    listeners.wait(seconds)
    used = (scene.cpu - cpu) / (time.monotonic() - begun)
    print(f"  idle for {seconds:.0f} s: {used:.1%} of a core; longest stall {scene.longest_stall():.0f} ms", flush=True)


def _tell(scene: Stage, listeners: Listeners, rooms: int, text: str) -> None:
    cpu = scene.cpu
    took = listeners.tell_all(rooms, text)
    cpu = scene.cpu - cpu
    p50, p99 = (took[int(share * (len(took) - 1))] for share in (0.5, 0.99))
    print(
        f"  one message: p50 {p50:.0f} p99 {p99:.0f} max {took[-1]:.0f} ms; {cpu * 1e3:.0f} ms CPU; "
        f"longest stall {scene.longest_stall():.0f} ms",
        flush=True,
    )
    listeners.be_sure()


def _go(scene: Stage, listeners: Listeners, before: tuple[int, int]) -> int:
    begun = time.monotonic()
    listeners.go(listeners.clients)
    gone = listeners.until(lambda: scene.descriptors[0] <= before[0], _PATIENCE_SECONDS)
    seconds = time.monotonic() - begun
    listeners.wait(3)
    after = scene.descriptors
    print(
        f"  gone after {seconds:.1f} s; sockets {before[0]} before, {after[0]} after, of {before[1]} and {after[1]} "
        f"descriptors; {scene.rss_kib / 1024:.0f} MiB; longest stall {scene.longest_stall():.0f} ms"
    )
    return 0 if gone else 1


if __name__ == "__main__":
    sys.exit(main())
