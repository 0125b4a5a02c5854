"""Real services for tests: each starts on a free port, can be paused and killed, and leaves nothing behind."""

from tests.services.nginx import Nginx
from tests.services.postgres import Postgres
from tests.services.process import NotReady
from tests.services.redis import Redis
from tests.services.server import CHAT, DAPHNE, RUNSERVER, UVICORN, Reachable, ServerProcess, complaints
from tests.services.stack import Stack, StackMaker

__all__ = [
    "CHAT",
    "DAPHNE",
    "RUNSERVER",
    "UVICORN",
    "Nginx",
    "NotReady",
    "Postgres",
    "Reachable",
    "Redis",
    "ServerProcess",
    "Stack",
    "StackMaker",
    "complaints",
]
