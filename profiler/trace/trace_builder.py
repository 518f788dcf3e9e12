"""Builds a `Trace` row by row: what perf's text and recordings made elsewhere are read into."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from profiler.trace.model import (
    MOST_FRAMES,
    NONE,
    Frames,
    Locations,
    Samples,
    Switches,
    Trace,
    WaitEvents,
    stacks_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy.typing as npt

    from profiler.arrays import Int64s
    from profiler.trace.payloads import SchedSwitch

    Order: TypeAlias = slice | npt.NDArray[np.intp]

NO_TIME = 0
"""The instant of samples whose file has none."""
OUTER_FRAMES = 256
"""Of a chain that is deeper than `MOST_FRAMES`: what is kept at the thread's start. The leaf says what it was
doing, the start in which pool, so the middle goes."""
INNER_FRAMES = MOST_FRAMES - OUTER_FRAMES - 1
"""What is kept of it at the leaf."""
CUT = "[frames left out]"
"""The frame that stands for the middle."""


class TraceBuilder:
    """The columns of a trace as they grow; strings, frames and stacks are kept once."""

    def __init__(self) -> None:
        self._strings: dict[str, int] = {}
        self._events: dict[str, int] = {}
        self._frames: dict[tuple[int, int, int, int], int] = {}
        self._stacks: dict[tuple[int, ...], int] = {}
        self._cut_stacks: set[int] = set()
        self._places: dict[int, tuple[int, int, int]] = {}
        self._comms: dict[int, str] = {}
        self.lost_samples = 0
        # Type codes: q int64, Q uint64, i int32, b int8.
        self._times, self._sample_origins, self._sample_stacks = array("q"), array("i"), array("i")
        self._tids, self._cpus = array("i"), array("i")
        self._sample_events, self._weights = array("i"), array("q")
        self._addresses, self._symbols, self._dsos = array("Q"), array("i"), array("i")
        self._switch_times, self._switch_origins = array("q"), array("i")
        self._switch_tids, self._switch_cpus = array("i"), array("i")
        self._switched_in, self._preempted = array("b"), array("b")
        self._wait_times, self._wait_origins, self._wait_stacks = array("q"), array("i"), array("i")
        self._wait_tids, self._wait_events, self._wait_arguments = array("i"), array("i"), array("q")
        self._stacks_of_last = self._sample_stacks
        """The column whose last row was added last."""

    def _string(self, text: str | None) -> int:
        return NONE if text is None else self._strings.setdefault(text, len(self._strings))

    def event(self, name: str) -> int:
        """Return an event's index."""
        return self._events.setdefault(name, len(self._events))

    def frame(self, address: int, symbol: str | None, dso: str | None, *, level: int = 0) -> int:
        """Return a frame's index; `level` tells functions apart that were inlined at one address."""
        key = (address, self._string(symbol), self._string(dso), level)
        return self._frame(key)

    def _frame(self, key: tuple[int, int, int, int]) -> int:
        """Return the index of an address, a symbol, a library and a level, added where it is new."""
        index = self._frames.get(key)
        if index is None:
            index = self._frames[key] = len(self._addresses)
            address, symbol, dso, _ = key
            self._addresses.append(address)
            self._symbols.append(symbol)
            self._dsos.append(dso)
        return index

    def with_library_of(self, inlined: int, frame: int) -> int:
        """Return a frame like `inlined` in the library of another: of the code that it was inlined into."""
        before = len(self._addresses)
        index = self._frame((self._addresses[inlined], self._symbols[inlined], self._dsos[frame], 0))
        if index == before and inlined in self._places:
            self._places[index] = self._places[inlined]
        return index

    def has_library(self, frame: int) -> bool:
        """Whether it is known which library a frame is in."""
        return self._dsos[frame] != NONE

    def place(self, frame: int, file: str, line: int) -> None:
        """Say where a frame stands in the source; the first word counts."""
        if frame not in self._places:
            symbol = self._symbols[frame]
            function = self._string("[unknown]") if symbol == NONE else symbol
            self._places[frame] = (function, self._string(file), line)

    def stack(self, chain: Sequence[int]) -> int:
        """Return the index of a chain of frames, the leaf first; NONE for an empty one.

        Of one that is deeper than `MOST_FRAMES` the middle is left out.
        """
        if len(chain) > MOST_FRAMES:
            return self.cut_stack(chain[:INNER_FRAMES], chain[-OUTER_FRAMES:])
        return self._stack(tuple(chain))

    def cut_stack(self, inner: Sequence[int], outer: Sequence[int]) -> int:
        """Return the index of a chain without its middle; at the most `INNER_FRAMES` and `OUTER_FRAMES`."""
        index = self._stack((*inner, self.frame(0, CUT, None), *outer))
        self._cut_stacks.add(index)
        return index

    def _stack(self, chain: tuple[int, ...]) -> int:
        return self._stacks.setdefault(chain, len(self._stacks)) if chain else NONE

    def sample(self, *, time_ns: int, tid: int, cpu: int, event: int, weight: int, stack: int) -> None:
        """Add a sample; columns as in `Samples`."""
        origin = self.sample_origin(tid=tid, cpu=cpu, event=event, weight=weight)
        self.samples_from((time_ns,), (origin,), (stack,))

    def sample_origin(self, *, tid: int, cpu: int, event: int, weight: int) -> int:
        """Return a number for all that a sample has but its time and its stack, for `samples_from`."""
        self._tids.append(tid)
        self._cpus.append(cpu)
        self._sample_events.append(event)
        self._weights.append(weight)
        return len(self._tids) - 1

    def samples_from(
        self, times_ns: Collection[int], origins: Collection[int], stacks: Collection[int]
    ) -> None:
        """Add samples, at least one; several may have one origin."""
        self._times.extend(times_ns)
        self._sample_origins.extend(origins)
        self._sample_stacks.extend(stacks)
        self._stacks_of_last = self._sample_stacks

    def wait_event(
        self, *, time_ns: int, tid: int, event: int, argument: int = NONE, stack: int = NONE
    ) -> None:
        """Add one of `WAIT_EVENTS`, by its index there; columns as in `WaitEvents`."""
        origin = self.wait_origin(tid=tid, event=event, argument=argument)
        self.wait_events_from((time_ns,), (origin,), (stack,))

    def wait_origin(self, *, tid: int, event: int, argument: int) -> int:
        """Return a number for all that a wait event has but time and stack, for `wait_events_from`."""
        self._wait_tids.append(tid)
        self._wait_events.append(event)
        self._wait_arguments.append(argument)
        return len(self._wait_tids) - 1

    def wait_events_from(
        self, times_ns: Collection[int], origins: Collection[int], stacks: Collection[int]
    ) -> None:
        """Add wait events, at least one; several may have one origin."""
        self._wait_times.extend(times_ns)
        self._wait_origins.extend(origins)
        self._wait_stacks.extend(stacks)
        self._stacks_of_last = self._wait_stacks

    def set_last_stack(self, stack: int) -> None:
        """Give the sample or the wait event that was added last its chain."""
        self._stacks_of_last[-1] = stack

    def switch(self, *, time_ns: int, tid: int, cpu: int, switched_in: bool, preempted: bool) -> None:
        """Add a context switch; columns as in `Switches`."""
        origin = self.switch_origin(tid=tid, cpu=cpu, switched_in=switched_in, preempted=preempted)
        self.switches_from((time_ns,), (origin,))

    def switch_origin(self, *, tid: int, cpu: int, switched_in: bool, preempted: bool) -> int:
        """Return a number for all that a context switch has but its time, for `switches_from`."""
        self._switch_tids.append(tid)
        self._switch_cpus.append(cpu)
        self._switched_in.append(switched_in)
        self._preempted.append(preempted)
        return len(self._switch_tids) - 1

    def switches_from(self, times_ns: Collection[int], origins: Collection[int]) -> None:
        """Add context switches; several may have one origin."""
        self._switch_times.extend(times_ns)
        self._switch_origins.extend(origins)

    def sched_switch(self, time_ns: int, cpu: int, who: SchedSwitch) -> None:
        """Add what `SCHED_SWITCH` says; the idle task is nobody's thread."""
        if who.left:
            self.switch(time_ns=time_ns, tid=who.left, cpu=cpu, switched_in=False, preempted=who.preempted)
        if who.entered:
            self.switch(time_ns=time_ns, tid=who.entered, cpu=cpu, switched_in=True, preempted=False)

    def name_thread(self, tid: int, comm: str) -> None:
        """Note a thread's name; the last word counts."""
        self._comms[tid] = comm

    @property
    def samples(self) -> int:
        """How many there are."""
        return len(self._times)

    @property
    def cut_samples(self) -> int:
        """How many have a chain without its middle."""
        return sum(stack in self._cut_stacks for stack in self._sample_stacks) if self._cut_stacks else 0

    def trace(self) -> Trace:
        """Return everything so far, in order of time."""
        return Trace(
            events=tuple(self._events),
            samples=self._samples(),
            stacks=stacks_of(self._stacks),
            frames=Frames(
                address=np.array(self._addresses, np.uint64),
                symbol=np.array(self._symbols, np.int32),
                dso=np.array(self._dsos, np.int32),
            ),
            strings=tuple(self._strings),
            switches=self._switches(),
            comms=dict(self._comms),
            lost_samples=self.lost_samples,
            wait_events=self._waits(),
            locations=self._locations(),
        )

    def _samples(self) -> Samples:
        times = np.array(self._times, np.int64)
        order = _order(times)
        origins = np.array(self._sample_origins, np.int32)[order]
        return Samples(
            time_ns=times[order],
            tid=np.array(self._tids, np.int32)[origins],
            cpu=np.array(self._cpus, np.int32)[origins],
            event=np.array(self._sample_events, np.int32)[origins],
            weight=np.array(self._weights, np.int64)[origins],
            stack=np.array(self._sample_stacks, np.int32)[order],
        )

    def _switches(self) -> Switches:
        times = np.array(self._switch_times, np.int64)
        order = _order(times)
        origins = np.array(self._switch_origins, np.int32)[order]
        return Switches(
            time_ns=times[order],
            tid=np.array(self._switch_tids, np.int32)[origins],
            cpu=np.array(self._switch_cpus, np.int32)[origins],
            switched_in=np.array(self._switched_in, np.bool_)[origins],
            preempted=np.array(self._preempted, np.bool_)[origins],
        )

    def _waits(self) -> WaitEvents:
        times = np.array(self._wait_times, np.int64)
        order = _order(times)
        origins = np.array(self._wait_origins, np.int32)[order]
        return WaitEvents(
            time_ns=times[order],
            tid=np.array(self._wait_tids, np.int32)[origins],
            event=np.array(self._wait_events, np.int32)[origins],
            argument=np.array(self._wait_arguments, np.int64)[origins],
            stack=np.array(self._wait_stacks, np.int32)[order],
        )

    def _locations(self) -> Locations | None:
        if not self._places:
            return None
        frames = len(self._addresses)
        known = np.zeros(frames, np.int64)
        rows = np.array([self._places[frame] for frame in sorted(self._places)], np.int32)
        known[sorted(self._places)] = 1
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(known)))
        return Locations(offsets, rows[:, 0].copy(), rows[:, 1].copy(), rows[:, 2].copy())


def _order(times: Int64s) -> Order:
    """Return the order by time: that of the rows, unless a recording's buffers were flushed out of turn."""
    if times.size and bool(np.any(np.diff(times) < 0)):
        return np.argsort(times, kind="stable")
    return slice(None)
