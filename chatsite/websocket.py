"""Daphne's WebSocket protocol with one exit for every byte, and what an application may know and do about it.

The application finds it in `scope["extensions"]["chat.ready_frames"]`: `write(bytes)` sends frames that are framed
already and tells, as `unread()` does, how many bytes the client has left with us; `finish(code)` begins the closing
handshake and `cut()` ends the connection at once.

What a chat is made of comes in by a short way, too: whole, small, masked text frames. Everything else is autobahn's.
"""

import asyncio
import socket
from time import time
from typing import Any

from twisted.internet import tcp, unix

from chatsite.frames import small_texts
from chatsite.incoming import IncomingEvents
from chatsite.lean import LeanProtocol

EXTENSION = "chat.ready_frames"
KERNEL_BYTES = 131_072  # of ours that the kernel keeps for one client (Linux doubles it for its own book-keeping)
INCOMING_EVENTS = 64  # that wait for the application; then nothing more is read from the socket


class ReadySocket(LeanProtocol):
    application_queue: IncomingEvents
    is_bare = False  # open, and what goes into the kernel's socket is what the client gets: not so with TLS

    def onOpen(self) -> None:  # noqa: N802
        """The kernel's buffer counts too: left alone, it grows to several MiB for one who does not read."""
        super().onOpen()
        if isinstance(self.transport, tcp.Server | unix.Server) and not self.transport.TLS:
            self.is_bare = True
            self.transport.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
            self._read_straight()

    def _read_straight(self) -> None:
        """Without the context for Twisted's log that is made anew for each read, and costs more than the read."""
        transport, loop = self.transport, asyncio.get_running_loop()
        if transport in transport.reactor._readers:
            loop.add_reader(transport.fileno(), transport.reactor._readOrWrite, transport, True)

    def write(self, frames: bytes) -> int:
        if self.state == self.STATE_OPEN and self._send(frames):
            return 0
        return self.unread()

    def unread(self) -> int:
        transport = self.transport
        return int(len(transport.dataBuffer) - transport.offset + transport._tempDataLen)

    def finish(self, code: int) -> None:
        if self.state == self.STATE_OPEN:
            self.serverClose(code)

    def cut(self) -> None:
        self.transport.abortConnection()

    def _closeConnection(self, abort: bool = False) -> None:  # noqa: N802
        """After both close frames the connection ends in order: a reset could overtake ours in the client's buffer."""
        super()._closeConnection(abort and not self.wasClean)

    def _fail_connection(self, code: int, reason: str) -> None:
        """Say why, end our side, let the rest go by: a reset could swallow the reason (RFC 6455, 7.1.1)."""
        is_first = self.state == self.STATE_OPEN
        super()._fail_connection(code, reason)
        if is_first:
            self.transport.loseWriteConnection()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self.failedByMe:
            return
        if self.state == self.STATE_OPEN and not self.data and self.current_frame is None and not self.inside_message:
            data = self._take_small(data)
        if data:
            super().dataReceived(data)

    def _take_small(self, data: bytes) -> bytes:
        """Hand on the texts at the front of the data; what is left is for autobahn."""
        texts, taken = small_texts(data)
        if texts:
            self.last_ping = time()  # a sign of life is as good as a pong
            if self.autoPingTimeoutCall:
                self._cancelAutoPingTimeoutCall()
            for text in texts:
                self._hand_on({"type": "websocket.receive", "text": text})
        return data[taken:]

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:  # noqa: N802
        """The one exit: autobahn's own frames take it too."""
        self._send(data)

    def _send(self, data: bytes) -> bool:
        """Whether all of it is with the kernel now. Nothing overtakes what waits with the transport."""
        transport, sent = self.transport, 0
        if self.is_bare and transport.connected and not transport.dataBuffer and not transport._tempDataBuffer:
            try:
                sent = transport.socket.send(data)
            except OSError:  # full, or broken: the transport waits, or finds out
                sent = 0
        if sent == len(data):
            return True
        transport.write(data[sent:] if sent else data)
        return False

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        self.last_ping = time()
        if isBinary:
            self._hand_on({"type": "websocket.receive", "bytes": payload})
        else:
            self._hand_on({"type": "websocket.receive", "text": payload.decode()})

    def _hand_on(self, event: dict[str, Any]) -> None:
        events = self.application_queue
        events.put_nowait(event)
        if len(events) >= INCOMING_EVENTS and events.when_empty is None:
            self.transport.pauseProducing()
            events.when_empty = self.transport.resumeProducing

    def handle_reply(self, message: dict[str, Any]) -> None:
        """As Daphne, but an empty message is a message too, and what comes after the close is not an error."""
        if message["type"] != "websocket.accept" and self.state in (self.STATE_CLOSING, self.STATE_CLOSED):
            return
        if message["type"] == "websocket.send" and not message.get("bytes") and not message.get("text"):
            is_binary = message.get("text") is None
            self.serverSend(b"" if is_binary else "", is_binary)
        else:
            super().handle_reply(message)
