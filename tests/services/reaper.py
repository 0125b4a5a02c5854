"""Ends what a test run left behind when it dies without a word; run as a program, told of each process and folder.

Its input is a pipe that only the test run holds. However that run ends, by `kill -9` too, the pipe closes, and what is
still on the list is killed and removed. The usual way to end things is the fixtures'; then the list is empty here.
"""

import atexit
import shutil
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import IO

import psutil


def watch_process(pid: int) -> None:
    _tell("process", pid)


def watch_folder(path: Path) -> None:
    _tell("folder", path)


def forget(thing: int | Path) -> None:
    _tell("forget", thing)


def _tell(verb: str, thing: int | Path) -> None:
    _pipe().write(f"{verb} {thing}\n")


@cache
def _pipe() -> IO[str]:
    """Start the reaper, in a session of its own so that a Ctrl-C at the terminal passes it by."""
    reaper = subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, text=True, bufsize=1, start_new_session=True, cwd="/"
    )
    reaper.returncode = 0  # it outlives us by design: nobody waits for it, and Python need not warn of that
    assert reaper.stdin is not None
    atexit.register(reaper.stdin.close)
    return reaper.stdin


def main() -> None:
    watched: dict[str, str] = {}
    for line in sys.stdin:
        verb, thing = line.rstrip("\n").split(" ", 1)
        if verb == "forget":
            watched.pop(thing, None)
        else:
            watched[thing] = verb
    _end_all([int(thing) for thing, verb in watched.items() if verb == "process"])
    for folder in [thing for thing, verb in watched.items() if verb == "folder"]:
        shutil.rmtree(folder, ignore_errors=True)


def _end_all(pids: list[int]) -> None:
    """Ask first: a PostgreSQL that may end by itself takes its shared memory along."""
    processes = [process for pid in pids for process in family(pid)]
    for number in (signal.SIGCONT, signal.SIGINT, signal.SIGKILL):
        for process in processes:
            try:
                process.send_signal(number)
            except psutil.NoSuchProcess:
                pass
        if number == signal.SIGINT:
            psutil.wait_procs(processes, timeout=3)


def family(pid: int) -> list[psutil.Process]:
    """A process and its children, of whatever process group; the parent first."""
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


if __name__ == "__main__":
    main()
