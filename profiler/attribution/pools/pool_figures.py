"""`pools` of summary.json: what each pool's threads did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from profiler.attribution.pools.settings import infer_settings
from profiler.attribution.waits.wait_figures import spin_window_of
from profiler.run.kinds import KINDS, Kind
from profiler.run.parts import PoolFigures
from profiler.run.summary import available

if TYPE_CHECKING:
    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.waits.wait_profile import OffCpuProfile
    from profiler.run.phase_counters import PhaseCounters
    from profiler.run.processes import Pool
    from profiler.run.records import Recorded


def pool_figures(
    recorded: Recorded, attribution: Attribution | None, off: OffCpuProfile | None
) -> list[PoolFigures]:
    """Return the figures of each pool, in their order; `attribution` is None without a profile."""
    return [
        _figures(pool, process.pid, recorded, attribution, off)
        for process in recorded.manifest.processes
        for pool in process.pools
    ]


def threads_ms(counters: PhaseCounters | None, tids: list[int]) -> float | None:
    """Return the CPU time of threads in a phase, as the kernel counted it; None where it did not run."""
    if counters is None:
        return None
    spent = counters.thread_cpu_ns()
    return sum(spent.get(tid, 0) for tid in tids) / 1e6


def _figures(
    pool: Pool, pid: int, recorded: Recorded, attribution: Attribution | None, off: OffCpuProfile | None
) -> PoolFigures:
    by_kind: dict[Kind, float] = {}
    if attribution is not None:
        mine = np.isin(attribution.tid, pool.tids)
        sums = np.bincount(attribution.kind[mine], weights=attribution.cpu_ns[mine], minlength=len(KINDS))
        by_kind = {kind: ns / 1e6 for kind, ns in zip(KINDS, sums.tolist(), strict=True)}
    windows = None if off is None or off.spin_windows is None else off.spin_windows[pool.id]
    return PoolFigures(
        id=pool.id,
        process=pid,
        role=pool.role,
        threads=len(pool.tids),
        callers=len(pool.callers),
        measured_ms=threads_ms(recorded.counters.get("measure"), pool.tids),
        total_ms=sum(by_kind.values()) if attribution is not None else None,
        by_kind=by_kind,
        requests=sum(pool.serves(request) for request in recorded.requests_of("profile")),
        spin_window_ms=available(spin_window_of(windows)),
        tids=pool.tids,
        caller_tids=pool.callers,
        evidence=pool.evidence,
        inferred=infer_settings(pool, pid, attribution, off, recorded.counters["profile"])
        if attribution is not None and recorded.manifest.attached is not None
        else None,
    )
