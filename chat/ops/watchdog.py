"""Ends a process whose event loop stands still: it answers nobody, not even SIGTERM, and a fresh one would.

The loop sets a mark each time its pulse beats, and a thread takes it away again. The thread counts how often it found
none, not how late it is: a process that was paused as a whole, by a signal or with its machine, has done nothing wrong.
"""

import faulthandler
import logging
import os
import sys
import threading
import traceback

from chat import limits

logger = logging.getLogger(__name__)

STATUS = 70  # EX_SOFTWARE of sysexits.h


class Watchdog:
    def __init__(self) -> None:
        self._beaten = threading.Event()
        self._ended = threading.Event()

    def beat(self) -> None:
        """The loop is alive."""
        self._beaten.set()

    def start(self) -> None:
        threading.Thread(target=self._watch, args=(threading.get_ident(),), name="watchdog", daemon=True).start()

    def stop(self) -> None:
        self._ended.set()

    def _watch(self, loop_thread: int) -> None:
        missed = 0
        while missed * limits.WATCH_SECONDS < limits.WATCHDOG_SECONDS:
            # A call into C that does not let go of the interpreter stops this thread too, and not the one in C.
            faulthandler.dump_traceback_later(2 * limits.WATCHDOG_SECONDS, exit=True)
            if self._ended.wait(limits.WATCH_SECONDS):
                faulthandler.cancel_dump_traceback_later()
                return
            missed = 0 if self._beaten.is_set() else missed + 1
            self._beaten.clear()
        _end(loop_thread)


def _end(loop_thread: int) -> None:
    frame = sys._current_frames().get(loop_thread)
    stack = "".join(traceback.format_stack(frame)) if frame else "unknown\n"
    logger.critical("the event loop has stood still for %g s; its stack:\n%s", limits.WATCHDOG_SECONDS, stack)
    faulthandler.dump_traceback(all_threads=True)
    os._exit(STATUS)
