"""`python -m tests.bench.storm --clients 2000 --rooms 20`: the server is killed, and all come back as browsers do.

`kill -9`, some seconds of nothing, and a new server on the same port. Each client waits as static/js/net does: a random
part of the time for which it has not worked, of half a second at least. `--no-jitter` is the control: at once, always.
"""

import argparse
import heapq
import random
import sys
import time
from collections import Counter, deque
from collections.abc import Callable
from statistics import mean, median
from threading import Thread

from tests.bench.crowd import Client, State
from tests.bench.idle import Listeners
from tests.bench.stage import Stage, stage

_SHORTEST, _LONGEST, _CROWDED = 0.5, 30, 2  # seconds, as in static/js/lib/backoff.js and static/js/net/closing.js
_HANDSHAKE_SECONDS = 20  # as in static/js/net/socket.js
_WITHOUT_JITTER = 0.05
_PATIENCE_SECONDS = 120
_CROWDED_CODES = ("closed with 4413", "closed with 4429")


class Returning(Listeners):
    def __init__(self, scene: Stage, rooms: int, *, jitter: bool) -> None:
        super().__init__(scene.server.port, scene.keys, rooms)
        self._jitter = jitter
        self._due: list[tuple[float, int]] = []
        self._asking: deque[tuple[float, Client, int]] = deque()  # since when, and the how maniest attempt it is
        self._troubled_since: dict[Client, float] = {}
        self.killed = False
        self.attempts: Counter[Client] = Counter()
        self.failures: Counter[str] = Counter()
        self.open_at: float | None = None
        self.back_at: dict[Client, float] = {}

    def linked(self, client: Client) -> None:
        if self.killed and self.open_at is None:
            self.open_at = time.monotonic()

    def here(self, client: Client) -> None:
        super().here(client)
        if self.killed:
            self.back_at[client] = time.monotonic()

    def lost(self, client: Client, why: str) -> None:
        if not self.killed:
            super().lost(client, why)
        self.back_at.pop(client, None)
        if self.attempts[client]:
            self.failures[why] += 1
        now = time.monotonic()
        troubled = now - self._troubled_since.setdefault(client, now)
        wait = random.random() * min(_LONGEST, max(_SHORTEST, troubled)) if self._jitter else _WITHOUT_JITTER
        heapq.heappush(self._due, (now + wait + (_CROWDED if why in _CROWDED_CODES else 0), client.number))

    def try_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Come back as browsers do, until it holds."""
        deadline = time.monotonic() + seconds
        while not (held := condition()) and time.monotonic() < deadline:
            self._try_again(time.monotonic())
            self.turn(0.005)
        return held

    def _try_again(self, now: float) -> None:
        while self._due and self._due[0][0] <= now:
            client = self.clients[heapq.heappop(self._due)[1]]
            self.attempts[client] += 1
            self._asking.append((now, client, self.attempts[client]))
            self.connect(client)
        while self._asking and self._asking[0][0] < now - _HANDSHAKE_SECONDS:
            _, client, attempt = self._asking.popleft()
            if attempt == self.attempts[client] and client.state not in (State.HERE, State.AWAY):
                self.lose(client, "nothing within 20 s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=2_000)
    parser.add_argument("--rooms", type=int, default=20)
    parser.add_argument("--down", type=float, default=2, help="seconds until the server is started again")
    parser.add_argument("--no-jitter", action="store_true", help="the control: everybody again after 50 ms")
    asked = parser.parse_args()
    with stage(asked.clients) as scene:
        returning = Returning(scene, asked.rooms, jitter=not asked.no_jitter)
        returning.warm_up(asked.rooms)
        returning.come(returning.clients)
        returning.wait(3)
        scene.server.kill()
        returning.killed = True
        returning.try_until(lambda: False, asked.down)
        scene.longest_stall()
        scene.server.ready_seconds = _PATIENCE_SECONDS  # the page that tells it waits behind the crowd
        starting = Thread(target=scene.server.start)
        starting.start()
        all_back = returning.try_until(lambda: len(returning.back_at) == asked.clients, _PATIENCE_SECONDS)
        cpu = scene.cpu
        starting.join()
        returning.try_until(lambda: False, 3)
        _print(asked, scene, returning, cpu)
        return 0 if all_back and len(returning.back_at) == asked.clients else 1


def _print(asked: argparse.Namespace, scene: Stage, returning: Returning, cpu: float) -> None:
    assert returning.open_at is not None, "the server did not open its port again"
    assert returning.back_at, "nobody came back"
    took = sorted(at - returning.open_at for at in returning.back_at.values())
    attempts = [returning.attempts[client] for client in returning.clients]
    print(
        f"{asked.clients} clients in {asked.rooms} room(s), {'without' if asked.no_jitter else 'with'} jitter, "
        f"server away for {asked.down:g} s and its start\n"
        f"  {len(took)} back; after the port was open: p50 {median(took):.1f} s, last {took[-1]:.1f} s; "
        f"{cpu / asked.clients * 1e3:.2f} ms CPU each, the start included\n"
        f"  attempts of each: {mean(attempts):.1f}, at most {max(attempts)}; failed: {dict(returning.failures)}\n"
        f"  longest stall {scene.longest_stall():.0f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
