"""`make chaos SECONDS=60 SEED=1 [CLIENTS=40 ROOMS=5 SERVERS=2]`: one run; SERVERS=1 is the embedded chat on SQLite."""

import argparse
import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path

from tests.chaos.run import SETTINGS, chaos
from tests.services import Postgres, Redis, Stack, StackMaker
from tests.services.process import new_folder, remove_folder
from tests.services.stack import manage


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clients", type=int, default=40)
    parser.add_argument("--rooms", type=int, default=5)
    parser.add_argument("--servers", type=int, default=2)
    asked = parser.parse_args()
    with ExitStack() as opened:
        stack = make_stack(opened, asked.servers, **SETTINGS)
        report = asyncio.run(
            chaos(stack, seconds=asked.seconds, seed=asked.seed, clients=asked.clients, rooms=asked.rooms)
        )
        if not report.ledger.clean:
            sys.stderr.write(stack.logs()[-20_000:])
    sys.stdout.write(f"{report}\n")
    return 0 if report.ledger.clean else 1


def make_stack(opened: ExitStack, servers: int, **settings: str) -> Stack:
    """A running chat: one embedded server, or several on PostgreSQL and Redis."""
    folder = new_folder("chaos")
    opened.callback(remove_folder, folder)
    maker = StackMaker(_static(folder))
    opened.callback(maker.close)
    if servers == 1:
        stack = opened.enter_context(maker.embedded())
    else:
        stack = opened.enter_context(maker.distributed(opened.enter_context(Postgres()), opened.enter_context(Redis())))
    for _ in range(servers):
        stack.serve(**settings)
    return stack


def _static(folder: Path) -> Path:
    static = folder / "static"
    manage("collectstatic", "--noinput", env={"VAR_DIR": str(folder), "STATIC_ROOT": str(static)})
    return static


if __name__ == "__main__":
    sys.exit(main())
