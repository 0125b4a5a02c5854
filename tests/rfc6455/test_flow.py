"""What comes in is bounded: an application that is busy holds up its own client, and nobody else."""

from pathlib import Path

import psutil

from tests.rfc6455.test_frames import EchoServer
from tests.rfc6455.wire import TEXT, Frame, RawSocket, frame
from tests.services.server import CHAT

MIB = 2**20
SMALL = frame(TEXT, b"x" * 100)


def test_a_busy_application_holds_up_its_own_client_only(tmp_path: Path) -> None:
    server = EchoServer({"VAR_DIR": str(tmp_path)}, tmp_path / "log", (*CHAT[:-1], "tests.rfc6455.busy:application"))
    server.start()
    try:
        before = psutil.Process(server.pid).memory_info().rss
        with RawSocket(server.port, "/busy") as flood, RawSocket(server.port) as other:
            sent = _send_until_it_is_held_up(flood, 60 * MIB)
            assert sent < 30 * MIB, "nothing holds it up"
            assert psutil.Process(server.pid).memory_info().rss - before < 20 * MIB
            other.send(frame(TEXT, b"how many?"))
            assert other.receive() == Frame(TEXT, b"1")
            (tmp_path / "go").touch()
            rest = -sent % len(SMALL)
            flood.send(SMALL[len(SMALL) - rest :] + frame(TEXT, b"how many?"))
            count = (sent + rest) // len(SMALL) + 1
            assert flood.receive() == Frame(TEXT, str(count).encode())
    finally:
        server.stop()


def _send_until_it_is_held_up(client: RawSocket, most: int) -> int:
    """Send frames until two seconds bring no further one out; how many bytes went."""
    block, sent = SMALL * 1000, 0
    client.socket.settimeout(2)
    try:
        while sent < most:
            sent += client.socket.send(block[sent % len(SMALL) :])
    except TimeoutError:
        pass
    client.socket.settimeout(60)  # what waits in the kernels' buffers may be 100,000 frames
    return sent
