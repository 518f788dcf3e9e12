"""Which of a process's threads had the processor that another of them was waiting for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.requests.spans import Spans
from profiler.trace.model import NONE

if TYPE_CHECKING:
    from profiler.trace.model import Switches


def occupied(switches: Switches, but_for_tid: int) -> dict[int, Spans]:
    """Return for each processor when it ran threads of the process other than one."""
    order = np.argsort(switches.tid, kind="stable")
    comes, goes = order[:-1], order[1:]
    cpu, tid, inside = switches.cpu[comes], switches.tid[comes], switches.switched_in
    whole = (tid == switches.tid[goes]) & inside[comes] & ~inside[goes]
    whole &= (tid != but_for_tid) & (cpu != NONE)
    begin_ns, end_ns = switches.time_ns[comes], switches.time_ns[goes]
    return {
        number: Spans(begin_ns[mine], end_ns[mine])
        for number in np.unique(cpu[whole]).tolist()
        for mine in [whole & (cpu == number)]
    }
