"""Error and close codes of the protocol, and the one family of errors that carries them."""

from enum import IntEnum, StrEnum


class Code(StrEnum):
    BAD_REQUEST = "bad_request"
    UNKNOWN_TYPE = "unknown_type"
    TOO_LONG = "too_long"
    EMPTY = "empty"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    LOG_IN_NEEDED = "log_in_needed"
    READ_ONLY = "read_only"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


TEMPORARY = frozenset({Code.RATE_LIMITED, Code.UNAVAILABLE, Code.INTERNAL})

SENTENCES = {
    Code.NOT_FOUND: "There is no such room or message here for you.",
    Code.FORBIDDEN: "You may not do this here.",
    Code.LOG_IN_NEEDED: "This site is open to those who are logged in.",
    Code.READ_ONLY: "This room is read-only.",
    Code.UNAVAILABLE: "The server could not save this in time; try again in a moment.",
    Code.INTERNAL: "Something went wrong on the server; try again in a moment.",
}


class Close(IntEnum):
    """Close codes of the application; a client comes back after 4408 to 4429, and not after the others."""

    NOT_THE_PROTOCOL = 4400
    LOGGED_OUT = 4401
    REMOVED = 4403
    NO_ROOM = 4404
    NO_HELLO = 4408
    SLOW_READER = 4409
    RESTARTING = 4412
    UNAVAILABLE = 4413
    FLOOD = 4429


class ChatError(Exception):
    """A refusal that a person or program is told: a code and one sentence, never a traceback.

    `retry_after` is in seconds and goes with temporary codes only.
    """

    def __init__(self, code: Code, message: str = "", *, retry_after: float | None = None) -> None:
        self.code = code
        self.message = message or SENTENCES[code]
        self.retry_after = retry_after
        super().__init__(self.message)

    @property
    def temporary(self) -> bool:
        return self.code in TEMPORARY
