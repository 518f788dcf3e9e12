"""What a CPU limit did, and what helps against it, in words; pure, from summary.json's content."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from profiler.findings.formats import count, ms, number, percent
from profiler.findings.sections import FEW_SAMPLES, MUCH_OF_WALL, section

if TYPE_CHECKING:
    from collections.abc import Mapping

MUCH_SPIN = 0.1
"""A share of the CPU time from which spinning is named as what eats the quota."""
BURST_USE = 0.8
"""Use of the quota on average below which what quiet periods leave would cover the peaks."""


def limit_text(limit: Mapping[str, Any]) -> str:
    """Return a limit as people say it: `0.1 CPU (10.0 ms in each 100 ms, burst 5.00 ms)`."""
    period = limit.get("period_us", 100_000) / 1e3
    burst = f", burst {ms(limit['burst_us'] / 1e3)}" if limit.get("burst_us") else ""
    return f"{limit['cpus']:g} CPU ({ms(limit['cpus'] * period)} in each {period:g} ms{burst})"


def least_quota_ms(cost_ms: float, rate: float, period_ms: float) -> float:
    """Return the least quota a period with which requests need not wait for another period, in ms.

    With a cost of C ms of CPU time a request, R requests a second and a period of T ms, a period holds
    n = max(1, ceil(R T / 1000)) requests at most when they come evenly, so the quota is n C. A cgroup that
    was idle starts with a fresh period, so one request finds the whole quota (sched-bwc.rst: the quota is
    refilled each period). Requests that come in bunches, as Poisson arrivals do, want more.
    """
    return max(1, math.ceil(rate * period_ms / 1e3)) * cost_ms


def quota_spent_spinning(summary: Mapping[str, Any]) -> float | None:
    """Return the share of the profile phase's quota that went into spinning, or None where it is not known.

    The quota is that of the periods in which the process ran; where debts let it use more, what it used.
    """
    limit, share = section(summary, "limit"), _share(summary, "spin")
    throttled = (section(summary, "profiled") or {}).get("throttled")
    if limit is None or share is None or not throttled:
        return None
    granted = throttled["periods"] * limit["cpus"] * limit.get("period_us", 100_000) / 1e3
    used = summary["cpu"]["total_ms"]
    return share * float(used / max(granted, used))


def headline(summary: Mapping[str, Any]) -> str:
    """Say what the limit did in the measured phase: periods, quota, the p95 request."""
    throttled = summary["measured"]["throttled"]
    share = throttled["throttled_periods"] / throttled["periods"]
    parts = [f"{percent(share)} of {count(throttled['periods'], 'period')} throttled"]
    spun = quota_spent_spinning(summary)
    if spun is not None:
        parts.append(f"{percent(spun)} of the quota was spent spinning")
    waited = throttled.get("per_request_ms", {})
    if waited.get("p95_request"):
        parts.append(f"the p95 request waited {ms(waited['p95_request'])} for the next period")
    elif waited.get("mean"):
        parts.append(f"a request waited {ms(waited['mean'])} on average for the next period")
    limit = section(summary, "limit")
    where = f"Under a limit of {limit_text(limit)}: " if limit else ""
    return f"{where}{'; '.join(parts)}."


def details(summary: Mapping[str, Any]) -> list[str]:
    """Say what a slow request waited for quota; where a pool has more threads than CPUs, or left its own."""
    return [*_tail_request(summary), *_oversubscription(summary)]


def _tail_request(summary: Mapping[str, Any]) -> list[str]:
    """Say from context switches how long the p95 request, or else the slowest, waited for quota."""
    request = section(summary, "request")
    if request is None:
        return []
    name, row = "p95", request["p95"]
    if row is None:
        name, row = "slowest", request["slowest"]
    own, workers = (row[table].get("throttled", 0.0) for table in ("by_kind", "meanwhile"))
    if own + workers < MUCH_OF_WALL * row["wall_ms"]:
        return []
    of_workers = f", {ms(workers)} of it because its workers did" if workers else ""
    waited = f"waited {ms(own + workers)} of its {ms(row['wall_ms'])} for the next period{of_workers}"
    return [f"Profiled, the {name} request {waited}."]


def _oversubscription(summary: Mapping[str, Any]) -> list[str]:
    cpus, found = section(summary, "cpus"), []
    if cpus is None:
        return []
    if cpus["threads"] > max(1, math.ceil(cpus["usable"])):
        left = [f"affinity and cpuset leave {len(cpus['allowed'])}"]
        left += [f"the quota {number(cpus['quota'])}"] if cpus["quota"] is not None else []
        found.append(
            f"ONNX Runtime's pool has {count(cpus['threads'], 'thread')} for {number(cpus['usable'])} CPU "
            f"({', '.join(left)})."
        )
    if cpus["escaped"]:
        allowed = ", ".join(str(cpu) for cpu in cpus["allowed"])
        threads = count(len(cpus["escaped"]), "pool thread is", "pool threads are")
        found.append(
            f"{threads} pinned to CPUs outside the process's affinity mask (CPU {allowed}): ONNX Runtime "
            "pins the pool that it sizes itself by the machine's cores; --threads N leaves threads where the "
            "mask puts them."
        )
    return found


def advice(summary: Mapping[str, Any]) -> list[str]:
    """Say what helps against throttling, what costs least first."""
    found = _configuration(summary)
    limit, measured = section(summary, "limit"), section(summary, "measured")
    if limit is None or measured is None:
        return [*found, "Raise the CPU limit."]
    found += _least_quota(summary, limit, measured)
    if not limit.get("burst_us") and measured["cpu_percent"] < BURST_USE * 100 * limit["cpus"]:
        found.append(
            f"On average the process used {percent(measured['cpu_percent'] / 100 / limit['cpus'])} of its "
            "quota, so a burst (--cpu-burst; cpu.max.burst) helps: quiet periods then lend to busy ones."
        )
    found.append(
        "On Kubernetes, the static CPU manager policy gives a Guaranteed pod that asks for whole CPUs cores "
        "of its own, on which there is nothing to run out of."
    )
    return found


def _configuration(summary: Mapping[str, Any]) -> list[str]:
    config, share = summary["config"], _share(summary, "spin")
    if config.get("threads") == 1:
        return []
    single = "single-thread: threads that share a quota use it up together, then all stand still"
    if share is not None and share < MUCH_SPIN:
        return [f"Try {single}."]
    if config.get("entries", {}).get("session.intra_op.allow_spinning") == "0":
        return [f"Try {single}, and one alone has nobody to wait for by spinning."]
    return [f"Try {single}. Or try spin-off, which leaves the quota to the requests."]


def _least_quota(
    summary: Mapping[str, Any], limit: Mapping[str, Any], measured: Mapping[str, Any]
) -> list[str]:
    """Return the limit that would do; closed loops take whatever there is."""
    workload = summary.get("workload", {})
    if workload.get("arrivals") == "closed" or "rate" not in workload or not measured["cpu_ms_per_request"]:
        return []
    period = limit.get("period_us", 100_000) / 1e3

    def enough(cost: float) -> str:
        least = least_quota_ms(cost, workload["rate"], period)
        return f"at least {ms(least)} in each {period:g} ms ({number(least / period)} CPU)"

    cost, idle = measured["cpu_ms_per_request"], _share(summary, "spin-idle") or 0.0
    said = f"For its {ms(cost)} of CPU time, the average request needs a limit of {enough(cost)}"
    if idle >= MUCH_SPIN:
        said += f"; without the idle spinning, {enough(cost * (1 - idle))}"
    return [f"{said}."]


def _share(summary: Mapping[str, Any], name: str) -> float | None:
    """Return the share of a category or kind of CPU time, or None without a profile that can tell."""
    cpu, perf = section(summary, "cpu"), section(summary, "perf") or {}
    if cpu is None or not cpu["total_ms"] or perf.get("samples", 0) < FEW_SAMPLES:
        return None
    parts = {**cpu.get("by_category", {}), **cpu["by_kind"]}
    return float(parts[name] / cpu["total_ms"]) if name in parts else None
