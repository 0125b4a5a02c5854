"""A line in the log for each socket that is not let in: why, and from where. It has no cookie and no query.

A flood of them must not fill the log, so there are only so many lines at once and so many a second, for the process.
The next line tells how many were left out.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any
from urllib.parse import quote

import structlog

from chat import limits
from chat.rates import Bucket

logger = structlog.stdlib.get_logger(__name__)


class Refusals:
    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._lines = Bucket(limits.REFUSAL_LINES, limits.REFUSAL_LINES_PER_SECOND, clock)
        self._left_out = 0

    def note(self, scope: dict[str, Any], code: int, **facts: str) -> None:
        """`code` is the close code, or the HTTP status where the socket was not even accepted."""
        if self._lines.take():
            self._left_out += 1
            return
        left_out, self._left_out = self._left_out, 0
        logger.info(
            "socket refused",
            code=int(code),
            path=quote(scope["path"])[: limits.LOGGED_LENGTH],
            **{name: fact[: limits.LOGGED_LENGTH] for name, fact in facts.items()},
            address=(scope.get("client") or [None])[0],
            left_out=left_out,
            id=scope.get("request_id"),
        )


refusals = Refusals()
