"""A trace of leaf addresses: samples without call chains, each in a place of its own."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

import numpy as np

from profiler.trace.model import NONE, Frames, Samples, Switches, Trace, stacks_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class LeafTraceBuilder:
    """Samples as they come, in order of time."""

    def __init__(self, event: str, period_ns: int) -> None:
        self._event = event
        self._period_ns = period_ns
        self._time_ns = array("q")
        self._tid = array("i")
        self._cpu = array("i")
        self._stack = array("i")
        self._frames: dict[tuple[str, int, str], int] = {}

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self._time_ns)

    def add(self, time_ns: int, tid: int, cpu: int, place: tuple[str, int, str]) -> None:
        """Take a sample; `place` is file, offset in it, and a function's name if one is known.

        Files go by paths or by names in brackets, as perf prints them; code in no file by an empty one.
        """
        self._time_ns.append(time_ns)
        self._tid.append(tid)
        self._cpu.append(cpu)
        self._stack.append(self._frames.setdefault(place, len(self._frames)))

    def trace(self, comms: Mapping[int, str], lost: int) -> Trace:
        """Return what there is; `comms` are the threads' names, `lost` counts samples that were dropped."""
        strings: dict[str, int] = {}

        def number(text: str) -> int:
            return strings.setdefault(text, len(strings)) if text else NONE

        dso = np.array([number(file) for file, _, _ in self._frames], np.int32)
        symbol = np.array([number(name) for _, _, name in self._frames], np.int32)
        address = np.array([offset for _, offset, _ in self._frames], np.uint64)
        time_ns = np.array(self._time_ns, np.int64)
        order = np.argsort(time_ns, kind="stable")
        count = len(time_ns)
        return Trace(
            events=(self._event,),
            samples=Samples(
                time_ns=time_ns[order],
                tid=np.array(self._tid, np.int32)[order],
                cpu=np.array(self._cpu, np.int32)[order],
                event=np.zeros(count, np.int32),
                weight=np.full(count, self._period_ns, np.int64),
                stack=np.array(self._stack, np.int32)[order],
            ),
            stacks=stacks_of([(index,) for index in range(len(self._frames))]),
            frames=Frames(address=address, symbol=symbol, dso=dso),
            strings=tuple(strings),
            switches=Switches(
                time_ns=np.zeros(0, np.int64),
                tid=np.zeros(0, np.int32),
                cpu=np.zeros(0, np.int32),
                switched_in=np.zeros(0, np.bool_),
                preempted=np.zeros(0, np.bool_),
            ),
            comms=dict(comms),
            lost_samples=lost,
        )
