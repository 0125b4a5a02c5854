"""Runs work in several threads at the same moment, each with a database connection of its own."""

from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import TypeVar

from django.db import connection

R = TypeVar("R")


def together(*works: Callable[[], R]) -> Sequence[R]:
    """What each of them returned, in no order. A failure of one is raised here."""
    barrier, results, failures = Barrier(len(works)), [], []

    def run(work: Callable[[], R]) -> None:
        try:
            barrier.wait(30)
            results.append(work())
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise ExceptionGroup("in threads", failures)
    return results
