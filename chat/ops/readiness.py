"""Whether this process should be sent visitors: what it needs is there, and it is not about to end."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from chat import limits
from chat.queries import migrations

logger = logging.getLogger(__name__)


class Node(Protocol):
    """What holds the sockets of this process."""

    @property
    def stopping(self) -> bool: ...

    @property
    def layer_up(self) -> bool:
        """Whether what is sent to other processes arrives, as far as is known."""


Look = Callable[[], Node | None]
"""None where no node was started: servers without lifespan start it with the first socket."""


class Readiness:
    """Asks the database in a thread and over a connection of its own, once for all who ask within a second."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._thread = ThreadPoolExecutor(1, "ready")
        self._asked: asyncio.Future[str] | None = None
        self._asked_at = 0.0

    async def told(self) -> tuple[int, dict[str, str]]:
        """Status and words of the answer, within READY_SECONDS whatever the database does."""
        node = self._look()
        if node is not None and node.stopping:
            return 503, {"status": "draining"}
        database, layer = await self._database(), _layer(node)
        status = "not ready" if database != "ok" else "degraded" if layer == "away" else "ready"
        return 503 if database != "ok" else 200, {"status": status, "database": database, "layer": layer}

    async def _database(self) -> str:
        loop = asyncio.get_running_loop()
        if self._asked is None or (self._asked.done() and loop.time() - self._asked_at > limits.READY_KEPT_SECONDS):
            self._asked, self._asked_at = loop.run_in_executor(self._thread, _database), loop.time()
        patience = self._asked_at + limits.READY_SECONDS - loop.time()
        done, _ = await asyncio.wait([self._asked], timeout=max(patience, 0))
        return self._asked.result() if done else "away"


def _layer(node: Node | None) -> str:
    if not settings.REDIS_URLS:
        return "none needed"
    return "ok" if node is None or node.layer_up else "away"


def _database() -> str:
    try:
        close_old_connections()
        return "migrations missing" if migrations.missing() else "ok"
    except (DatabaseError, InterfaceError):
        connection.close()
        return "away"
    except Exception:
        logger.exception("the database could not be looked at")
        return "away"
