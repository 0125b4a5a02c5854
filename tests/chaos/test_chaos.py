"""A short chaos run of each kind in the suite; the long ones are run by hand (README.md)."""

import asyncio

from tests.chaos.run import SETTINGS, chaos
from tests.services import Stack


def test_half_a_minute_of_chaos_over_two_servers_breaks_no_promise(distributed_stack: Stack) -> None:
    for _ in range(2):
        distributed_stack.serve(**SETTINGS)
    report = asyncio.run(chaos(distributed_stack, seconds=25, seed=20261120, clients=16, rooms=3))
    assert report.ledger.acked, "nothing was said"
    assert report.ledger.reactions, "nobody reacted"
    assert report.ledger.removals, "nobody was removed"
    assert report.ledger.clean, str(report)


def test_chaos_on_one_embedded_server_breaks_no_promise(embedded_stack: Stack) -> None:
    embedded_stack.serve(**SETTINGS)
    report = asyncio.run(chaos(embedded_stack, seconds=10, seed=20261121, clients=12, rooms=3))
    assert report.ledger.acked, "nothing was said"
    assert report.ledger.reactions, "nobody reacted"
    assert report.ledger.removals, "nobody was removed"
    assert report.ledger.clean, str(report)
