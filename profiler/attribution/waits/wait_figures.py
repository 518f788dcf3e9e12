"""`waits`, `request` and `spin_window_ms` of summary.json: the figures of time off the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from profiler.attribution.requests.anatomy import TOLERANCE
from profiler.attribution.statistics import latency_figures, percentile, supported
from profiler.run.kinds import KINDS, MEANWHILE, PARTS, ROLES, WAITS, Kind, Meanwhile, Part, Wait
from profiler.run.sections.request_section import RequestFigures, RequestSplit
from profiler.run.sections.unavailable import Unavailable
from profiler.run.sections.wait_section import (
    FutexFigures,
    RoleWaits,
    SpinWindowFigures,
    WaitFigures,
    WaitingChain,
    WakeUps,
)
from profiler.trace.model import SWITCH_OUT, WAKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.pools.spin_window import SpinWindow
    from profiler.attribution.requests.anatomy import Anatomies
    from profiler.attribution.waits.off_cpu import OffCpu
    from profiler.attribution.waits.wait_profile import OffCpuProfile
    from profiler.run.manifest import PerfSettings
    from profiler.run.phase_counters import PhaseCounters
    from profiler.run.request import Request

Named = TypeVar("Named", Part, Meanwhile)

CHAIN_ROWS = 30
"""How many chains summary.json holds; `OffCpuProfile.chains` has all."""


def waits_of(
    profile: OffCpuProfile,
    attribution: Attribution,
    counters: PhaseCounters,
    requests: Sequence[Request],
    *,
    whole: bool = True,
) -> WaitFigures:
    """Return thread time off the CPU in the profile phase, all threads together.

    `whole`: these are all requests that there were, so that figures a request can be told.
    """
    shape = len(ROLES), len(WAITS)
    sums = np.zeros((2, *shape))
    for kinds, busy, idle in profile.waits.parts(requests):
        cells = profile.waits.role.astype(np.int64) * len(WAITS) + kinds
        for side, spent in enumerate((busy, idle)):
            sums[side] += np.bincount(cells, weights=spent, minlength=sums[side].size).reshape(shape)
    off = profile.waits.off
    counted = sum(counters.thread_runnable_ns().values())
    return WaitFigures(
        recorded=profile.settings.waits,
        by_kind=_waits_ms(sums.sum(axis=(0, 1))),
        by_role={
            role: RoleWaits(_waits_ms(sums[0, index]), _waits_ms(sums[1, index]))
            for index, role in enumerate(ROLES)
        },
        cpu_check=cpu_check(off, counters),
        unknown_ms=float((off.end_ns - off.begin_ns)[off.gap].sum()) / 1e6,
        runnable_counted_ms=counted / 1e6,
        chains=_chain_rows(profile),
        futex=futex_of(profile, attribution, len(requests) if whole else 0),
    )


def futex_of(profile: OffCpuProfile, attribution: Attribution, requests: int) -> FutexFigures:
    """Return what futexes cost a request; a p95 is None where wake-ups are too few."""
    use = profile.futex
    inside = attribution.in_request & (attribution.kind == KINDS.index(Kind.FUTEX))

    def per_request(total: float | None) -> float | None:
        return None if total is None or not requests else total / requests

    latencies = (use.latencies_ns / 1e6).tolist()
    wake_ups = WakeUps(
        count=len(latencies),
        p50=percentile(latencies, 50) if latencies else None,
        p95=percentile(latencies, 95) if supported(95, len(latencies)) else None,
        max=max(latencies, default=None),
    )
    return FutexFigures(
        wait_calls=per_request(use.wait_calls),
        wake_calls=per_request(use.wake_calls),
        blocked=per_request(use.blocked),
        switches=per_request(use.switches),
        cpu_ms=per_request(float(attribution.cpu_ns[inside].sum()) / 1e6),
        wakeup_latency_ms=wake_ups if WAKING in profile.settings.wait_events else None,
    )


def request_of(anatomies: Anatomies, settings: PerfSettings) -> RequestFigures | Unavailable:
    """Return the anatomy of requests in the profile phase."""
    count = len(anatomies)
    if not count:
        return Unavailable("no request ended in the profile phase")
    latency_ns = anatomies.latency_ns()
    explained = anatomies.explained()

    def split(row: int) -> RequestSplit:
        return RequestSplit(
            wall_ms=int(latency_ns[row]) / 1e6,
            by_kind=_ms(anatomies.parts_of(row)),
            meanwhile=_ms(anatomies.meanwhile_of(row)),
            runnable_own_ms=float(anatomies.own_ns[row]) / 1e6,
            samples=int(anatomies.samples[row]),
            explained=bool(explained[row]),
        )

    def ranks(which: int) -> RequestSplit | None:
        if not supported(which, count):
            return None
        wanted = percentile(latency_ns.tolist(), which)
        return split(int(np.argmax(latency_ns == wanted)))

    return RequestFigures(
        requests=count,
        unexplained=int((~explained).sum()),
        tolerance=TOLERANCE,
        wall_ms=latency_figures(anatomies.requests),
        by_kind=dict(zip(PARTS, (anatomies.parts_ns.mean(axis=0) / 1e6).tolist(), strict=True)),
        meanwhile=dict(zip(MEANWHILE, (anatomies.meanwhile_ns.mean(axis=0) / 1e6).tolist(), strict=True)),
        runnable_own_ms=float(anatomies.own_ns.mean()) / 1e6,
        meanwhile_traced=WAKING in settings.wait_events,
        samples=int(anatomies.samples.sum()),
        p50=ranks(50),
        p95=ranks(95),
        slowest=split(count - 1 - int(np.argmax(latency_ns[::-1]))),
    )


def spin_window_of(windows: Sequence[SpinWindow] | None) -> SpinWindowFigures | Unavailable:
    """Return how long pools kept polling after requests."""
    if not windows:
        why = "the session has no thread pool" if windows is None else "no request ended in the profile phase"
        return Unavailable(why)
    lengths = [window.wall_ns / 1e6 for window in windows]
    return SpinWindowFigures(
        p50=percentile(lengths, 50),
        max=max(lengths),
        requests=len(lengths),
        cut_off=sum(window.cut_off for window in windows),
    )


def _waits_ms(by_kind_ns: Any) -> dict[Wait, float]:
    return {wait: ns / 1e6 for wait, ns in zip(WAITS, by_kind_ns.tolist(), strict=True)}


def _ms(parts_ns: Mapping[Named, float]) -> dict[Named, float]:
    return {part: ns / 1e6 for part, ns in parts_ns.items()}


def _chain_rows(profile: OffCpuProfile) -> list[WaitingChain]:
    names = profile.chains.names
    return [
        WaitingChain(
            kind=chain.kind,
            role=chain.role,
            in_request=chain.in_request,
            ms=chain.wait_ns / 1e6,
            count=chain.count,
            functions=[names[function][0] for function in reversed(chain.functions)],
        )
        for chain in profile.chains.chains[:CHAIN_ROWS]
        if SWITCH_OUT in profile.settings.wait_events
    ]


def cpu_check(off: OffCpu, counters: PhaseCounters) -> float | None:
    """Return the time between waits over the CPU time that the kernel counted; None where that is none."""
    if not counters.cpu_ns:
        return None
    window = counters.end.time_ns - counters.begin.time_ns
    threads = len({*counters.thread_cpu_ns(), *off.tid.tolist()})
    return float(window * threads - (off.end_ns - off.begin_ns).sum()) / counters.cpu_ns
