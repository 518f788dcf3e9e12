"""What the leaves of a thread's samples, and its counters, say of whether it works for a pool or calls it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.attribution.pools.settings import AT_ONCE_NS, ENOUGH_BLOCKS
from profiler.attribution.rules.chains import unfold, waits_for_work
from profiler.attribution.rules.leaves import is_shared
from profiler.attribution.rules.names import Name
from profiler.attribution.rules.owners import Owner
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from profiler.attribution.rules.chains import Frame

ENOUGH_SAMPLES = 20
"""Of a thread, to say that it does something, or never does."""
SURELY_LOOPS = 5
"""Samples in its loop that say the same of a thread that is not known to block at once."""
POLLS = 0.15
"""Share of a thread's samples in its loop from which on it polls; without spinning it is 1 %."""


@dataclass(slots=True)
class LeafCounts:
    """How many samples of a thread lay where; those in functions that loops share with others say nothing."""

    loop: int = 0
    """In a loop that waits for work and hands it out: a worker's."""
    join: int = 0
    """In one that hands out nothing: a caller's, which waits for workers to finish."""
    pause: int = 0
    """In a pause that both kinds of loops call."""
    runtime: int = 0
    foreign: int = 0
    """In the interpreter, or in a program's own code."""
    blocks: int = 0
    """How often it left the CPU by itself, by the kernel's count; likewise `cpu_ns`."""
    cpu_ns: int = 0

    def add(self, other: LeafCounts) -> None:
        """Take in more samples of the thread."""
        self.loop += other.loop
        self.join += other.join
        self.pause += other.pause
        self.runtime += other.runtime
        self.foreign += other.foreign
        self.blocks += other.blocks
        self.cpu_ns += other.cpu_ns

    @property
    def told(self) -> int:
        """All that say something."""
        return self.polling + self.join + self.runtime + self.foreign

    @property
    def polling(self) -> int:
        """What a worker's wait for work has."""
        return self.loop + self.pause

    @property
    def calls(self) -> bool:
        """Whether the thread waits for workers, which no worker of a pool does that never waits for work."""
        return bool(self.join and not self.loop)

    @property
    def works_at_length(self) -> bool:
        """Whether the thread, never seen in a worker's loop, works longer between blocking than a bit."""
        return bool(self.runtime and not self.loop) and self.cpu_ns >= self.blocks * AT_ONCE_NS > 0

    @property
    def runs(self) -> bool:
        """Whether the thread was seen in the runtime, at work or waiting for workers."""
        return bool(self.runtime or self.join)

    @property
    def ran(self) -> bool:
        """Whether the thread did anything."""
        return bool(self.told or self.blocks or self.cpu_ns)

    @property
    def polls(self) -> bool | None:
        """Whether the thread polls; None where too little is known.

        One that blocked often, after less CPU time than polling takes, does not, however seldom it was seen.
        """
        if self.told >= ENOUGH_SAMPLES:
            return self.polling >= POLLS * self.told
        if self.blocks >= ENOUGH_BLOCKS and self.cpu_ns < self.blocks * AT_ONCE_NS:
            return False
        return True if self.polling >= SURELY_LOOPS and self.polling >= POLLS * self.told else None


def count_leaves(samples: Iterable[tuple[int, int]], frames: Sequence[Frame]) -> dict[int, LeafCounts]:
    """Count each thread's samples; `samples` are of a thread and an index into `frames`, or NONE."""
    counts: dict[int, LeafCounts] = {}
    for (tid, index), times in Counter(samples).items():
        mine = counts.setdefault(tid, LeafCounts())
        if index == NONE:
            continue
        levels = unfold([frames[index]])
        leaf = levels[0]
        if is_shared(leaf):
            continue
        if leaf.owner in (Owner.INTERPRETER, Owner.ELSEWHERE):
            mine.foreign += times
        elif leaf.owner is Owner.RUNTIME:
            loop = next((level for level in levels if level.in_loop), None)
            if loop is not None and waits_for_work(loop):
                mine.loop += times
            elif loop is not None:
                mine.join += times
            elif leaf.wraps or leaf.name & Name.PAUSE:
                mine.pause += times
            else:
                mine.runtime += times
    return counts
