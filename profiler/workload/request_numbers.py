"""Numbers of requests, each handed out once: in one process, or among all that serve the same queue."""

from __future__ import annotations

import fcntl
import itertools
import os
from typing import Iterator, Optional

BYTES = 8
"""Of a number in the file."""


class SharedNumbers:
    """Counts in a file that several processes have open; who holds the lock on its place takes the next.

    The kernel lets go of a lock whose process ends, so none that is killed keeps the others waiting.
    """

    def __init__(self, path: str, place: int) -> None:
        self._file = os.open(path, os.O_RDWR)
        self._offset = place * BYTES

    def __iter__(self) -> "Iterator[int]":
        """Return itself."""
        return self

    def __next__(self) -> int:
        """Return the next number; threads of one process must not call it side by side."""
        fcntl.lockf(self._file, fcntl.LOCK_EX, BYTES, self._offset)
        try:
            number = int.from_bytes(os.pread(self._file, BYTES, self._offset), "little")
            os.pwrite(self._file, (number + 1).to_bytes(BYTES, "little"), self._offset)
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, BYTES, self._offset)
        return number

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._file)


def own_numbers() -> "Iterator[int]":
    """Count in this process alone."""
    return itertools.count()


def shared_numbers(path: Optional[str], count: int) -> "list[SharedNumbers]":
    """Return the counters of so many queues in a file; none without one."""
    return [] if path is None else [SharedNumbers(path, place) for place in range(count)]
