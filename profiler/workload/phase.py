"""One phase: requests on schedule until the time is over, there were enough, or the parent says stop."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List, Optional

from .arrivals import gaps_ns
from .channel import Channel

GRACE_NS = 1_000_000_000
"""How long after the phase's end requests that were due in it may still start: an overloaded service must not
keep the phase going for as long as its backlog is."""
FLUSH_NS = 200_000_000
"""Rows are sent between requests, at most this often: writing them costs the process under test CPU."""


class Phase:
    """Runs requests and reports them; latency counts from the scheduled instant, so lateness shows."""

    def __init__(self, channel: Channel, command: Dict[str, Any], infer: Callable[[], Any]) -> None:
        self._channel = channel
        self._command = command
        self._infer = infer
        self._rows: List[List[int]] = []
        self._left: Optional[int] = command.get("requests")
        self._unserved = 0
        self._flushed_ns = 0

    def run(self) -> None:
        """Run the phase; returns after its `done` event."""
        name = self._command["phase"]
        start = time.monotonic_ns()
        end = start + round(self._command["seconds"] * 1e9)
        self._channel.send(event="started", phase=name, start_ns=start)
        closed = self._command["arrivals"] == "closed"
        stopped = self._closed_loop(end) if closed else self._open_loop(start, end)
        self._flush(0)
        self._channel.send(
            event="done",
            phase=name,
            end_ns=time.monotonic_ns(),
            stopped=stopped,
            unserved=self._unserved,
        )

    def _open_loop(self, start: int, end: int) -> bool:
        scheduled = start
        for gap in gaps_ns(self._command["arrivals"], self._command["rate"], self._command["seed"]):
            scheduled += gap
            if scheduled < end and time.monotonic_ns() >= end + GRACE_NS:
                self._unserved += 1
                continue
            if self._stopped_before(min(scheduled, end)):
                return True
            if scheduled >= end or self._left == 0:
                return False
            self._request(scheduled)
        raise AssertionError("gaps never end")

    def _closed_loop(self, end: int) -> bool:
        while True:
            now = time.monotonic_ns()
            if self._stopped_before(now):
                return True
            if now >= end or self._left == 0:
                return False
            self._request(time.monotonic_ns())

    def _stopped_before(self, deadline_ns: int) -> bool:
        """Wait until the deadline; True when a command came first (`stop` is the only one that can)."""
        self._flush(FLUSH_NS)
        return self._channel.receive(deadline_ns) is not None

    def _request(self, scheduled: int) -> None:
        started = time.monotonic_ns()
        clock = time.process_time_ns()
        self._infer()
        cpu = time.process_time_ns() - clock
        self._rows.append([scheduled, started, time.monotonic_ns(), cpu, clock])
        if self._left is not None:
            self._left -= 1

    def _flush(self, interval_ns: int) -> None:
        now = time.monotonic_ns()
        if self._rows and now - self._flushed_ns >= interval_ns:
            self._channel.send(event="requests", phase=self._command["phase"], rows=self._rows)
            self._rows = []
            self._flushed_ns = now
