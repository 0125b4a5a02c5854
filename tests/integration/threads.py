"""Runs work in several threads at the same moment, each with a database connection of its own."""

from collections.abc import Callable, Sequence
from threading import Barrier, BrokenBarrierError, Thread
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


def in_step(rounds: int, *works: Callable[[int], R]) -> list[Sequence[R]]:
    """What each work returned round by round; in each round all of them begin at the same moment."""
    barrier, failures = Barrier(len(works)), []
    results: list[list[R]] = [[] for _ in works]

    def run(place: int, work: Callable[[int], R]) -> None:
        try:
            for number in range(rounds):
                barrier.wait(30)
                results[place].append(work(number))
        except BrokenBarrierError:
            pass  # another one failed
        except Exception as failure:
            failures.append(failure)
            barrier.abort()
        finally:
            connection.close()

    threads = [Thread(target=run, args=(place, work)) for place, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise ExceptionGroup("in threads", failures)
    return list(results)
