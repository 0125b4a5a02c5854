"""What floods from one address do to a chat behind nginx: `python -m tests.deploy`, a minute, this machine only."""

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.deploy.conftest import SETTINGS
from tests.deploy.floods import answers, drip, handshake, lines, page
from tests.services import Nginx, ServerProcess, StackMaker
from tests.services.process import Process
from tests.services.stack import manage

ROOM = "flooded"
WATCH_SECONDS = 5.0
LOOK_SECONDS = 0.05  # between two pages: fewer than nginx refuses


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        static = Path(folder) / "static"
        manage("collectstatic", "--noinput", env={"VAR_DIR": folder, "STATIC_ROOT": str(static)})
        maker = StackMaker(static)
        try:
            with maker.embedded() as stack:
                server = stack.serve(**SETTINGS)
                with Nginx([f"127.0.0.1:{server.port}"], static) as nginx:
                    _measure(nginx, server)
        finally:
            maker.close()


def _measure(nginx: Nginx, server: ServerProcess) -> None:
    page(nginx, ROOM)
    slow, get = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", b"GET /me/name/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    large = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Large: " + b"x" * 20_000
    slow_body = b"POST /me/name/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n"
    with _told("nothing", nginx, server):
        pass
    for name, count, first, is_slow in (
        ("connections that say nothing", 5_000, b"", True),
        ("slow headers", 2_000, slow, True),
        ("slow bodies", 2_000, slow_body, True),
        ("large headers", 2_000, large, False),
        ("handshakes", 2_000, handshake(ROOM), False),
        ("requests", 2_000, get, False),
    ):
        began = time.monotonic()
        with ExitStack() as held:
            with _told(f"{count} {name}", nginx, server):
                made = held.enter_context(lines(nginx, count, first))
                if is_slow and first:
                    drip(made, b"x")
            told = dict(answers(made, 35))
            print(f"{'':<36}{told} after {time.monotonic() - began:.0f} s")  # noqa: T201


@contextmanager
def _told(what: str, nginx: Nginx, server: ServerProcess) -> Iterator[None]:
    """Look at a page again and again meanwhile, from elsewhere."""
    before = _rss(nginx), _rss(server)
    times: list[float] = []
    statuses: set[int] = set()

    def look() -> None:
        deadline = time.monotonic() + WATCH_SECONDS
        while time.monotonic() < deadline:
            status, seconds = page(nginx, ROOM)
            statuses.add(status)
            times.append(seconds * 1000)
            time.sleep(max(0.0, LOOK_SECONDS - seconds))

    looking = threading.Thread(target=look)
    looking.start()
    yield
    looking.join()
    print(  # noqa: T201
        f"{what:<36}page {sorted(statuses)} in {statistics.median(times):.0f} ms, at most {max(times):.0f};"
        f" nginx {_rss(nginx) - before[0]:+.0f} MiB, server {_rss(server) - before[1]:+.0f} MiB"
    )


def _rss(process: Process) -> float:
    return sum(one.memory_info().rss for one in process.family()) / 2**20


if __name__ == "__main__":
    main()
