"""Which of a process's threads had the processor that another of them was waiting for."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.requests.spans import Spans

if TYPE_CHECKING:
    from profiler.trace.model import Switches


class Occupancy:
    """When each processor ran threads of the process other than one."""

    def __init__(self, switches: Switches, but_for_tid: int) -> None:
        stints: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for tid in set(switches.tid.tolist()) - {but_for_tid}:
            rows = np.flatnonzero(switches.tid == tid)
            comes, goes = rows[:-1], rows[1:]
            whole = switches.switched_in[comes] & ~switches.switched_in[goes]
            for come, go in zip(comes[whole].tolist(), goes[whole].tolist(), strict=True):
                span = int(switches.time_ns[come]), int(switches.time_ns[go])
                stints[int(switches.cpu[come])].append(span)
        self._spans = {cpu: Spans(spans) for cpu, spans in stints.items()}

    def own_ns(self, cpu: int, begin_ns: int, end_ns: int) -> int:
        """Return how long one of these threads had a processor between two instants."""
        if cpu not in self._spans:
            return 0
        return int(self._spans[cpu].overlap_ns(np.array([begin_ns]), np.array([end_ns]))[0])
