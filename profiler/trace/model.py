"""The columnar trace: numpy columns, every string once in a table.

All times are nanoseconds of CLOCK_MONOTONIC (perf's `-k CLOCK_MONOTONIC`), comparable with Python's
`time.monotonic_ns()`. Every index column is int32; -1 means "none".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from profiler.arrays import Bools, Int32s, Int64s, UInt64s


NONE = -1
"""The index that stands for "there is none"."""


@dataclass(frozen=True, slots=True)
class Samples:
    """One row a sample of the event that was sampled, in order of time. All columns have the same length."""

    time_ns: Int64s
    tid: Int32s
    cpu: Int32s
    """NONE where the event was recorded without `--sample-cpu`."""
    event: Int32s
    """Index into `Trace.events`."""
    weight: Int64s
    """The sample's period: nanoseconds for clock events, a count for others (cycles)."""
    stack: Int32s
    """Index into `Stacks`, or NONE for a sample without a chain."""


SWITCH_OUT = "context-switches"
"""A thread leaves a CPU, by itself or preempted. A software event, so it needs no tracefs."""
WAKING = "sched:sched_waking"
"""A thread wakes another; seen where the waking one, or what it was interrupted by, is in our process."""
FUTEX_ENTER = "syscalls:sys_enter_futex"
WAIT_EVENTS = (SWITCH_OUT, WAKING, FUTEX_ENTER)
"""Events that happen rather than sample: each occurrence is recorded."""
SCHED_SWITCH = "sched:sched_switch"
"""One thread leaves a CPU to another; in recordings of others, who have no `SWITCH_OUT` and no `Switches`."""


@dataclass(frozen=True, slots=True)
class WaitEvents:
    """One row an occurrence of one of `WAIT_EVENTS`, in order of time. All columns have the same length."""

    time_ns: Int64s
    tid: Int32s
    """The thread that it happened in: for `WAKING`, the one that wakes."""
    event: Int32s
    """Index into `WAIT_EVENTS`."""
    argument: Int64s
    """`WAKING`: the thread that is woken. `FUTEX_ENTER`: the operation (linux/futex.h). Else, and where perf
    printed it in a way that we don't know, NONE."""
    stack: Int32s
    """Index into `Stacks`: for `SWITCH_OUT`, where the thread waits. NONE for others."""


def no_wait_events() -> WaitEvents:
    """Return columns without rows: for recordings of samples alone."""
    longs, ints = np.zeros(0, np.int64), np.zeros(0, np.int32)
    return WaitEvents(time_ns=longs, tid=ints, event=ints, argument=longs, stack=ints)


MOST_FRAMES = 1_024
"""Of a call chain. perf takes 127 by itself; Python recurses a thousand deep, and then stops. What walks
chains level by level, pages included, rests on it."""


@dataclass(frozen=True, slots=True)
class Stacks:
    """Distinct call chains: `frames[offsets[i]:offsets[i + 1]]` is chain i, the leaf first."""

    offsets: Int64s
    frames: Int32s
    """Indices into `Frames`, flat."""


def stacks_of(chains: Collection[tuple[int, ...]]) -> Stacks:
    """Return the columns of distinct call chains, each of indices into `Frames`, the leaf first."""
    lengths = np.fromiter(map(len, chains), np.int64, len(chains))
    return Stacks(
        offsets=np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64))),
        frames=np.array([frame for chain in chains for frame in chain], np.int32),
    )


@dataclass(frozen=True, slots=True)
class Frames:
    """Distinct frames. Caller addresses are perf's: the return address minus one."""

    address: UInt64s
    """As `perf script` prints it: the file offset for user-space code in a chain, else a virtual address."""
    symbol: Int32s
    """Index into `Trace.strings`, or NONE where perf printed `[unknown]`."""
    dso: Int32s
    """Index into `Trace.strings`, or NONE where perf printed `[unknown]`."""


class Level(NamedTuple):
    """A place in the source: one of a frame's, where functions were inlined."""

    function: str
    file: str
    line: int
    """0 where code belongs to no line."""


@dataclass(frozen=True, slots=True)
class Locations:
    """Where frames stand in the source, by debug information.

    Rows `offsets[i]:offsets[i + 1]` are frame i's: the innermost function that the compiler inlined there
    first, the function that holds the code last; none for a frame without debug information. The other
    columns have the same length.
    """

    offsets: Int64s
    function: Int32s
    """Index into `Trace.strings`."""
    file: Int32s
    """Index into `Trace.strings`: a path as the compiler knew it."""
    line: Int32s
    """Counts from 1; 0 where code belongs to no line."""


@dataclass(frozen=True, slots=True)
class Switches:
    """Context switches from `--switch-events`, in order of time."""

    time_ns: Int64s
    tid: Int32s
    cpu: Int32s
    switched_in: Bools
    preempted: Bools
    """Only meaningful for switches out: the thread was still ready to run."""


@dataclass(frozen=True, slots=True)
class Trace:
    """A decoded recording."""

    events: tuple[str, ...]
    samples: Samples
    stacks: Stacks
    frames: Frames
    strings: tuple[str, ...]
    switches: Switches
    comms: dict[int, str]
    """The last name seen of each thread, by thread id."""
    lost_samples: int
    """Records that the kernel had to drop because the ring buffer was full.

    Where perf reports them twice (PERF_RECORD_LOST as it happens, LOST_SAMPLES at the end, from Linux 6.0
    and perf 6.1), the larger sum: they are the same losses."""
    wait_events: WaitEvents = field(default_factory=no_wait_events)
    locations: Locations | None = None
    """None where nobody asked: perf does not say."""

    def libraries(self) -> Iterator[tuple[str, Int64s]]:
        """Yield the path of each library that is a file, and which frames are in it."""
        for dso in np.unique(self.frames.dso[self.frames.dso >= 0]).tolist():
            path = self.strings[dso]
            if path.startswith("/"):
                yield path, np.flatnonzero(self.frames.dso == dso)

    def levels(self, frame: int) -> tuple[Level, ...]:
        """Return where a frame stands in the source, as in `Locations`; empty where that is not known."""
        locations = self.locations
        if locations is None:
            return ()
        return tuple(
            Level(
                self.strings[locations.function[row]],
                self.strings[locations.file[row]],
                int(locations.line[row]),
            )
            for row in range(int(locations.offsets[frame]), int(locations.offsets[frame + 1]))
        )
