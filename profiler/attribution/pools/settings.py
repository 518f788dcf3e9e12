"""What a pool's session options must be, inferred from what its threads did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.run.kinds import KINDS, Kind
from profiler.run.parts import InferredSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.waits.wait_profile import OffCpuProfile
    from profiler.run.phase_counters import PhaseCounters
    from profiler.run.processes import Pool

SPINS = 0.15
"""Share of a pool's CPU time in the polling loop from which on it spins. Where spinning is off, a worker goes
through its loop once for each time it is woken: about 1 % of its CPU time (docs/attach.md)."""
ENOUGH_SAMPLES = 20
ENOUGH_BLOCKS = 10
AT_ONCE_NS = 1_000_000
"""CPU time from one blocking to the next below which there was no spinning in between. ONNX Runtime's own
budget is 3 ms and more (docs/architecture.md); people set `spin_duration_us` to about this at least."""
POLLS = tuple(KINDS.index(kind) for kind in (Kind.SPIN_IDLE, Kind.SPIN_BUSY))
WORKS = tuple(KINDS.index(kind) for kind in (Kind.COMPUTE, Kind.SPIN_JOIN, Kind.APP))


def infer_settings(
    pool: Pool, pid: int, attribution: Attribution, off: OffCpuProfile | None, counters: PhaseCounters
) -> InferredSettings:
    """Infer the settings of a pool of a process; `off` is None where waits were not recorded."""
    polled = _polled(pool, attribution)
    return InferredSettings(
        threads=len(pool.tids) + 1,
        spins=_blocks_at_once(pool, off, counters) if polled is None else polled >= SPINS,
        polled=polled,
        pinned=_pinned(pool, pid, {tid: thread.cpus for tid, thread in counters.end.threads.items()}),
        blocks_after_ms=None if off is None else _blocks_after_ms(pool, attribution, off),
    )


def spinning(pools: Sequence[Pool], attribution: Attribution) -> list[Pool]:
    """Return the pools whose idle threads poll; all where none does, which then block at once."""
    return [pool for pool in pools if (_polled(pool, attribution) or 0.0) >= SPINS] or list(pools)


def _polled(pool: Pool, attribution: Attribution) -> float | None:
    """Return the share of a pool's CPU time that it polled for work; None where too little was seen."""
    mine = np.isin(attribution.tid, pool.tids)
    polls = mine & np.isin(attribution.kind, POLLS)
    total = float(attribution.cpu_ns[mine].sum())
    told = int(mine.sum()) >= ENOUGH_SAMPLES and total > 0
    return float(attribution.cpu_ns[polls].sum()) / total if told else None


def _blocks_at_once(pool: Pool, off: OffCpuProfile | None, counters: PhaseCounters) -> bool | None:
    """Return False where workers that did little blocked after each bit of it; None: nobody knows."""
    if off is None:
        left = counters.thread_voluntary_switches()
        blocks = sum(left.get(tid, 0) for tid in pool.tids)
    else:
        rows = off.waits.off
        blocks = int((np.isin(rows.tid, pool.tids) & ~rows.preempted & ~rows.gap & rows.ended).sum())
    spent = counters.thread_cpu_ns()
    cpu_ns = sum(spent.get(tid, 0) for tid in pool.tids)
    return False if blocks >= ENOUGH_BLOCKS and cpu_ns < blocks * AT_ONCE_NS else None


def _pinned(pool: Pool, pid: int, masks: Mapping[int, str | None]) -> int:
    """Count workers whose CPUs are not those of the process's first thread, which nobody pins."""
    whole = masks.get(pid)
    return sum(masks.get(tid) not in (None, whole) for tid in pool.tids) if whole is not None else 0


def _blocks_after_ms(pool: Pool, attribution: Attribution, off: OffCpuProfile) -> float | None:
    """Return the median of how long workers polled until they blocked.

    From the last sample at work, or from its waking up where it got none, to the switch with which it
    blocked: to within a sample's distance.
    """
    lengths: list[float] = []
    for tid in pool.tids:
        mine = attribution.tid == tid
        time_ns, kind = attribution.time_ns[mine], attribution.kind[mine]
        works, polling = time_ns[np.isin(kind, WORKS)], time_ns[np.isin(kind, POLLS)]
        rows = off.waits.off.of(tid)
        blocked = ~rows.preempted & ~rows.gap
        begins, ends = rows.begin_ns[blocked], rows.end_ns[blocked]
        for woken, block in zip(ends[:-1].tolist(), begins[1:].tolist(), strict=True):
            before = works[np.searchsorted(works, block) - 1] if works.size and works[0] < block else woken
            since = max(woken, int(before))
            if np.searchsorted(polling, block) > np.searchsorted(polling, since):
                lengths.append((block - since) / 1e6)
    return float(np.median(lengths)) if lengths else None
