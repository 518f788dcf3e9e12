"""One phase: requests on schedule until the time is over, there were enough, or the parent says stop."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterator, List, Optional, Sequence

from .channel import Channel, ParentGoneError
from .flag import Flag
from .load import Load, feed_order
from .request_numbers import own_numbers, shared_numbers

if TYPE_CHECKING:
    from .callers import Caller
    from .session import Service

FLUSH_NS = 200_000_000
"""Rows are sent between requests, at most this often: writing them costs the process under test CPU."""


class Phase:
    """Runs requests and reports them; latency counts from the scheduled instant, so lateness shows.

    The thread that reads commands is the first service's first caller, and `others` are all the rest, service
    after service.
    """

    def __init__(
        self,
        channel: Channel,
        command: Dict[str, Any],
        services: "Sequence[Service]",
        others: "Sequence[Caller]",
    ) -> None:
        self._channel = channel
        self._command = command
        self._services = services
        self._others = others
        self._rows: List[List[int]] = []
        self._flushed_ns = 0
        self._busy = 1 + len(others)
        self._lock = threading.Lock()
        self._halt = Flag()
        self._finished = Flag()
        self._stopped = False
        self._failure: Optional[BaseException] = None
        self._shared = shared_numbers(command.get("queues"), len(services))

    def run(self) -> None:
        """Run the phase; returns after its `done` event, or raises what ended a request."""
        name = self._command["phase"]
        start = self._command.get("start_ns") or time.monotonic_ns()
        end = start + round(self._command["seconds"] * 1e9)
        loads = self._loads(start, end)
        self._channel.send(event="started", phase=name, start_ns=start)
        try:
            self._serve_all(loads)
        finally:
            self._halt.close()
            self._finished.close()
            for numbers in self._shared:
                numbers.close()
        self._flush(0)
        self._channel.send(
            event="done",
            phase=name,
            end_ns=time.monotonic_ns(),
            stopped=self._stopped,
            unserved=sum(load.unserved for load in loads),
        )

    def _loads(self, start: int, end: int) -> List[Load]:
        most = self._command.get("requests")
        numbers: Sequence[Iterator[int]] = self._shared or [own_numbers() for _ in self._services]
        return [
            Load(
                asked,
                start,
                end,
                most,
                feeds=feed_order(service.order, service.sets, asked["seed"]),
                numbers=which,
            )
            for service, asked, which in zip(self._services, self._command["loads"], numbers)
        ]

    def _serve_all(self, loads: Sequence[Load]) -> None:
        """Have every caller serve its service's load; returns when all are done."""
        places = [which for which, service in enumerate(self._services) for _ in range(service.callers)]
        for number, caller in enumerate(self._others, 1):
            caller.give(self._job(loads[places[number]], self._services[places[number]], number))
        self._serve(loads[0], self._services[0], 0, self._watch)
        while not self._finished.up:
            try:
                if self._channel.receive(None, self._finished) is not None:
                    self._stop()
            except ParentGoneError as error:
                self._fail(error)
                self._finished.wait()
        if self._failure is not None:
            raise self._failure

    def _job(self, load: Load, service: "Service", caller: int) -> Callable[[], None]:
        return lambda: self._serve(load, service, caller, self._halt.wait)

    def _serve(self, load: Load, service: "Service", caller: int, wait: Callable[[int], bool]) -> None:
        """Serve one caller's requests; `wait` waits until an instant, and says if it is to stop instead."""
        try:
            while True:
                self._flush(FLUSH_NS)
                taken = load.take()
                if wait(load.lasts_until() if taken is None else taken[0]) or taken is None:
                    break
                self._request(service, caller, *taken)
        except BaseException as error:  # noqa: BLE001 - the thread that reads commands raises it
            self._fail(error)
        with self._lock:
            self._busy -= 1
            if self._busy == 0:
                self._finished.raise_it()

    def _watch(self, deadline_ns: int) -> bool:
        """Wait as the others do, and for commands (`stop` is the only one that can come)."""
        if self._channel.receive(deadline_ns, self._halt) is not None:
            self._stop()
        return self._halt.up

    def _stop(self) -> None:
        self._stopped = True
        self._halt.raise_it()

    def _fail(self, error: BaseException) -> None:
        if self._failure is None:
            self._failure = error
        self._halt.raise_it()

    def _request(self, service: "Service", caller: int, scheduled: int, fed: int) -> None:
        started = time.monotonic_ns()
        clock = time.process_time_ns()
        service.infer(fed)
        cpu = time.process_time_ns() - clock
        row = [scheduled, started, time.monotonic_ns(), cpu, clock, caller, fed]
        with self._lock:
            self._rows.append(row)

    def _flush(self, interval_ns: int) -> None:
        now = time.monotonic_ns()
        with self._lock:
            if not self._rows or now - self._flushed_ns < interval_ns:
                return
            rows, self._rows, self._flushed_ns = self._rows, [], now
        self._channel.send(event="requests", phase=self._command["phase"], rows=rows)
