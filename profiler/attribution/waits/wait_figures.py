"""`waits`, `request` and `spin_window_ms` of summary.json: the figures of time off the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from profiler.attribution.kinds import KINDS, ROLES, WAITS, Kind
from profiler.attribution.requests.anatomy import TOLERANCE, Part
from profiler.attribution.requests.workers import Meanwhile
from profiler.attribution.statistics import latency_ms, percentile, supported
from profiler.trace.model import SWITCH_OUT, WAKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from profiler.attribution.cpu.attribute import Attribution
    from profiler.attribution.pools.spin_window import SpinWindow
    from profiler.attribution.requests.anatomy import RequestAnatomy
    from profiler.attribution.waits.off_cpu import OffCpu
    from profiler.attribution.waits.wait_profile import OffCpuProfile
    from profiler.run.manifest import PhaseCounters, Request

CHAIN_ROWS = 30
"""How many chains summary.json holds; `OffCpuProfile.chains` has all."""


def no_waits(why: str) -> dict[str, Any]:
    """Return what `wait_figures` would, for a run in which context switches were not recorded."""
    return {name: {"unavailable": why} for name in ("waits", "request", "spin_window_ms")}


def wait_figures(
    profile: OffCpuProfile, attribution: Attribution, counters: PhaseCounters, requests: Sequence[Request]
) -> dict[str, Any]:
    """Return three keys of summary.json.

    `waits`: milliseconds off the CPU, see `waits_of`. `request`: where requests' wall time went, see
    `request_of`. `spin_window_ms`: how long the pool kept polling after requests, see `spin_window_of`.
    """
    return {
        "waits": waits_of(profile, attribution, counters, requests),
        "request": request_of(profile),
        "spin_window_ms": spin_window_of(profile.spin_windows),
    }


def waits_of(
    profile: OffCpuProfile, attribution: Attribution, counters: PhaseCounters, requests: Sequence[Request]
) -> dict[str, Any]:
    """Return `waits`: thread time off the CPU in the profile phase, all threads together.

    `recorded`: `switches` or `trace`. `by_kind`: ms by `Wait`. `by_role`: the same by thread role, each
    `in_request` and `idle`. `unknown_ms`: between switches of which a record is missing. `cpu_check`: CPU
    time of the phase by switches over the same by the kernel's clock; what is missing of 1 is the scheduler's
    and perf's work between a switch and its record. `runnable_counted_ms`: time ready without a CPU as the
    scheduler counts it (schedstat), which holds the wake-ups too where these were not traced. `chains`: the
    longest waits, each with its functions (leaf first). `futex`: see `futex_of`.
    """
    shape = len(ROLES), len(WAITS)
    sums = np.zeros((2, *shape))
    for kinds, busy, idle in profile.waits.parts(requests):
        cells = profile.waits.role.astype(np.int64) * len(WAITS) + kinds
        for side, spent in enumerate((busy, idle)):
            sums[side] += np.bincount(cells, weights=spent, minlength=sums[side].size).reshape(shape)
    off = profile.waits.off
    begin, end = counters.begin.threads, counters.end.threads
    counted = sum(t.runnable_ns - (begin[i].runnable_ns if i in begin else 0) for i, t in end.items())
    return {
        "recorded": profile.settings.waits.value,
        "by_kind": _waits_ms(sums.sum(axis=(0, 1))),
        "by_role": {
            role.value: {"in_request": _waits_ms(sums[0, index]), "idle": _waits_ms(sums[1, index])}
            for index, role in enumerate(ROLES)
        },
        "cpu_check": _cpu_check(off, counters),
        "unknown_ms": float((off.end_ns - off.begin_ns)[off.gap].sum()) / 1e6,
        "runnable_counted_ms": counted / 1e6,
        "chains": _chain_rows(profile),
        "futex": futex_of(profile, attribution, len(requests)),
    }


def futex_of(profile: OffCpuProfile, attribution: Attribution, requests: int) -> dict[str, Any]:
    """Return `waits.futex`: figures a request (its start to its end), of the calling thread and the pool.

    `wait_calls`, `wake_calls`: futex calls of all threads, None where these were not recorded. `blocked`:
    times that a thread left the CPU for a futex. `switches`: times that it left it at all. `cpu_ms`: CPU time
    of the futex path, by samples. `wakeup_latency_ms`: from a wake-up to running, over all requests; a p95 is
    None where they are too few. Wake-ups by timers and by other processes are not seen.
    """
    use = profile.futex
    inside = attribution.in_request & (attribution.kind == KINDS.index(Kind.FUTEX))

    def each(total: float | None) -> float | None:
        return None if total is None or not requests else total / requests

    latencies = (use.latencies_ns / 1e6).tolist()
    return {
        "wait_calls": each(use.wait_calls),
        "wake_calls": each(use.wake_calls),
        "blocked": each(use.blocked),
        "switches": each(use.switches),
        "cpu_ms": each(float(attribution.cpu_ns[inside].sum()) / 1e6),
        "wakeup_latency_ms": {
            "count": len(latencies),
            "p50": percentile(latencies, 50) if latencies else None,
            "p95": percentile(latencies, 95) if supported(95, len(latencies)) else None,
            "max": max(latencies, default=None),
        }
        if WAKING in profile.settings.wait_events
        else None,
    }


def request_of(profile: OffCpuProfile) -> dict[str, Any]:
    """Return `request`: the anatomy of requests in the profile phase.

    `wall_ms`: latency, as in `profiled`. `by_kind`: mean ms by `Part`, which sum to the mean latency.
    `meanwhile`: mean ms of what the workers did during `spin-join` and `blocked`, by `Meanwhile`;
    without `meanwhile_traced` wake-ups were not recorded, and nobody is `waking`. `runnable_own_ms`: of the
    part `runnable`, while another thread of the process had the CPU that the calling thread got next.
    `p50`, `p95`, `slowest`: one request each (that percentile by nearest rank; None where requests are too
    few), with `samples`, on which the split of its time on the CPU rests; the rest is exact. `unexplained`:
    how many requests miss more than `tolerance` of their wall time.
    """
    anatomies = profile.requests
    if not anatomies:
        return {"unavailable": "no request ended in the profile phase"}
    count = len(anatomies)
    ranked = sorted(anatomies, key=lambda anatomy: anatomy.request.latency_ns)

    def ranks(which: int) -> dict[str, Any] | None:
        if not supported(which, count):
            return None
        wanted = percentile([anatomy.request.latency_ns for anatomy in ranked], which)
        return _row(next(anatomy for anatomy in ranked if anatomy.request.latency_ns == wanted))

    return {
        "requests": count,
        "unexplained": sum(not anatomy.explained for anatomy in anatomies),
        "tolerance": TOLERANCE,
        "wall_ms": latency_ms([anatomy.request for anatomy in anatomies]),
        "by_kind": {p.value: sum(a.parts[p] for a in anatomies) / count / 1e6 for p in Part},
        "meanwhile": {m.value: sum(a.meanwhile[m] for a in anatomies) / count / 1e6 for m in Meanwhile},
        "runnable_own_ms": sum(anatomy.own_ns for anatomy in anatomies) / count / 1e6,
        "meanwhile_traced": WAKING in profile.settings.wait_events,
        "samples": sum(anatomy.samples for anatomy in anatomies),
        "p50": ranks(50),
        "p95": ranks(95),
        "slowest": _row(ranked[-1]),
    }


def spin_window_of(windows: Sequence[SpinWindow] | None) -> dict[str, Any]:
    """Return `spin_window_ms`: from a request's end until the last of the pool's threads blocked.

    `p50` and `max` in ms of wall time, over `requests`. `cut_off`: how many of these windows ended only
    because the next request began, so that they are lower bounds.
    """
    if not windows:
        why = "the session has no thread pool" if windows is None else "no request ended in the profile phase"
        return {"unavailable": why}
    lengths = [window.wall_ns / 1e6 for window in windows]
    return {
        "p50": percentile(lengths, 50),
        "max": max(lengths),
        "requests": len(lengths),
        "cut_off": sum(window.cut_off for window in windows),
    }


def _waits_ms(by_kind_ns: Any) -> dict[str, float]:
    return {wait.value: ns / 1e6 for wait, ns in zip(WAITS, by_kind_ns.tolist(), strict=True)}


def _row(anatomy: RequestAnatomy) -> dict[str, Any]:
    return {
        "wall_ms": anatomy.request.latency_ns / 1e6,
        "by_kind": {part.value: ns / 1e6 for part, ns in anatomy.parts.items()},
        "meanwhile": {what.value: ns / 1e6 for what, ns in anatomy.meanwhile.items()},
        "runnable_own_ms": anatomy.own_ns / 1e6,
        "samples": anatomy.samples,
        "explained": anatomy.explained,
    }


def _chain_rows(profile: OffCpuProfile) -> list[dict[str, Any]]:
    names = profile.chains.names
    return [
        {
            "kind": chain.kind.value,
            "role": chain.role.value,
            "in_request": chain.in_request,
            "ms": chain.wait_ns / 1e6,
            "count": chain.count,
            "functions": [names[function][0] for function in reversed(chain.functions)],
        }
        for chain in profile.chains.chains[:CHAIN_ROWS]
        if SWITCH_OUT in profile.settings.wait_events
    ]


def _cpu_check(off: OffCpu, counters: PhaseCounters) -> float | None:
    if not counters.cpu_ns:
        return None
    window = counters.end.time_ns - counters.begin.time_ns
    threads = len({*counters.thread_cpu_ns(), *off.tid.tolist()})
    return float(window * threads - (off.end_ns - off.begin_ns).sum()) / counters.cpu_ns
