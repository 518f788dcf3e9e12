"""A trace whose samples count whatever a file counts, to one whose samples stand for CPU time."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profiler.intake.wait_names import WAIT_NAMES
from profiler.run.imported import TimeBasis
from profiler.trace.validate import MOST

if TYPE_CHECKING:
    from profiler.arrays import Floats, Int64s
    from profiler.intake.taken import Taken
    from profiler.trace.model import Trace

MADE_UP_NS = 1_000_000
"""What a sample counts as where nothing says: shares are right, milliseconds are samples."""
IDLE_TID = 0
# Behind a name there may be terms and modifiers: cpu-clock/freq=99/u, cycles:Pu, cpu_core/cycles,period=1/P.
_CLOCKS = re.compile(r"(cpu|task)-clock(/[^/]*/\w*|:\w+)?")
_CYCLES = re.compile(
    r"(cpu-|cpu_)?cycles(/[^/]*/\w*|:\w+)?"
    r"|(cpu|cpu_core|cpu_atom|armv\d\w*)/(cpu-|cpu_)?cycles(,[^/]*)?/(\w*|:\w+)"
)


@dataclass(frozen=True, slots=True)
class CpuTime:
    """A trace, and what its weights rest on."""

    trace: Trace
    """Weights are nanoseconds; all samples are of one kind of event."""
    events: tuple[str, ...]
    """Those that were taken."""
    samples: int
    """How many; where stacks have counts, the sum of these."""
    basis: TimeBasis
    frequency_hz: int
    """0 where it is not known."""
    idle: int
    others: dict[str, int]


def cpu_time(taken: Taken) -> CpuTime:
    """Return the samples of the events that count CPU time, or else of the event that comes first.

    Clocks before cycles, and others before what happens as threads wait: to add cycles to page faults would
    mean nothing. Cycles of the two kinds of core of
    a hybrid processor belong together. Samples of the idle task are nobody's CPU time.
    """
    trace, samples = taken.trace, taken.trace.samples
    chosen = _chosen(trace.events)
    of_event = np.isin(samples.event, [trace.events.index(name) for name in chosen])
    idle = of_event & (samples.tid == IDLE_TID)
    kept = of_event & ~idle
    counts = np.bincount(samples.event, minlength=len(trace.events)).tolist()
    others = {name: count for name, count in zip(trace.events, counts, strict=True) if name not in chosen}
    weight, basis = _nanoseconds(taken, chosen, samples.weight[kept], samples.event[kept])
    event = np.zeros(int(kept.sum()), np.int32)
    columns = {
        field.name: getattr(samples, field.name)[kept]
        for field in dataclasses.fields(samples)
        if field.name not in ("weight", "event")
    }
    return CpuTime(
        trace=dataclasses.replace(
            trace,
            events=(",".join(chosen),),
            samples=dataclasses.replace(samples, weight=weight, event=event, **columns),
        ),
        events=chosen,
        samples=_number(taken, samples.weight[kept]),
        basis=basis,
        frequency_hz=max((taken.header.frequencies.get(name, 0) for name in chosen), default=0),
        idle=int(idle.sum()),
        others=others,
    )


def _number(taken: Taken, weight: Int64s) -> int:
    """Return how many samples there are, of which these are the weights."""
    if taken.samples is not None:
        return taken.samples
    return min(int(weight.astype(np.float64).sum()), MOST) if taken.counted else len(weight)


def _chosen(events: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in (_CLOCKS, _CYCLES):
        clocks = tuple(name for name in events if pattern.fullmatch(name))
        if clocks:
            return clocks if pattern is _CYCLES else clocks[:1]
    return tuple(name for name in events if name not in WAIT_NAMES)[:1] or events[:1]


def _nanoseconds(
    taken: Taken, chosen: tuple[str, ...], weight: Int64s, event: Int64s
) -> tuple[Int64s, TimeBasis]:
    """Return weights in ns: as the file has them, or spread so that a sample is one of so many a second."""
    clock = all(_CLOCKS.fullmatch(name) for name in chosen)
    if taken.in_nanoseconds or (clock and bool(np.any(weight > 1))):
        return weight, TimeBasis.PERIOD
    scaled = np.zeros(len(weight), np.float64)
    known = all(clock or _CYCLES.fullmatch(name) for name in chosen)
    basis = TimeBasis.FREQUENCY
    for name in chosen:
        rows = event == taken.trace.events.index(name)
        frequency = taken.header.frequencies.get(name, 0) if known else 0
        if not frequency:
            basis = TimeBasis.NOTHING
        period_ns = 1e9 / frequency if frequency else MADE_UP_NS
        scaled[rows] = _spread(weight[rows], period_ns, counted=taken.counted)
    return np.rint(np.minimum(scaled, MOST)).astype(np.int64), basis


def _spread(weight: Int64s, each_ns: float, *, counted: bool) -> Floats:
    """Return ns by weight: so many samples' worth in all where rows are samples, a unit's worth each else."""
    floats = weight.astype(np.float64)
    total = float(floats.sum())
    factor = each_ns if counted or total <= 0 else each_ns * len(weight) / total
    return floats * np.float64(factor)
