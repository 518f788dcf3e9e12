"""Threads that call Run beside the one that reads commands."""

from __future__ import annotations

import queue
import threading
from typing import Callable, List, Optional


class Caller(threading.Thread):
    """A thread that waits for work without a CPU, does it, and waits again."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._jobs: "queue.SimpleQueue[Optional[Callable[[], None]]]" = queue.SimpleQueue()
        self._begun = threading.Event()
        self.tid = 0
        self.start()
        self._begun.wait()

    def run(self) -> None:
        """Do what is given until there is nothing more."""
        self.tid = threading.get_native_id()
        self._begun.set()
        while True:
            job = self._jobs.get()
            if job is None:
                return
            job()

    def give(self, job: Callable[[], None]) -> None:
        """Have it do something that raises nothing."""
        self._jobs.put(job)

    def end(self) -> None:
        """End the thread once it has done what it was given."""
        self._jobs.put(None)
        self.join()


def make_callers(count: int) -> List[Caller]:
    """Return that many, started."""
    return [Caller() for _ in range(count)]
