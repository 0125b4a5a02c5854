"""Both servers behind nginx are restarted, one after the other, under people who talk: nobody loses a word."""

import asyncio
from collections import Counter

import pytest

from tests.chaos.ledger import Ledger
from tests.chaos.run import compare
from tests.deploy.visitors import Visitor, arrived, calm
from tests.services import Nginx, ServerProcess, Stack


async def restart(server: ServerProcess) -> None:
    """As an operator does: told to end, waited for, started, and the next one not before this one serves."""
    server.terminate()
    assert await asyncio.to_thread(server.wait) == 0
    await asyncio.to_thread(server.start)


@pytest.mark.parametrize("visitors_count", [40])
async def test_a_rolling_restart_loses_nothing_and_cuts_nobody_off(
    site: Stack, nginx: Nginx, room: str, visitors_count: int
) -> None:
    ledger = Ledger()
    visitors = [
        Visitor(f"visitor-{index}", f"{room}-{index % 4}", nginx, ledger, seed=index) for index in range(visitors_count)
    ]
    lives = [asyncio.create_task(visitor.live()) for visitor in visitors]
    try:
        await arrived(visitors)
        for visitor in visitors:
            visitor.watch()
        for server in site.servers[:2]:
            await restart(server)
        for visitor in visitors:
            visitor.look_away()
            visitor.talking = False
        await calm(site, visitors)
    finally:
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)
    await compare(site, visitors, ledger)

    ends = sum((visitor.ends for visitor in visitors), Counter())
    silences = sorted(visitor.silence for visitor in visitors)
    print(  # noqa: T201 - the figure that deploy/README.md tells; `pytest -s` shows it
        f"{len(visitors)} visitors, {ledger.sent} messages, {ends}: the longest silence {silences[-1]:.2f} s,"
        f" its median {silences[len(silences) // 2]:.2f} s"
    )
    assert ledger.clean, ledger.evidence[:20]
    assert set(ends) == {"4412"}, "somebody was cut off without a word, or not let in"
    assert ends["4412"] >= len(visitors)
