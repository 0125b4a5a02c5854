"""Daphne, made fit for chat: the same options, any ASGI app; run as `python -m chatsite.server`.

It adds the ASGI lifespan, so that an application can say good-bye to its sockets before the server goes; it answers
broken frames with a close frame instead of a reset, and it lets a healthy socket live for ever.
"""

import asyncio
import gc
import logging
import os
import sys
from functools import partial
from typing import Any

from daphne.cli import CommandLineInterface
from daphne.server import Server
from twisted.internet import defer, reactor

from chatsite.environment import BadSetting
from chatsite.incoming import IncomingEvents
from chatsite.lean import configured
from chatsite.websocket import EXTENSION, ReadySocket

logger = logging.getLogger(__name__)

FRAME_BYTES = 131_072
BACKLOG = 4096
CLOSE_SECONDS = 5.0  # for a client to answer a close
STOP_SECONDS = 9.0  # then the process goes, whatever is still open


class ChatServer(Server):
    def __init__(self, *args: Any, **options: Any) -> None:
        """Without Daphne's log of requests, which has every query: the application writes its own."""
        super().__init__(*args, **options | {"action_logger": None})

    def run(self) -> None:
        self._ports: list[Any] = []
        self._lifespan = Lifespan(self.application)
        reactor.callWhenRunning(self._begin)
        super().run()

    def _begin(self) -> None:
        # RFC 6455, 7.1.7: tell a client why it is failed, rather than to drop the connection under it.
        self.ws_factory.setProtocolOptions(
            failByDrop=False,
            echoCloseCodeReason=True,
            closeHandshakeTimeout=CLOSE_SECONDS,
            allowNullOrigin=True,  # as Daphne set it, before this call would unset it: the application decides
        )
        self.ws_factory.protocol = configured(ReadySocket, self.ws_factory)
        self._lifespan.start()

    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        self._ports.append(port)
        # Twisted listens with 50; a crowd that comes back at once must not be refused.
        port.socket.listen(BACKLOG)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """As Daphne's, with a bounded queue, and with the socket's extension where there is one."""
        events = IncomingEvents()
        scope.setdefault("asgi", {"version": "3.0"})
        if isinstance(protocol, ReadySocket):
            scope["scheme"] = "wss" if protocol.transport.TLS else "ws"
            scope["extensions"] = {EXTENSION: protocol}
        running = self.application(scope=scope, receive=events.get, send=partial(self.handle_reply, protocol))
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(running)
        return events

    def kill_all_applications(self) -> Any:
        """Before the reactor stops: no new connections, good-bye to the sockets, then an end to what is left."""
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._leave()))

    async def _leave(self) -> None:
        for port in self._ports:
            port.stopListening()
        try:
            await asyncio.wait_for(self._lifespan.stop(), STOP_SECONDS)
        except TimeoutError:
            logger.warning("the application did not stop in time")
        left = [running for details in self.connections.values() if (running := details.get("application_instance"))]
        for running in left:
            running.cancel()
        await asyncio.gather(*left, return_exceptions=True)


class Lifespan:
    """The application's side of ASGI lifespan 2.0: told of the start, and waited for at the end."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._events: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._events.put_nowait({"type": "lifespan.startup"})
        self._task = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        self._events.put_nowait({"type": "lifespan.shutdown"})
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}}
        try:
            await self._application(scope, self._events.get, self._answer)
        except Exception as error:  # an application without lifespan says so by raising
            logger.info("no lifespan in this application (%s)", type(error).__name__)

    async def _answer(self, message: dict[str, Any]) -> None:
        if message["type"].endswith(".failed"):
            logger.error("%s: %s", message["type"], message.get("message", ""))


class Command(CommandLineInterface):
    description = "Daphne, made fit for chat"
    server_class = ChatServer

    def __init__(self) -> None:
        super().__init__()
        self.parser.set_defaults(
            websocket_timeout=-1,  # a healthy socket may live for ever
            websocket_connect_timeout=15,  # a crowd that comes back at once needs longer than 5 s
            websocket_max_message_size=FRAME_BYTES,
            websocket_max_frame_size=FRAME_BYTES,
            ping_interval=20,
            ping_timeout=15,  # shorter than the interval: a second ping must not replace the first
            server_name="",
        )

    def run(self, args: list[str]) -> None:
        given = self.parser.parse_args(args)
        if given.proxy_headers or given.proxy_headers_host or given.proxy_headers_port:
            raise BadSetting(
                "--proxy-headers", "the proxies' addresses in TRUSTED_PROXIES instead", "what would believe anybody"
            )
        super().run(args)


def main() -> None:
    # Python looks for cycles after each 700 objects more than before. A batch of messages makes thousands, hardly any
    # of them in a cycle, so that these looks find nothing; and each tenth goes on to the older ones.
    gc.set_threshold(20_000, 20, 20)
    try:
        Command().run(sys.argv[1:] or ["chatsite.asgi:application"])
    except BadSetting as unusable:
        sys.exit(str(unusable))
    logging.shutdown()
    sys.stdout.flush()
    # Python would now wait for its threads, and one of them may wait for a database that does not answer.
    os._exit(0)


if __name__ == "__main__":
    main()
