"""A neighbour for the service: a steady, CPU-bound program on the same CPUs, one process a CPU."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from profiler import process
from profiler.closing import Closing
from profiler.errors import MachineError
from profiler.run.neighbour import Stretch
from profiler.run.ranges import Count, Nanoseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

PROGRAM = Path(__file__).with_name("neighbour_program.py")
SETTLE_SECONDS = 1.0
"""After requests until the service is idle: pools poll for half a second at most (TPAUSE)."""
ANSWER_SECONDS = 30.0
"""How long one of its processes may take to get a CPU and answer."""
LEAST_ALONE, SHARE_ALONE = 2.0, 0.25
"""Seconds that it is watched beside the idle service, each time: of the measure phase's a share."""


class Reading(msgspec.Struct, frozen=True):
    """What one of its processes has done so far."""

    time_ns: Nanoseconds
    cpu_ns: Nanoseconds
    units: Count


class NeighbourProcesses(Closing):
    """The neighbour, at work; it ends with the `with` block."""

    def __init__(self, cpus: Collection[int]) -> None:
        self._stack = contextlib.ExitStack()
        self._all: list[process.Piped] = []
        try:
            for _ in cpus:
                command = [sys.executable, "-I", "-S", str(PROGRAM)]
                piped = process.spawn_piped(command, stderr=Path(os.devnull), extra_environment={})
                self._stack.callback(_end, piped)
                os.sched_setaffinity(piped.child.pid, cpus)
                self._all.append(piped)
        except BaseException:
            self._stack.close()
            raise

    def close(self) -> None:
        """Let go of what it has open."""
        self._stack.close()

    def __len__(self) -> int:
        """Return how many processes it has."""
        return len(self._all)

    def read(self) -> list[Reading]:
        """Return what each of its processes has done; `MachineError` when one does not answer."""
        for piped in self._all:
            with contextlib.suppress(BrokenPipeError):  # `_answer` says that it is gone
                piped.stdin.write(b"\n")
                piped.stdin.flush()
        return [_answer(piped) for piped in self._all]


def between(before: list[Reading], after: list[Reading]) -> Stretch:
    """Return what was done between two readings; the wall time is the mean of its processes'."""
    pairs = list(zip(before, after, strict=True))
    return Stretch(
        sum(end.time_ns - begin.time_ns for begin, end in pairs) // max(1, len(pairs)),
        sum(end.cpu_ns - begin.cpu_ns for begin, end in pairs),
        sum(end.units - begin.units for begin, end in pairs),
    )


def alone_seconds(measure_seconds: float) -> float:
    """Return how long to watch it beside the idle service, before the measure phase and after it."""
    return max(LEAST_ALONE, SHARE_ALONE * measure_seconds)


def wait(seconds: float, stop_requested: Callable[[], bool]) -> None:
    """Let time go by; less where a stop is asked for."""
    ends = time.monotonic() + seconds
    while not stop_requested() and (left := ends - time.monotonic()) > 0:
        time.sleep(min(0.1, left))


def _answer(piped: process.Piped) -> Reading:
    if not select.select([piped.stdout], [], [], ANSWER_SECONDS)[0]:
        raise MachineError(f"the neighbour got no CPU within {ANSWER_SECONDS:g} s")
    line = piped.stdout.readline()
    if not line:
        raise MachineError("the neighbour ended, or was killed")
    return msgspec.json.decode(line, type=Reading)


def _end(piped: process.Piped) -> None:
    with contextlib.suppress(BrokenPipeError):
        piped.stdin.close()
    process.stop(piped.child, first=signal.SIGTERM)
    piped.stdout.close()
