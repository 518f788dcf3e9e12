"""A flag that threads can wait for together with a deadline, or with other input."""

from __future__ import annotations

import os
import select
import time
from typing import Optional


class Flag:
    """Down at first; once up it stays up, and wakes all who wait. Close it when nobody does any more."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        self.up = False

    def fileno(self) -> int:
        """Return a descriptor that can be read from while the flag is up."""
        return self._read

    def raise_it(self) -> None:
        """Put the flag up."""
        if not self.up:
            os.write(self._write, b"\0")
            self.up = True  # last: who sees it may close the flag

    def wait(self, deadline_ns: Optional[int] = None) -> bool:
        """Wait for the flag until `deadline_ns` (CLOCK_MONOTONIC; None waits for ever); say if it is up."""
        timeout = None if deadline_ns is None else seconds_until(deadline_ns)
        select.select([self._read], [], [], timeout)
        return self.up

    def close(self) -> None:
        """Give the descriptors back."""
        os.close(self._read)
        os.close(self._write)


def seconds_until(deadline_ns: int) -> float:
    """Return the seconds until an instant of CLOCK_MONOTONIC; 0 where it has passed."""
    return max(0.0, (deadline_ns - time.monotonic_ns()) / 1e9)
