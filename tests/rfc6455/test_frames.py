"""What RFC 6455 asks of a server's framing: right answers, and the right close code with its close frame."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rfc6455.wire import BINARY, CLOSE, PING, PONG, TEXT, Frame, RawSocket, announced, frame
from tests.services import ServerProcess
from tests.services.server import CHAT

ECHO = (*CHAT[:-1], "tests.rfc6455.echo:application")
LIMIT = 131_072
_CLOSE_CODES = {0, *range(1000, 1015), *range(3000, 5000)}  # none, or the client's own, sent back


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder: Path = tmp_path_factory.mktemp("echo")
    server = EchoServer({"VAR_DIR": str(folder)}, folder / "log", ECHO)
    server.start()
    pid = server.pid
    try:
        yield server
        assert (server.is_running, server.pid) == (True, pid), server.log_tail()
        assert "Traceback" not in server.log(), server.log_tail()
    finally:
        server.stop()


class EchoServer(ServerProcess):
    def is_ready(self) -> bool:
        """It answers no pages: ask for a socket."""
        try:
            with RawSocket(self.port):
                return True
        except (OSError, AssertionError):
            return False


@pytest.fixture
def raw(echo: ServerProcess) -> Iterator[RawSocket]:
    with RawSocket(echo.port) as connection:
        yield connection


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, LIMIT])
def test_a_message_of_any_size_comes_back(raw: RawSocket, opcode: int, size: int) -> None:
    raw.send(frame(opcode, b"x" * size))
    assert raw.receive() == Frame(opcode, b"x" * size)


def test_a_message_in_fragments_comes_back_whole_with_a_ping_between(raw: RawSocket) -> None:
    raw.send(frame(TEXT, "你".encode()[:2], final=False) + frame(PING, b"?") + frame(0, "你".encode()[2:]))
    assert raw.receive() == Frame(PONG, b"?")
    assert raw.receive() == Frame(TEXT, "你".encode())


def test_a_message_byte_by_byte_comes_back(raw: RawSocket) -> None:
    for byte in frame(TEXT, b"slowly") + frame(TEXT, b"and again"):
        raw.send(bytes([byte]))
    assert raw.receive() == Frame(TEXT, b"slowly")
    assert raw.receive() == Frame(TEXT, b"and again")


def test_a_close_is_answered_with_its_code(raw: RawSocket) -> None:
    raw.send(frame(CLOSE, (4000).to_bytes(2, "big") + b"bye"))
    answer = raw.receive()
    assert answer is not None
    assert (answer.opcode, answer.close_code) == (CLOSE, 4000)
    assert raw.receive() is None


@pytest.mark.parametrize(
    ("code", "data"),
    [
        pytest.param(1002, frame(TEXT, b"x", masked=False), id="not masked"),
        pytest.param(1002, frame(TEXT, b"x", reserved=4), id="reserved bit 1"),
        pytest.param(1002, frame(TEXT, b"x", reserved=1), id="reserved bit 3"),
        pytest.param(1002, frame(0x3, b"x"), id="reserved data opcode"),
        pytest.param(1002, frame(0xB, b"x"), id="reserved control opcode"),
        pytest.param(1002, frame(PING, b"x" * 126), id="long ping"),
        pytest.param(1002, frame(PING, b"x", final=False), id="fragmented ping"),
        pytest.param(1002, frame(0, b"x"), id="continuation of nothing"),
        pytest.param(1002, frame(TEXT, b"x", final=False) + frame(TEXT, b"y"), id="message within a message"),
        pytest.param(1002, frame(CLOSE, b"\x03"), id="close code of one byte"),
        pytest.param(1002, frame(CLOSE, (999).to_bytes(2, "big")), id="close code below 1000"),
        pytest.param(1002, frame(CLOSE, (1005).to_bytes(2, "big")), id="close code for local use"),
        pytest.param(1007, frame(TEXT, b"\xff"), id="no UTF-8"),
        pytest.param(1007, frame(TEXT, b"\xed\xa0\x80"), id="surrogate in UTF-8"),
        pytest.param(1007, frame(TEXT, "你".encode()[:2]), id="half a character"),
        pytest.param(1007, frame(TEXT, b"ok", final=False) + frame(0, b"\xc0"), id="no UTF-8 in the second fragment"),
        pytest.param(1009, frame(TEXT, b"x" * (LIMIT + 1)), id="too long"),
        pytest.param(1009, announced(TEXT, 2**40), id="too long by its head"),
        pytest.param(1009, frame(TEXT, b"x" * LIMIT, final=False) + frame(0, b"x"), id="too long in fragments"),
    ],
)
def test_a_fault_closes_with_its_code_and_a_close_frame(raw: RawSocket, code: int, data: bytes) -> None:
    raw.send(data)
    assert raw.receive_close() == code


@given(seed=st.integers(0, 2**32))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_whatever_bytes_come_the_server_answers_with_frames_and_lives(echo: ServerProcess, seed: int) -> None:
    chance = random.Random(seed)
    with RawSocket(echo.port) as connection:
        # At once: where they hold a close of their own, what came after its answer would meet a socket that is gone.
        connection.send(_mutated(chance) + frame(CLOSE, (1000).to_bytes(2, "big")))
        try:
            while (got := connection.receive()) is not None:
                assert got.opcode in (TEXT, BINARY, CLOSE, PING, PONG)
                assert got.opcode != CLOSE or got.close_code in _CLOSE_CODES
        except TimeoutError:
            pass  # what came announced a frame that is not all there: the server rightly waits for the rest
    with RawSocket(echo.port) as connection:
        connection.send(frame(TEXT, b"still there"))
        assert connection.receive() == Frame(TEXT, b"still there")


def _mutated(chance: random.Random) -> bytes:
    """Some right frames with a few bytes changed, dropped or doubled."""
    data = bytearray()
    for _ in range(chance.randrange(1, 4)):
        opcode = chance.choice((0, TEXT, BINARY, PING, PONG, CLOSE))
        data += frame(opcode, chance.randbytes(chance.choice((0, 2, 20, 126, 300))), final=chance.random() < 0.8)
    for _ in range(chance.randrange(4)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)
