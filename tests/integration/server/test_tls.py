"""Over TLS nothing leaves in the clear: ready frames must not take the short way past the encryption."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

from tests.client import PlainClient, RichClient
from tests.services import CHAT, Stack
from tests.services.certificate import make
from tests.services.process import free_port


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("tls"))


class Tap:
    """A TCP proxy that keeps all that passes; while it is shut, nothing is taken from the server."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._open = asyncio.Event()
        self._open.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.to_server: list[bytearray] = []
        self.to_client: list[bytearray] = []

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._open.set()
        await asyncio.gather(*self._tasks)

    def shut(self) -> None:
        self._open.clear()

    def open(self) -> None:
        self._open.set()

    async def _serve(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        upstream = socket.socket()
        upstream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that the server feels it soon
        upstream.setblocking(False)
        await asyncio.get_running_loop().sock_connect(upstream, ("127.0.0.1", self._target))
        from_server, to_server = await asyncio.open_connection(sock=upstream, limit=4096)
        self.to_server.append(bytearray())
        self.to_client.append(bytearray())
        for carrying in (
            self._carry(from_client, to_server, self.to_server[-1], always=True),
            self._carry(from_server, to_client, self.to_client[-1], always=False),
        ):
            self._tasks.add(asyncio.create_task(carrying))

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: bytearray, *, always: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(4096):
                if not always:
                    await self._open.wait()
                kept += data
                writer.write(data)
                await writer.drain()
        writer.close()


@pytest.fixture
def ports(embedded_stack: Stack, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """One server's port without TLS, and its port with it, which clients of this test trust."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "fullchain.pem"))
    tls = free_port()
    key, chain = certificate / "privkey.pem", certificate / "fullchain.pem"
    endpoint = f"ssl:{tls}:privateKey={key}:certKey={chain}:interface=127.0.0.1"
    server = embedded_stack.serve((*CHAT[:-1], "-e", endpoint, CHAT[-1]), CHAT_RATE_LIMITS="off")
    yield server.port, tls
    assert "Traceback" not in server.log()


def records(stream: bytes) -> int:
    """How many TLS records this is (RFC 8446, 5.1), which it has to be from its first byte to its last."""
    at = count = 0
    while at < len(stream):
        assert 20 <= stream[at] <= 23, stream[at : at + 60]
        assert stream[at + 1] == 3, stream[at : at + 60]
        at += 5 + int.from_bytes(stream[at + 3 : at + 5], "big")
        count += 1
    assert at == len(stream)
    return count


async def talk(quick: Tap, slow: Tap, scheme: str, room: str, words: str) -> None:
    """One talks, while two who take nothing in are told more than the kernel holds for them; in the end all have it."""
    near, far = (f"{scheme}://127.0.0.1:{tap.port}/ws/chat/{room}/" for tap in (quick, slow))
    async with RichClient(near) as ana, RichClient(far) as bo, PlainClient(far) as cy:
        await ana.enter()
        await bo.enter()
        await cy.enter()
        await ana.say(f"{words} at first")
        await bo.see(f"{words} at first")
        slow.shut()
        for number in range(50):
            await ana.say(f"{words} {number} {'x' * 7_900}")
        pong = await bo.socket.ping()
        await bo.post(f"{words} from one who does not read")
        await ana.see(f"{words} from one who does not read")
        slow.open()
        for reader in (bo, cy):
            await reader.see(f"{words} from one who does not read")
        await pong
        assert bo.texts == cy.texts == ana.texts
        assert len(ana.texts) == 52


async def test_over_tls_nothing_leaves_in_the_clear(ports: tuple[int, int], room: str) -> None:
    _, tls = ports
    async with Tap(tls) as quick, Tap(tls) as slow:
        await talk(quick, slow, "wss", room, "quite a secret")

    for stream in (*quick.to_server, *quick.to_client, *slow.to_server, *slow.to_client):
        assert records(stream) > 3
        assert b"quite a secret" not in stream
    assert len(slow.to_client) == 2


async def test_without_tls_the_same_talk_can_be_read(ports: tuple[int, int], room: str) -> None:
    """What the other test finds nowhere would be seen where it is."""
    plain, _ = ports
    async with Tap(plain) as quick, Tap(plain) as slow:
        await talk(quick, slow, "ws", room, "no secret")

    for stream in (*quick.to_client, *slow.to_client):
        assert b"no secret" in stream
        with pytest.raises(AssertionError):
            records(stream)
