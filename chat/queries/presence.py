"""Who is where, for those who cannot ask the hub: the process that holds sockets registers itself here."""

from collections.abc import Callable, Iterable

Counter = Callable[[Iterable[int]], dict[int, int]]

_counter: Counter | None = None


def register(counter: Counter | None) -> None:
    global _counter
    _counter = counter


def people_in(rooms: Iterable[int]) -> dict[int, int]:
    """How many people are in each of these rooms; nobody, in a process that holds no sockets."""
    return _counter(rooms) if _counter else {}
