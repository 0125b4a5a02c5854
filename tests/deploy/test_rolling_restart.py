"""Both servers behind nginx are restarted, one after the other, under people who talk: nobody loses a word."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator

import psutil
import pytest

from tests.chaos.ledger import Ledger
from tests.chaos.run import compare
from tests.deploy.conftest import SETTINGS
from tests.deploy.floods import page
from tests.deploy.systemctl import Machine
from tests.deploy.visitors import Visitor, arrived, calm
from tests.services import Nginx, Postgres, Reachable, Redis, ServerProcess, Stack, StackMaker
from tests.services.process import accepts_tcp, wait_for


async def restart(server: ServerProcess) -> None:
    """As an operator does: told to end, waited for, started, and the next one not before this one serves."""
    server.terminate()
    assert await asyncio.to_thread(server.wait) == 0
    await asyncio.to_thread(server.start)


async def read_on(nginx: Reachable, room: str, statuses: Counter[int]) -> None:
    """Ask for the room's page again and again."""
    while True:
        status, _ = await asyncio.to_thread(page, nginx, room)
        statuses[status] += 1


async def test_a_rolling_restart_loses_nothing_and_cuts_nobody_off(site: Stack, nginx: Nginx, room: str) -> None:
    async def one_after_the_other() -> None:
        for server in site.servers[:2]:
            await restart(server)

    await _under_people(site, nginx, room, one_after_the_other)


@pytest.fixture
def fresh(stack_maker: StackMaker, postgres_cluster: Postgres) -> Iterator[Stack]:
    """PostgreSQL, migrated, and Redis; no server yet."""
    with Redis() as redis, stack_maker.distributed(postgres_cluster, redis) as fresh:
        yield fresh


@pytest.fixture
def machine(fresh: Stack) -> Iterator[Machine]:
    """With the units of two processes and nginx started, as deploy/README.md says."""
    with Machine() as machine:
        machine.configure("env", **_environment(machine, fresh))
        machine.configure("nginx", LISTEN=f"127.0.0.1:{machine.port}", BACKENDS=f"127.0.0.1:{machine.backends[0]}")
        machine.run("systemctl", "start", *(f"chat@{port}" for port in machine.backends), "chat-nginx")
        assert wait_for(lambda: accepts_tcp(machine.port), 10), machine.logs()
        yield machine


def _environment(machine: Machine, stack: Stack) -> dict[str, str]:
    own = {"STATIC_ROOT": str(machine.folder / "var/lib/chat/static"), "ALLOWED_HOSTS": "127.0.0.1"}
    return {name: value for name, value in (stack.settings | SETTINGS | own).items() if name != "VAR_DIR"}


async def test_the_units_are_restarted_without_a_gap(fresh: Stack, machine: Machine, room: str) -> None:
    both = " ".join(f"127.0.0.1:{port}" for port in machine.backends)
    machine.configure("nginx", LISTEN=f"127.0.0.1:{machine.port}", BACKENDS=both)
    machine.run("systemctl", "reload", "chat-nginx")
    before = machine.pids()

    async def as_an_operator() -> None:
        said = await asyncio.to_thread(machine.run, "deploy/restart.sh")
        assert said.splitlines() == [f"chat@{port}.service" for port in machine.backends]

    await _under_people(fresh, machine, room, as_an_operator)
    assert not set(before) & set(machine.pids())
    assert "Traceback" not in machine.logs()


def test_a_restart_stops_at_the_first_that_does_not_come_up(fresh: Stack, machine: Machine) -> None:
    first, second = machine.pids()
    machine.configure("env", **_environment(machine, fresh) | {"LOG_LEVEL": "LOUD"})

    with pytest.raises(AssertionError, match="it has ended"):
        machine.run("deploy/restart.sh")
    assert not psutil.pid_exists(first)
    assert machine.pids() == [second]


async def _under_people(stack: Stack, nginx: Reachable, room: str, change: Callable[[], Awaitable[None]]) -> None:
    """People talk and read meanwhile: nothing is lost, and nobody is cut off without a word."""
    ledger = Ledger()
    visitors = [Visitor(f"visitor-{index}", f"{room}-{index % 4}", nginx, ledger, seed=index) for index in range(40)]
    lives = [asyncio.create_task(visitor.live()) for visitor in visitors]
    pages: Counter[int] = Counter()
    reading = asyncio.create_task(read_on(nginx, room, pages))
    try:
        await arrived(visitors)
        for visitor in visitors:
            visitor.ends.clear()  # other tests restart this database, and each thread finds that out for itself
            visitor.watch()
        await change()
        reading.cancel()
        for visitor in visitors:
            visitor.look_away()
            visitor.talking = False
        await calm(stack, visitors)
    finally:
        for life in (*lives, reading):
            life.cancel()
        await asyncio.gather(*lives, reading, return_exceptions=True)
    await compare(stack, visitors, ledger)

    ends = sum((visitor.ends for visitor in visitors), Counter())
    silences = sorted(visitor.silence for visitor in visitors)
    print(  # noqa: T201 - the figure that deploy/README.md tells; `pytest -s` shows it
        f"{len(visitors)} visitors, {ledger.sent} messages, {pages[200]} pages, {ends}:"
        f" the longest silence {silences[-1]:.2f} s, its median {silences[len(silences) // 2]:.2f} s"
    )
    assert ledger.clean, ledger.evidence[:20]
    told = set(ends) - {"TimeoutError"}  # the client's own patience, on a machine that has other things to do
    assert told == {"4412"}, "somebody was cut off without a word, or not let in"
    assert ends["4412"] >= len(visitors)
    assert set(pages) == {200}, "a page was not to be had"
