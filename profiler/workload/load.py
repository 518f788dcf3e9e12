"""The requests of one session in one phase: when each is due, and what it is fed. Its callers share it."""

from __future__ import annotations

import itertools
import random
import threading
import time
from typing import Any, Dict, Iterator, Optional, Tuple

from .arrivals import gaps_ns

GRACE_NS = 1_000_000_000
"""How long after the phase's end requests that were due in it may still start: an overloaded service must not
keep the phase going for as long as its backlog is."""


class Load:
    """Hands out requests in the order in which they are due: a queue, and its callers are the servers.

    A caller that is free takes the next request and waits until it is due, so it is free until then.
    """

    def __init__(
        self,
        command: Dict[str, Any],
        start_ns: int,
        end_ns: int,
        most: Optional[int],
        *,
        feeds: Iterator[int],
        numbers: Iterator[int],
    ) -> None:
        self._lock = threading.Lock()
        self._gaps = None
        if command["arrivals"] != "closed":
            self._gaps = gaps_ns(command["arrivals"], command["rate"], command["seed"])
        self._start_ns = self._due_ns = start_ns
        self._end_ns = end_ns
        self._left = most
        self._feeds = feeds
        self._numbers = numbers
        self._passed = 0
        """Requests of the schedule that were taken, by us or by another process."""
        self.unserved = 0

    def take(self) -> Optional[Tuple[int, int]]:
        """Return when the next request is due, and which set of inputs it is fed; None when all are done."""
        with self._lock:
            if self._left == 0:
                return None
            due_ns, fed = self._next()
            if due_ns >= self._end_ns:
                return None
            if self._left is not None:
                self._left -= 1
            return due_ns, fed

    def lasts_until(self) -> int:
        """Return when a caller that got nothing may go: an open loop lasts to the phase's end."""
        return 0 if self._left == 0 or self._gaps is None else self._end_ns

    def _next(self) -> Tuple[int, int]:
        while True:
            number = next(self._numbers)
            skipped, self._passed = number - self._passed, number + 1
            fed = next(itertools.islice(self._feeds, skipped, None))
            if self._gaps is None:
                return max(self._start_ns, time.monotonic_ns()), fed
            self._due_ns += sum(itertools.islice(self._gaps, skipped + 1))
            if self._due_ns < self._end_ns and time.monotonic_ns() >= self._end_ns + GRACE_NS:
                self.unserved += 1
                continue
            return self._due_ns, fed


def feed_order(order: str, count: int, seed: int) -> Iterator[int]:
    """Yield which of `count` sets of inputs each request is fed: in turn, or drawn by the seed."""
    if order == "drawn":
        generator = random.Random(seed)  # noqa: S311 - an order, not a secret
        while True:
            yield generator.randrange(count)
    while True:
        yield from range(count)
