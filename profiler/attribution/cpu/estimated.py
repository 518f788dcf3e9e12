"""What stands for the kernel's counters where there are none: CPU time as a recording's samples have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.run.phase_counters import NEW, PhaseCounters, Snapshot

if TYPE_CHECKING:
    from profiler.trace.model import Trace


def estimated_counters(trace: Trace) -> PhaseCounters:
    """Return counters from the first sample or switch to the last, with each thread's CPU time by samples.

    Scaling samples to these changes nothing. What else counters tell, they don't: 0 stands for it.
    """
    samples = trace.samples
    ends = [
        int(times[at]) for times in (samples.time_ns, trace.switches.time_ns) if times.size for at in (0, -1)
    ]
    begin, end = (min(ends), max(ends) + 1) if ends else (0, 1)
    tids, index = np.unique(samples.tid, return_inverse=True)
    cpu_ns = np.zeros(len(tids), np.int64)
    np.add.at(cpu_ns, index.reshape(-1), samples.weight)
    threads = {
        tid: type(NEW)(trace.comms.get(tid, ""), own, 0, 0, 0)
        for tid, own in zip(tids.tolist(), cpu_ns.tolist(), strict=True)
    }
    return PhaseCounters(Snapshot(begin, 0, {}), Snapshot(end, int(cpu_ns.sum()), threads))
