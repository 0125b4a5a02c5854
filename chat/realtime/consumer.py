"""The consumer: accepts a socket, decodes its frames and hands them on. No rule of its own, and it never raises."""

import logging
import time
from typing import Any
from urllib.parse import parse_qs

import structlog
from channels.consumer import AsyncConsumer

from chat import limits
from chat.rates import Bucket
from chat.realtime import entrance, node
from chat.realtime.member import Member
from chat.realtime.outlet import Outlet, Send, open_outlet
from chat.realtime.refusals import refusals
from chat.text import names
from chat.wire import codec
from chat.wire.codec import Dialect
from chat.wire.codes import ChatError, Close, Code

logger = logging.getLogger(__name__)
log = structlog.stdlib.get_logger(__name__)


class ChatConsumer(AsyncConsumer):
    """One socket of one room: `/ws/chat/<room>/`, in the dialect that the client asks for.

    The hub joins the channel layer's groups on behalf of all consumers of the process, so this one has no
    subscription of its own; and it has its own receive loop, without the hop to a thread that Channels makes for each
    event, because nothing here touches a database connection.
    """

    channel_layer_alias = "none: the hub owns the layer"

    # Of the class, for most sockets are idle
    _frames_in = 0
    _code = 1006

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Send) -> None:
        await receive()  # websocket.connect
        dialect = Dialect.RICH if codec.SUBPROTOCOL in scope["subprotocols"] else Dialect.PLAIN
        await send({"type": "websocket.accept", "subprotocol": codec.SUBPROTOCOL if dialect is Dialect.RICH else None})
        structlog.contextvars.bind_contextvars(id=scope.get("request_id"))
        began = time.monotonic()
        outlet = open_outlet(scope, send)
        here = node.current()
        try:
            member = self._member(here, scope, outlet, dialect)
        except names.BadName:
            outlet.close(Close.NO_ROOM)
            refusals.note(scope, Close.NO_ROOM)
            await self._ignore(receive)
            outlet.stop()
            return
        here.welcome(member)
        try:
            await self._listen(receive, member, outlet)
        finally:
            was_refused = outlet.closed and not member.entered
            here.farewell(member)
            if was_refused:
                refusals.note(scope, self._code)
            else:
                self._tell_end(member, outlet, began)

    def _tell_end(self, member: Member, outlet: Outlet, began: float) -> None:
        log.info(
            "socket",
            room=member.slug,
            user=member.person,
            code=self._code,
            seconds=time.monotonic() - began,
            frames_in=self._frames_in,
            frames_out=outlet.sent,
            address=member.address,
        )

    def _member(self, here: node.Node, scope: dict[str, Any], outlet: Outlet, dialect: Dialect) -> Member:
        slug = names.slug(scope["url_route"]["kwargs"]["room"])
        address = scope["client"][0] if scope.get("client") else None
        member = Member(here, outlet, dialect, slug, entrance.session_key(scope["headers"]), address)
        asked = _asked(scope["query_string"])
        scope["headers"].clear()  # the scope lives as long as the socket, and nobody asks for these again
        member.begin(history=_history(asked), wished_name=asked.get("name", [""])[-1])
        return member

    async def _ignore(self, receive: Any) -> None:
        while (await receive())["type"] != "websocket.disconnect":
            pass

    async def _listen(self, receive: Any, member: Member, outlet: Outlet) -> None:
        bucket = Bucket(limits.FRAME_BURST, limits.FRAMES_PER_SECOND)
        refused_in_a_row = 0
        while (event := await receive())["type"] != "websocket.disconnect":
            self._frames_in += 1
            if outlet.closed:
                continue
            wait = bucket.take()
            refused_in_a_row = refused_in_a_row + 1 if wait else 0
            if refused_in_a_row > limits.FLOOD_FRAMES:
                outlet.close(Close.FLOOD)
            else:
                self._take(member, event.get("text"), wait)
        self._code = event.get("code", self._code)

    def _take(self, member: Member, frame: str | None, wait: float) -> None:
        try:
            if frame is None:
                raise ChatError(Code.BAD_REQUEST, "Expected a text frame, got a binary one.")
            if wait:
                raise ChatError(Code.RATE_LIMITED, "Too many frames; wait a moment.", retry_after=wait)
            if len(frame) > limits.FRAME_BYTES:  # our own server has closed for this already
                raise ChatError(Code.TOO_LONG, f"A frame has at most {limits.FRAME_BYTES} bytes.")
            member.take(codec.decode(member.dialect, frame))
        except ChatError as refusal:
            member.refuse(refusal, **codec.marks(frame or ""))
        except Exception:
            logger.exception("a frame failed")
            member.refuse(ChatError(Code.INTERNAL), **codec.marks(frame or ""))


def _asked(query: bytes) -> dict[str, list[str]]:
    """What stands behind the `?`; nothing, where it is more than any client of ours would ask."""
    try:
        return parse_qs(query.decode("ascii", "replace"), max_num_fields=20)
    except ValueError:
        return {}


def _history(asked: dict[str, list[str]]) -> int:
    """`?history=N`, 0 to 100; what is no such number counts as none."""
    given = asked.get("history", ["0"])[-1]
    return min(int(given), limits.HISTORY_MESSAGES) if given.isascii() and given.isdigit() and len(given) < 5 else 0
