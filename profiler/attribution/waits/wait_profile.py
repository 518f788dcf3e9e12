"""All that the profile phase tells of time off the CPU, and of where each request's wall time went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from profiler.attribution.pools.spin_window import SpinWindow, spin_windows
from profiler.attribution.requests.anatomy import Anatomies, dissect
from profiler.attribution.waits.classified import ClassifiedWaits, WaitChains, classify_waits, wait_chains
from profiler.attribution.waits.futex import FutexUse, futex_use
from profiler.attribution.waits.off_cpu import off_cpu
from profiler.attribution.waits.standstill import sharpen
from profiler.trace.model import FUTEX_ENTER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.rules.chains import Frame
    from profiler.run.manifest import PerfSettings
    from profiler.run.phase_counters import PhaseCounters
    from profiler.run.processes import Pool, Process
    from profiler.run.request import Request
    from profiler.trace.model import Trace


@dataclass(frozen=True, slots=True)
class OffCpuProfile:
    """Waits, futexes, requests and spin windows of a profile phase."""

    settings: PerfSettings
    waits: ClassifiedWaits
    chains: WaitChains
    futex: FutexUse
    anatomies: Anatomies
    spin_windows: dict[str, list[SpinWindow]] | None
    """By pool, in order; None where no session has a pool."""

    def windows_of(self, pools: Sequence[Pool]) -> list[SpinWindow] | None:
        """Return the spin windows of some pools together; None where no session has a pool."""
        by_pool = self.spin_windows
        return None if by_pool is None else [window for pool in pools for window in by_pool[pool.id]]


def profile_waits(
    trace: Trace,
    attribution: Attribution,
    *,
    frames: Sequence[Frame],
    frame_names: Sequence[tuple[str, str]],
    process: Process,
    counters: PhaseCounters,
    requests: Sequence[Request],
    settings: PerfSettings,
) -> OffCpuProfile:
    """Analyse time off the CPU between the phase's two snapshots.

    `frames` and `frame_names` are the rules' and the reader's view of `trace.frames`; `requests` are the
    phase's.
    """
    window_ns = counters.begin.time_ns, counters.end.time_ns
    off = off_cpu(trace, window_ns, counters.thread_cpu_ns())
    stretches = sharpen(counters.throttling.stretches, off, window_ns) if counters.throttling else []
    waits = classify_waits(trace, frames, off, process, requests, stretches=stretches)
    return OffCpuProfile(
        settings=settings,
        waits=waits,
        chains=wait_chains(trace, waits, requests, frame_names),
        futex=futex_use(trace, waits, requests, calls_recorded=FUTEX_ENTER in settings.wait_events),
        anatomies=dissect(
            trace.switches,
            waits,
            attribution,
            process=process,
            requests=requests,
            user_only=settings.user_only,
        ),
        spin_windows={pool.id: spin_windows(off, pool, requests, window_ns[1]) for pool in process.pools}
        or None,
    )
