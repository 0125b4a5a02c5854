"""Lets go of what autobahn and Daphne keep for each socket and need only for the handshake.

An instance has some hundred attributes, most of them settings or values that are the same for every open socket. Here
those are attributes of the class; after the handshake the instance keeps only what differs.
"""

from functools import cached_property
from typing import Any, NamedTuple

from autobahn.websocket import protocol
from autobahn.websocket.protocol import TrafficStats, WebSocketServerProtocol
from daphne.ws_protocol import WebSocketProtocol

# Asked for by the opening handshake only; and what all open sockets share.
_DROPPED = frozenset(
    """
    _raw_query_string _wskey application_deferred clean_headers http_headers http_request_data http_request_host
    http_request_params http_request_path http_request_uri http_response_data http_status_line is_open
    protocol_to_accept request server_addr utf8validator websocket_extensions websocket_extensions_in_use
    websocket_origin websocket_protocols
    _results _transport_details _valid_events send_queue trafficStats
    """.split()
)


# As every open socket has them until something happens to it.
_AT_REST: dict[str, Any] = {
    "_results": {"message": None},
    "_valid_events": ("message",),
    "connected": 1,
    "data": b"",
    "root_path": "",
    "send_queue": (),  # for trickled writes, which nobody here asks for
    "send_state": WebSocketServerProtocol.SEND_STATE_GROUND,
    "state": WebSocketServerProtocol.STATE_OPEN,
    "trafficStats": TrafficStats(),  # type: ignore[no-untyped-call]  # of all sockets together
    "autoPingPendingSeq": 0,
    "websocket_version": 13,
    **dict.fromkeys(
        """
        _perMessageCompress _transport_details autoPingPending autoPingPendingCall autoPingPendingSent
        autoPingTimeoutCall closeHandshakeTimeoutCall current_frame localCloseCode localCloseReason
        openHandshakeTimeoutCall remoteCloseCode remoteCloseReason trackedTimings wasNotCleanReason
        """.split()
    ),
    **dict.fromkeys(
        """
        closedByMe droppedByMe failedByMe inside_message triggered wasClean wasCloseHandshakeTimeout
        wasMaxFramePayloadSizeExceeded wasMaxMessagePayloadSizeExceeded wasOpenHandshakeTimeout
        wasServerConnectionDropTimeout wasServingFlashSocketPolicyFile
        """.split(),
        False,
    ),
}


class Requested(NamedTuple):
    """What Daphne's log asks of a request that is long gone."""

    path: str


class LeanProtocol(WebSocketProtocol):
    """Settings come with `configured`, which makes a class of them."""

    CONFIG_ATTRS = ()

    @cached_property
    def utf8validator(self) -> Any:
        """Made for the first frame that takes autobahn's way; never shared, for it remembers half a character."""
        return protocol.Utf8Validator()  # type: ignore[attr-defined, no-untyped-call]

    @cached_property
    def request(self) -> Requested:
        return Requested(self.path.decode())

    def succeedHandshake(self, res: Any) -> None:  # noqa: N802
        super().succeedHandshake(res)
        if self.state == self.STATE_OPEN:
            self._let_go()

    def _let_go(self) -> None:
        self.transport.unregisterProducer()  # Daphne's HTTP channel with its request hangs on it
        kind = type(self)
        self.__dict__ = {
            name: value
            for name, value in vars(self).items()
            if name not in _DROPPED and getattr(kind, name, _nothing) != value
        }


def configured(kind: type[LeanProtocol], factory: Any) -> type[LeanProtocol]:
    """The same protocol with what all sockets share as attributes of its class, the factory's settings too."""
    settings = {name: _no_method(getattr(factory, name)) for name in WebSocketServerProtocol.CONFIG_ATTRS}
    shared = {"factory": factory, "server": factory.server_class}
    return type(kind.__name__, (kind,), {**_AT_REST, **settings, **shared})


def _no_method(setting: Any) -> Any:
    """What decides about compression is a function, and as an attribute of a class it would be given the socket."""
    return staticmethod(setting) if callable(setting) else setting


_nothing = object()
