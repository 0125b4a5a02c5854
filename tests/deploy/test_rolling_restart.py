"""Both servers behind nginx are restarted, one after the other, under people who talk: nobody loses a word."""

import asyncio
from collections import Counter

from tests.chaos.ledger import Ledger
from tests.chaos.run import compare
from tests.deploy.floods import page
from tests.deploy.visitors import Visitor, arrived, calm
from tests.services import Nginx, ServerProcess, Stack


async def restart(server: ServerProcess) -> None:
    """As an operator does: told to end, waited for, started, and the next one not before this one serves."""
    server.terminate()
    assert await asyncio.to_thread(server.wait) == 0
    await asyncio.to_thread(server.start)


async def read_on(nginx: Nginx, room: str, statuses: Counter[int]) -> None:
    """Ask for the room's page again and again."""
    while True:
        status, _ = await asyncio.to_thread(page, nginx, room)
        statuses[status] += 1


async def test_a_rolling_restart_loses_nothing_and_cuts_nobody_off(site: Stack, nginx: Nginx, room: str) -> None:
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
        for server in site.servers[:2]:
            await restart(server)
        reading.cancel()
        for visitor in visitors:
            visitor.look_away()
            visitor.talking = False
        await calm(site, visitors)
    finally:
        for life in (*lives, reading):
            life.cancel()
        await asyncio.gather(*lives, reading, return_exceptions=True)
    await compare(site, visitors, ledger)

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
