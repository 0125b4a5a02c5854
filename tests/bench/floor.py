"""What a write to a socket costs on this machine in this hour, whoever makes it: the floor below all other figures.

A bare loop writes the same bytes to each of 500 connections and does nothing else; a process on the load's core reads
them. The kernel's part of our figures goes up and down with this one.
"""

import multiprocessing
import os
import selectors
import socket
import time
from contextlib import ExitStack, closing
from typing import Any

from tests.bench.stage import CROWD_CORE, SERVER_CORE

CONNECTIONS = 500
BYTES = 112  # as in the measurements of others that ours are compared with
ROUNDS = 400


def bare_write() -> float:
    """Microseconds of CPU for one write."""
    before = os.sched_getaffinity(0)
    with ExitStack() as stack:
        listener = stack.enter_context(closing(socket.create_server(("127.0.0.1", 0), backlog=CONNECTIONS)))
        heard, told = multiprocessing.Pipe(duplex=False)
        reader = multiprocessing.Process(target=_read, args=(listener.getsockname(), told))
        reader.start()
        told.close()
        stack.callback(reader.join)
        connections = [stack.enter_context(closing(listener.accept()[0])) for _ in range(CONNECTIONS)]
        for connection in connections:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        os.sched_setaffinity(0, {SERVER_CORE})
        stack.callback(os.sched_setaffinity, 0, before)
        _write(connections, heard, ROUNDS // 10)
        used = _write(connections, heard, ROUNDS)
    return used / (ROUNDS * CONNECTIONS) * 1e6


def _write(connections: list[socket.socket], heard: Any, rounds: int) -> float:
    """Seconds of CPU for so many rounds, each after the one before was read."""
    data = bytes(BYTES)
    used = time.process_time()
    for _ in range(rounds):
        for connection in connections:
            connection.send(data)
        heard.recv_bytes()
    return time.process_time() - used


def _read(address: tuple[str, int], told: Any) -> None:
    os.sched_setaffinity(0, {CROWD_CORE})
    left = CONNECTIONS * BYTES
    with selectors.DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            selector.register(socket.create_connection(address), selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                assert isinstance(key.fileobj, socket.socket)
                data = key.fileobj.recv(65_536)
                if not data:
                    return
                left -= len(data)
            while left <= 0:
                left += CONNECTIONS * BYTES
                told.send_bytes(b"read")
